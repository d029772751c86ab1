import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NeededCredential } from '../../../lib/workflows/credential-inventory';
import type { LintProblem } from '../../../lib/workflows/lint/lint-rule';
import { findProblems, LINT_RULES, RULE_LINES } from '../../../lib/workflows/lint/lint-workflows';
import { parseWorkflowFile, type WorkflowFile } from '../../../lib/workflows/workflow-file';

/** Each rule has a folder with a fixture that breaks it, and says how, and one that does not. */
const FIXTURES = join(__dirname, '..', '..', 'fixtures', 'workflows-lint');

interface Fixture {
	readonly files: readonly { readonly name: string }[];
	readonly inventory: readonly NeededCredential[];
	/** An earlier state of the files. */
	readonly before?: readonly { readonly name: string }[];
	/** Every problem of the rule; `says` is a part of its message. */
	readonly expected?: readonly { readonly key: string | null; readonly node: string | null; readonly says: string }[];
}

function readFixture(code: string, name: 'fail' | 'pass'): Fixture {
	return JSON.parse(readFileSync(join(FIXTURES, code, `${name}.json`), 'utf8')) as Fixture;
}

function problemsOf(code: string, fixture: Fixture): LintProblem[] {
	const read = (json: { readonly name: string }): WorkflowFile => {
		const parsed = parseWorkflowFile(`${json.name}.json`, JSON.stringify(json));
		if (!parsed.ok) throw new Error(`${code}: ${JSON.stringify(parsed.problems)}`);
		return parsed.file;
	};
	const files = fixture.files.map(read);
	const before = (fixture.before ?? []).map(read);
	const { inventory } = fixture;
	const rule = LINT_RULES.find((candidate) => candidate.code === code);
	// The rule about silencing looks at what all the others find.
	return (
		rule?.check({ files, inventory, before }) ??
		findProblems(files, inventory).filter((problem) => problem.code === code)
	);
}

test('every rule has its fixtures, and every fixture its rule', () => {
	expect(readdirSync(FIXTURES).sort()).toEqual(RULE_LINES.map((rule) => rule.code).sort());
});

test('every rule is a file of its name', () => {
	const files = readdirSync(join(__dirname, '..', '..', '..', 'lib', 'workflows', 'lint'));
	expect(RULE_LINES.map((rule) => `${rule.code}.ts`).filter((name) => !files.includes(name))).toEqual([]);
});

for (const { code } of RULE_LINES) {
	test(`${code}: the failing fixture has exactly the problems that it names`, () => {
		const { expected = [], ...fixture } = readFixture(code, 'fail');
		const left = problemsOf(code, fixture);
		const missing = expected.filter(({ key, node, says }) => {
			const index = left.findIndex(
				(problem) => problem.key === key && problem.node === node && problem.message.includes(says),
			);
			if (index !== -1) left.splice(index, 1);
			return index === -1;
		});
		expect({ missing, unexpected: left }).toEqual({ missing: [], unexpected: [] });
		expect(expected.length).toBeGreaterThan(0);
	});

	test(`${code}: the passing fixture has none`, () => {
		expect(problemsOf(code, readFixture(code, 'pass'))).toEqual([]);
	});
}

test('no message repeats the secret, phone number or address that it found', () => {
	const messages = RULE_LINES.flatMap(({ code }) =>
		problemsOf(code, readFixture(code, 'fail')).map((problem) => problem.message),
	);
	expect(messages.length).toBeGreaterThan(100);
	expect(messages.filter((message) => /sk-proj|hunter2|AAEabc|570-55-55|owner@/.test(message))).toEqual([]);
});
