import type { DeployReport } from './deploy-workflows';

const MARKS = { create: '+', update: '~', publish: '^', unchanged: '=' } as const;

/** A report for a terminal: one line per workflow, its changes below it, then the problems. */
export function deployReportText(report: DeployReport): string {
	const width = Math.max(0, ...report.workflows.map((workflow) => workflow.key.length));
	const lines = report.workflows.flatMap(({ key, action, changes }) => [
		`  ${MARKS[action]} ${key.padEnd(width)}  ${WORDS[action]}`,
		...changes.map((change) => `      ${change.text}`),
	]);
	for (const problem of report.problems) lines.push(`  ! ${problem.key === null ? '' : `${problem.key}: `}${problem.message} [${problem.code}]`);
	return [...lines, SUMMARIES[report.result](report)].join('\n');
}

const WORDS = {
	create: 'new',
	update: 'differs',
	publish: 'saved, not live',
	unchanged: 'unchanged',
} as const;

const SUMMARIES: Readonly<Record<DeployReport['result'], (report: DeployReport) => string>> = {
	done: (report) => `done: ${report.writes} writes, all workflows live`,
	unchanged: () => 'nothing to do: all workflows are saved and live as in the files',
	pending: () => 'changes are pending: nothing was written',
	blocked: (report) => `blocked: ${report.problems.length} ${report.problems.length === 1 ? 'problem' : 'problems'}; nothing was written`,
	failed: (report) => `failed after ${report.writes} writes; run it again when the cause is gone`,
};
