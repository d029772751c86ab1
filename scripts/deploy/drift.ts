import { createDeployStoreReader } from '../../lib/adapters/n8n-deploy-store';
import { readJournal, type Deploy } from '../../lib/workflows/deploy-record';
import type { DeployedWorkflow } from '../../lib/workflows/deploy-report';
import { EXIT } from './deploy-exit';
import { printResult, type OutputFlags } from './deploy-output';
import type { DeployTarget } from './deploy-target';
import { runPlan, type Workflows } from './plan-and-apply';

/** Everything may be written over: drift only looks, so edits are not problems. */
const LOOK_ONLY = ['all'];
const SHOWN_DEPLOYS = 5;

/** How files and instance stand to each other. What could not be read is `unknown`, never clean. */
export async function runDrift(target: DeployTarget, workflows: Workflows, flags: OutputFlags): Promise<number> {
	const { report } = await runPlan(target, workflows, LOOK_ONLY, false);
	const states = statesOf(report.workflows, workflows, report.result);
	const lines = [
		...states.map(({ key, state }) => `${state.padEnd(8)}  ${key}`),
		...report.problems.map(
			(problem) => `problem   ${problem.key === null ? '' : `${problem.key}: `}${problem.message}`,
		),
	];
	printResult(
		{ env: target.environment.name, verb: 'drift', workflows: states, problems: report.problems },
		lines,
		flags,
	);
	return exitOf(report.result, states);
}

/** Drift, the last deploys, and whether somebody deploys right now. */
export async function runStatus(target: DeployTarget, workflows: Workflows, flags: OutputFlags): Promise<number> {
	const { report, head } = await runPlan(target, workflows, LOOK_ONLY, false);
	const states = statesOf(report.workflows, workflows, report.result);
	const store = createDeployStoreReader(target.access);
	const [entries, lock] = await Promise.all([store.listEntries(), store.findLock()]).catch(() => [null, null] as const);
	const deploys = entries === null ? null : readJournal(entries).slice(0, SHOWN_DEPLOYS).map(summarise);
	const lines = [
		`${target.environment.name}  ${head}`,
		...states.map(({ key, state }) => `  ${state.padEnd(8)}  ${key}`),
		...report.problems.map((problem) => `  ! ${problem.key === null ? '' : `${problem.key}: `}${problem.message}`),
		deploys === null
			? 'deploys: the journal cannot be read'
			: deploys.length === 0
				? 'deploys: none on record'
				: 'deploys, newest first:',
		...(deploys ?? []).map(
			({ deployId, state, release, startedAt, changed }) =>
				`  ${state.padEnd(10)}  ${deployId}  ${release}  ${startedAt}  ${changed.length} changed`,
		),
		...(lock === null ? [] : [`locked for ${Math.round(lock.ageMs / 1000)} s`]),
	];
	const { problems } = report;
	printResult(
		{ env: target.environment.name, verb: 'status', workflows: states, deploys, lock, problems },
		lines,
		flags,
	);
	return exitOf(report.result, states);
}

interface ShownState {
	readonly key: string;
	readonly state: DeployedWorkflow['state'];
}

function statesOf(known: readonly DeployedWorkflow[], { files }: Workflows, result: string): ShownState[] {
	// A plan that failed or is blocked before it could look has no workflows.
	if (known.length === 0 && result !== 'unchanged') return files.map(({ key }) => ({ key, state: 'unknown' as const }));
	return known.map(({ key, state }) => ({ key, state }));
}

function exitOf(result: string, states: readonly ShownState[]): number {
	if (result === 'failed') return EXIT.failed;
	return result === 'unchanged' && states.every(({ state }) => state === 'in-sync') ? EXIT.done : EXIT.pending;
}

function summarise({ deployId, state, record }: Deploy): {
	deployId: string;
	state: string;
	release: string;
	startedAt: string;
	changed: readonly string[];
} {
	const changed = Object.entries(record.workflows)
		.filter(([, workflow]) => workflow.before !== undefined)
		.map(([key]) => key);
	return { deployId, state, release: record.release, startedAt: record.startedAt, changed };
}
