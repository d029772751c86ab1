import type { DeployedWorkflow, DeployReport } from './deploy-report';

const MARKS = { create: '+', update: '~', publish: '^', unchanged: '=' } as const;

/** A report for a terminal: one line per workflow, its changes below it, then the problems. */
export function deployReportText(report: DeployReport): string {
	const width = Math.max(0, ...report.workflows.map((workflow) => workflow.key.length));
	const lines = report.workflows.flatMap((workflow) => [
		`  ${MARKS[workflow.action]} ${workflow.key.padEnd(width)}  ${summary(workflow)}`,
		...workflow.changes.map((change) => `      ${change.text}`),
	]);
	for (const problem of report.problems)
		lines.push(`  ! ${problem.key === null ? '' : `${problem.key}: `}${problem.message} [${problem.code}]`);
	for (const note of report.notes) lines.push(`  note: ${note}`);
	return [...lines, SUMMARIES[report.result](report)].join('\n');
}

/** A plan for the description of a pull request. */
export function deployReportMarkdown(report: DeployReport, title: string): string {
	const moved = report.workflows.filter((workflow) => workflow.action !== 'unchanged');
	const lines = [`### ${title}`, ''];
	if (moved.length > 0) {
		lines.push('| workflow | what happens | since the last deploy | callers |', '|---|---|---|---|');
		for (const workflow of moved)
			lines.push(
				`| ${workflow.key} | ${WORDS[workflow.action]} | ${workflow.state} | ${workflow.callers.join(', ') || 'none'} |`,
			);
		lines.push('');
	}
	for (const { key, changes } of moved) {
		if (changes.length === 0) continue;
		const count = `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`;
		lines.push(
			`<details><summary>${key}: ${count}</summary>`,
			'',
			...changes.map((change) => `- ${code(change.text)}`),
			'',
			'</details>',
			'',
		);
	}
	for (const problem of report.problems)
		lines.push(`- **blocked** ${problem.key === null ? '' : `${problem.key}: `}${problem.message}`);
	for (const note of report.notes) lines.push(`- ${note}`);
	const unchanged = report.workflows.length - moved.length;
	return [...lines, `${SUMMARIES[report.result](report)}. ${unchanged} unchanged.`].join('\n');
}

/** Text that cannot break out of a code span. */
function code(text: string): string {
	const ticks = '`'.repeat(Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length)) + 1);
	return `${ticks} ${text.replace(/\s+/g, ' ')} ${ticks}`;
}

const WORDS = {
	create: 'new',
	update: 'differs',
	publish: 'saved, not live',
	unchanged: 'unchanged',
} as const;

function summary({ action, state, changes, callers }: DeployedWorkflow): string {
	if (action === 'unchanged') return WORDS.unchanged;
	const isLayout = changes.length > 0 && changes.every((change) => change.kind === 'layout');
	const what = isLayout ? 'layout only' : WORDS[action];
	const since = state === 'pending' ? '' : `; ${state}`;
	return `${what}${since}${callers.length === 0 ? '' : `; callers: ${callers.join(', ')}`}`;
}

const SUMMARIES: Readonly<Record<DeployReport['result'], (report: DeployReport) => string>> = {
	done: (report) =>
		`done: ${report.writes} writes, all workflows live${report.deployId === null ? '' : `; deploy ${report.deployId}`}`,
	unchanged: () => 'nothing to do: all workflows are saved and live as in the files',
	pending: () => 'changes are pending: nothing was written',
	blocked: (report) =>
		`blocked: ${report.problems.length} ${report.problems.length === 1 ? 'problem' : 'problems'}; nothing was written`,
	stale: () => 'stale: the plan does not hold any more; nothing was written. Make a new one',
	failed: (report) =>
		({
			'not-needed':
				report.writes === 0
					? 'failed; nothing was written'
					: `failed after ${report.writes} writes, which stand: what is live is new`,
			restored: `failed after ${report.writes} writes; everything is as it was before`,
			incomplete: `failed after ${report.writes} writes, and not everything could be brought back`,
		})[report.restored],
};
