import { judge } from '../../../scripts/stack/check-flow';
import { countJest } from '../../../scripts/suites/run-suite';

// Plain JavaScript, because it runs before TypeScript is installed.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { explainFailure } = require('../../../scripts/install-packages.cjs') as {
	explainFailure: (what: string, output: string) => string;
};

describe('totals of a suite', () => {
	test.each([
		{
			name: 'counts passed, failed, skipped and todo',
			report: { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 },
			code: 1,
			expected: { passed: 5, failed: 1, skipped: 3 },
		},
		{
			name: 'a file that cannot run is a failure',
			report: { numPassedTests: 5, numFailedTests: 0, numRuntimeErrorTestSuites: 1 },
			code: 1,
			expected: { passed: 5, failed: 1, skipped: 0 },
		},
		{
			name: 'a run without a report is a failure',
			report: null,
			code: 134,
			expected: { passed: 0, failed: 1, skipped: 0 },
		},
		{
			name: 'green tests with a red exit code are a failure',
			report: { numPassedTests: 5 },
			code: 1,
			expected: { passed: 5, failed: 1, skipped: 0 },
		},
		{
			name: 'no tests are no failure',
			report: { numPassedTests: 0 },
			code: 0,
			expected: { passed: 0, failed: 0, skipped: 0 },
		},
	])('$name', ({ report, code, expected }) => {
		expect(countJest(report, code)).toEqual(expected);
	});
});

describe('check messages', () => {
	const good = { reply: 'Маникюр — 8\u202f000\u00a0₸', outcome: 'answered', delivery: 'sent', language: 'ru' };
	const wanted = { text: '?', outcome: 'answered', contains: ['8 000'], language: 'ru' };

	test('a price with narrow spaces is the price', () =>
		expect(judge(wanted, good)).toEqual({ ok: true, problems: [] }));
	test.each([
		['another price', { ...good, reply: '9 000 ₸' }, /lacks "8 000"/],
		['a reply that never reached the phone', { ...good, delivery: 'failed' }, /not delivered/],
		['another outcome', { ...good, outcome: 'handed_over' }, /expected answered/],
		['another language', { ...good, language: 'kk' }, /expected ru/],
	])('%s fails', (_name, result, problem) => {
		const { ok, problems } = judge(wanted, result);
		expect(ok).toBe(false);
		expect(problems.join()).toMatch(problem);
	});
});

describe('a failed install is one line that says what to do', () => {
	test.each([
		['npm error code ENOSPC', /No space left .* Free some space/],
		['npm error network request to x failed, reason: getaddrinfo ENOTFOUND x', /registry cannot be reached/],
		['npm error code EINTEGRITY', /broken and has been removed\. Run the command again/],
		['npm error code EACCES', /No permission/],
		['npm error code E404', /refused a package/],
		['npm error something new', /failed \(something new\)/],
	])('%s', (output, line) => {
		const text = explainFailure('n8n', output);
		expect(text).toMatch(line);
		expect(text).not.toContain('\n');
	});
});
