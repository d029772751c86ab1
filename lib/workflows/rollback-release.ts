import type { DeployStore } from '../ports/deploy-store';
import type { GatewayProbe } from '../ports/gateway-probe';
import type { N8nApi } from '../ports/n8n-api';
import { giveBack, problemOf } from './apply-release';
import { takeLease, type LeaseOptions } from './deploy-lease';
import {
	readJournal,
	statesBefore,
	toEntry,
	type Deploy,
	type PromptVersion,
	type WorkflowRecord,
} from './deploy-record';
import { assertGatewayAnswers, type ProbeTools } from './probe-gateway';
import { restoreWorkflows } from './restore-workflows';
import type { WorkflowProblem } from './workflow-file';

/** What a rollback goes back to: the deploy before the last one, a deploy by its id, or the last one of a commit. */
export type RollbackTarget =
	| { readonly kind: 'previous' }
	| { readonly kind: 'deploy'; readonly deployId: string }
	| { readonly kind: 'commit'; readonly commit: string };

export type RollbackPlan =
	| {
			readonly kind: 'ready';
			/** Newest first. */
			readonly undone: readonly Deploy[];
			/** The deploy that is in effect afterwards, null before the first one. */
			readonly target: Deploy | null;
			/** In the order of publishing. */
			readonly states: ReadonlyMap<string, WorkflowRecord>;
	  }
	| { readonly kind: 'nothing' }
	/** The journal does not know it; a commit can still be deployed from git. */
	| { readonly kind: 'unknown'; readonly problem: WorkflowProblem };

/** Which deploys have to be undone. An interrupted deploy counts as the last one. @param deploys newest first */
export function planRollback(deploys: readonly Deploy[], target: RollbackTarget): RollbackPlan {
	const inEffect = deploys.filter(({ state }) => state === 'done' || state === 'running');
	const keep = target.kind === 'previous' ? 1 : inEffect.findIndex((deploy) => isTarget(deploy, target));
	if (keep === -1) {
		const what =
			target.kind === 'deploy'
				? `deploy ${target.deployId}`
				: target.kind === 'commit'
					? `a deploy of ${target.commit}`
					: '';
		return {
			kind: 'unknown',
			problem: {
				code: 'rollback-unknown',
				key: null,
				message: `${what} is not in effect in the journal; "status" lists what is`,
			},
		};
	}
	const undone = inEffect.slice(0, keep);
	if (undone.length === 0) return { kind: 'nothing' };
	return { kind: 'ready', undone, target: inEffect[keep] ?? null, states: statesBefore(undone) };
}

function isTarget({ deployId, state, record }: Deploy, target: RollbackTarget): boolean {
	if (state !== 'done') return false;
	if (target.kind === 'deploy') return deployId === target.deployId;
	return target.kind === 'commit' && record.commit === target.commit && !record.hasLocalChanges;
}

export interface RollbackOptions extends Omit<LeaseOptions, 'store'>, ProbeTools {
	readonly api: N8nApi;
	readonly store: DeployStore;
	readonly target: RollbackTarget;
	readonly dryRun: boolean;
	readonly now: () => Date;
	readonly probe: GatewayProbe | null;
	/** Called once the workflows are back, with the prompts that were active then. */
	readonly restorePrompts?: (prompts: readonly PromptVersion[] | null) => Promise<string>;
}

export interface RollbackReport {
	readonly result: 'done' | 'unchanged' | 'pending' | 'blocked' | 'failed';
	readonly undone: readonly string[];
	/** The deploy that is in effect afterwards. */
	readonly target: string | null;
	readonly workflows: readonly string[];
	readonly problems: readonly WorkflowProblem[];
	readonly notes: readonly string[];
}

/**
 * Brings back what was live before the last deploy (or all deploys after a given one): everything live within two calls
 * per workflow, then drafts and settings. Run again after an interruption, it goes on. Never throws for what n8n does.
 */
export async function rollbackRelease(options: RollbackOptions): Promise<RollbackReport> {
	const { store } = options;
	try {
		const look = async (): Promise<RollbackPlan> =>
			planRollback(readJournal(await store.listEntries()), options.target);
		const plan = await look();
		if (plan.kind === 'unknown') return { ...EMPTY, result: 'blocked', problems: [plan.problem] };
		if (plan.kind === 'nothing') return EMPTY;
		if (options.dryRun) return { ...describe(plan), result: 'pending' };
		const taken = await takeLease(options);
		if (!taken.ok) return { ...describe(plan), result: 'blocked', problems: [taken.problem] };
		try {
			// Whoever had the lock meanwhile may have deployed or rolled back: that is not what was asked to be undone.
			const now = await look();
			if (now.kind !== 'ready' || describe(now).undone.join() !== describe(plan).undone.join())
				return { ...describe(plan), result: 'blocked', problems: [MOVED] };
			return await runRollback(options, now, () => taken.lease.assertBackward());
		} finally {
			await giveBack(taken.lease, options);
		}
	} catch (error) {
		return { ...EMPTY, result: 'failed', problems: [problemOf(error)] };
	}
}

const EMPTY: RollbackReport = { result: 'unchanged', undone: [], target: null, workflows: [], problems: [], notes: [] };

const MOVED: WorkflowProblem = {
	code: 'rollback-moved',
	key: null,
	message: 'another deploy or rollback has ended meanwhile; see "status", and roll back again if it is still wanted',
};

type ReadyPlan = Extract<RollbackPlan, { kind: 'ready' }>;

function describe({ undone, target, states }: ReadyPlan): RollbackReport {
	return {
		...EMPTY,
		undone: undone.map((deploy) => deploy.deployId),
		target: target?.deployId ?? null,
		workflows: [...states.keys()].reverse(),
	};
}

async function runRollback(
	options: RollbackOptions,
	plan: ReadyPlan,
	assertMayWrite: () => void,
): Promise<RollbackReport> {
	const { api, store, now, onProgress } = options;
	const name = plan.target === null ? 'before the first deploy' : plan.target.record.release;
	const problems = await restoreWorkflows(
		{
			api,
			release: { name, description: `rollback of ${plan.undone.map((deploy) => deploy.deployId).join(', ')}` },
			assertMayWrite,
			onProgress,
		},
		plan.states,
	);
	if (problems.length > 0) return { ...describe(plan), result: 'failed', problems };
	// Before the deploys count as undone: what fails here is done again by the same rollback, and nothing else.
	const notes = options.restorePrompts === undefined ? [] : [await options.restorePrompts(promptsBefore(plan.undone))];
	for (const deploy of plan.undone) {
		const record = { ...deploy.record, endedAt: now().toISOString(), reason: 'rolled back' };
		await store.changeEntry(toEntry({ ...deploy, state: 'undone', record }));
	}
	if (options.probe === null || plan.target === null) return { ...describe(plan), result: 'done', notes };
	try {
		await assertGatewayAnswers(options.probe, options);
		return { ...describe(plan), result: 'done', notes };
	} catch (error) {
		const back = 'the earlier versions are back; another rollback would go further back and is not the answer to this';
		return { ...describe(plan), result: 'failed', problems: [problemOf(error)], notes: [...notes, back] };
	}
}

function promptsBefore(undone: readonly Deploy[]): readonly PromptVersion[] | null {
	return undone.at(-1)?.record.prompts ?? null;
}
