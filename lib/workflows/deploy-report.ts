import type { WorkflowChange } from './compare-workflows';
import type { DeployPlan, PlanAction, PlanStep } from './deploy-plan';
import type { DriftState } from './drift-state';
import type { WorkflowProblem } from './workflow-file';

export interface DeployedWorkflow {
	readonly key: string;
	readonly action: PlanAction;
	readonly state: DriftState;
	/** n8n's id; null for a workflow that is not there yet. */
	readonly id: string | null;
	/** The version that is live after the deploy; null when none is. */
	readonly activeVersionId: string | null;
	readonly callers: readonly string[];
	readonly changes: readonly WorkflowChange[];
}

export interface DeployReport {
	/**
	 * `pending`: a plan that found something to do. `stale`: a saved plan whose files or instance moved since.
	 * `failed`: n8n refused, did not answer, or the gateway did not answer afterwards.
	 */
	readonly result: 'done' | 'unchanged' | 'pending' | 'blocked' | 'stale' | 'failed';
	/** Null when nothing was written. */
	readonly deployId: string | null;
	readonly workflows: readonly DeployedWorkflow[];
	readonly problems: readonly WorkflowProblem[];
	/** Things a person should know that stopped nothing. */
	readonly notes: readonly string[];
	/** Writing calls for workflows and credentials that n8n accepted; 0 on a second run. */
	readonly writes: number;
	/** After a failure: whether everything touched is as it was before. */
	readonly restored: 'not-needed' | 'restored' | 'incomplete';
}

/** One workflow of a report, in the state before the deploy or after it. */
export function describeStep(
	step: PlanStep,
	activeVersionId = step.live?.activeVersionId ?? null,
	id = step.live?.id ?? null,
): DeployedWorkflow {
	return {
		key: step.file.key,
		action: step.action,
		state: step.state,
		id,
		activeVersionId,
		callers: step.callers,
		changes: step.changes,
	};
}

/** The report of a plan: nothing is written. */
export function planReport(plan: DeployPlan, notes: readonly string[] = []): DeployReport {
	const isPending = plan.steps.some((step) => step.action !== 'unchanged');
	return {
		result: plan.problems.length > 0 ? 'blocked' : isPending ? 'pending' : 'unchanged',
		deployId: null,
		workflows: plan.steps.map((step) => describeStep(step)),
		problems: plan.problems,
		notes,
		writes: 0,
		restored: 'not-needed',
	};
}

/** `[3/18] 3_WhatsApp_Adapter unchanged` */
export function progressLine(index: number, total: number, key: string, word: string): string {
	return `[${index + 1}/${total}] ${key} ${word}`;
}
