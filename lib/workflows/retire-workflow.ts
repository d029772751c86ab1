import type { DeployStore } from '../ports/deploy-store';
import type { N8nApi } from '../ports/n8n-api';
import { giveBack, problemOf } from './apply-release';
import { takeLease, type LeaseOptions } from './deploy-lease';
import { identifyWorkflows } from './live-identity';
import { liveCallers } from './portable-workflow';
import type { WorkflowProblem } from './workflow-file';

/** n8n takes a moment to let go of a workflow that has just been unpublished. */
const ARCHIVE_ATTEMPTS = 5;
const ARCHIVE_PAUSE_MS = 400;

export interface RetireOptions extends Omit<LeaseOptions, 'store'> {
	readonly api: N8nApi;
	readonly store: DeployStore;
	readonly key: string;
	/** Whether `workflows/` still holds the file. */
	readonly hasFile: boolean;
	readonly lockedIds: ReadonlyMap<string, string>;
	readonly dryRun: boolean;
	readonly sleep: (ms: number) => Promise<void>;
}

export interface RetireReport {
	readonly result: 'done' | 'unchanged' | 'pending' | 'blocked' | 'failed';
	readonly key: string;
	readonly problems: readonly WorkflowProblem[];
}

/** Takes a workflow without a file out of production and puts it into n8n's bin, from which the editor can take it back. */
export async function retireWorkflow(options: RetireOptions): Promise<RetireReport> {
	const { api, key } = options;
	const report = (result: RetireReport['result'], ...problems: WorkflowProblem[]): RetireReport => ({
		result,
		key,
		problems,
	});
	const problem = (code: string, message: string): WorkflowProblem => ({ code, key, message });
	try {
		if (options.hasFile)
			return report(
				'blocked',
				problem(
					'retire-has-file',
					'its file is still in workflows/; remove it first, or the next deploy creates it again',
				),
			);
		const workflows = await api.listWorkflows();
		const identity = identifyWorkflows([key], workflows, options.lockedIds);
		if (identity.problems.length > 0) return report('blocked', ...identity.problems);
		const live = identity.byKey.get(key);
		if (live === undefined) return report('unchanged');
		const callers = liveCallers(live.id, workflows);
		if (callers.length > 0)
			return report(
				'blocked',
				problem('retire-has-callers', `${callers.join(', ')} still call it; deploy them without it first`),
			);
		if (options.dryRun) return report('pending');
		const taken = await takeLease(options);
		if (!taken.ok) return report('blocked', taken.problem);
		try {
			if (live.activeVersionId !== null) await api.unpublishWorkflow(live.id);
			await archive(options, live.id);
			return report('done');
		} finally {
			await giveBack(taken.lease, options);
		}
	} catch (error) {
		return report('failed', problemOf(error));
	}
}

async function archive({ api, sleep }: RetireOptions, id: string): Promise<void> {
	for (let attempt = 1; ; attempt += 1) {
		try {
			return await api.archiveWorkflow(id);
		} catch (error) {
			if (attempt === ARCHIVE_ATTEMPTS) throw error;
			await sleep(ARCHIVE_PAUSE_MS);
		}
	}
}
