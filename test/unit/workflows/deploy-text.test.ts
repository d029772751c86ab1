import { planReport, type DeployReport } from '../../../lib/workflows/deploy-report';
import { deployReportText } from '../../../lib/workflows/deploy-text';

/** The last line of a report is what a person in an incident reads. */
describe('the last line of a failed deploy', () => {
	const cases: readonly { name: string; given: Partial<DeployReport>; expected: string }[] = [
		{ name: 'before the first write', given: { writes: 0 }, expected: 'failed; nothing was written' },
		{
			name: 'in the smoke after it was done: nothing was taken back',
			given: { writes: 16 },
			expected: 'failed after 16 writes, which stand: what is live is new',
		},
		{
			name: 'brought back',
			given: { writes: 3, restored: 'restored' },
			expected: 'failed after 3 writes; everything is as it was before',
		},
		{
			name: 'not brought back',
			given: { writes: 3, restored: 'incomplete' },
			expected: 'failed after 3 writes, and not everything could be brought back',
		},
	];
	for (const { name, given, expected } of cases) {
		test(name, () => {
			const report = { ...planReport({ steps: [], problems: [] }), result: 'failed' as const, ...given };
			expect(deployReportText(report).split('\n').at(-1)).toBe(expected);
		});
	}
});
