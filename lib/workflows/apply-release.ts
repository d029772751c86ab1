import { TrufflesError } from '../errors';
import type { DeployStore } from '../ports/deploy-store';
import type { GatewayProbe } from '../ports/gateway-probe';
import type { LiveWorkflow, N8nApi } from '../ports/n8n-api';
import { countWrites } from './counted-api';
import { takeLease, type Lease, type LeaseOptions } from './deploy-lease';
import type { PlanStep } from './deploy-plan';
import {
	statesBefore,
	toEntry,
	type DeployedBy,
	type DeployRecord,
	type PromptVersion,
	type WorkflowRecord,
} from './deploy-record';
import { describeStep, planReport, progressLine, type DeployReport } from './deploy-report';
import { viewDeploy, type DeploySource, type DeployView } from './deploy-view';
import { assertGatewayAnswers, type ProbeTools } from './probe-gateway';
import { restoreWorkflows, savedState } from './restore-workflows';
import { createMissingCredentials, publishWorkflows, saveWorkflows, type Release } from './save-and-publish';
import type { WorkflowProblem } from './workflow-file';
import { hashLive } from './workflow-hash';

/** Deploys that stay in the journal and can be rolled back to. */
const KEPT_DEPLOYS = 20;

/** Where a release comes from. */
export interface ReleaseOrigin extends Release {
	readonly commit: string | null;
	readonly hasLocalChanges: boolean;
}

export interface ApplyOptions extends Omit<LeaseOptions, 'store'>, ProbeTools {
	readonly api: N8nApi;
	readonly store: DeployStore;
	readonly source: DeploySource;
	readonly release: ReleaseOrigin;
	readonly deployId: string;
	readonly by: DeployedBy;
	readonly now: () => Date;
	/** Null: the gateway is not asked (it is not part of these workflows, or somebody else checks it). */
	readonly probe: GatewayProbe | null;
	/** Further reasons not to start, asked again once the lock is held: a saved plan that is stale, a release that does not fit. */
	readonly check?: (
		view: DeployView,
	) => { readonly result: 'blocked' | 'stale'; readonly problems: readonly WorkflowProblem[] } | null;
	/** Throws when somebody wants the deploy to stop; what was done is then undone. */
	readonly assertWanted?: () => void;
	/** Kept with the deploy, so that a rollback can bring prompts back too. */
	readonly prompts?: readonly PromptVersion[];
}

/**
 * Makes n8n hold and run exactly these workflows, or leaves it as it was.
 *
 * Plan; when something is to be done: lock, plan again, write the journal, create missing credentials, save all and
 * read back, publish leaves first and the gateway last, read back, ask the gateway. A failure publishes the previous
 * versions of everything touched, callers first. Nothing is deactivated on the way, so webhooks answer throughout.
 * A run without differences takes no lock and writes nothing. A deploy that was killed is finished by the next one.
 * Never throws for what n8n or the files do; the report says it. A defect of ours is thrown on, after the way back.
 */
export async function applyRelease(options: ApplyOptions): Promise<DeployReport> {
	let view: DeployView | null = null;
	try {
		view = await viewDeploy(options.api, options.store, options.source);
		const refusal = refuse(view, options);
		if (refusal !== null) return refusal;
		if (isNothingToDo(view)) {
			sayUnchanged(view, options);
			return planReport(view.plan);
		}
		const taken = await takeLease(options);
		if (!taken.ok) return { ...planReport(view.plan), result: 'blocked', problems: [taken.problem] };
		try {
			view = await viewDeploy(options.api, options.store, options.source);
			const late = refuse(view, options);
			return late ?? (isNothingToDo(view) ? planReport(view.plan) : await runDeploy(options, view, taken.lease));
		} finally {
			await giveBack(taken.lease, options);
		}
	} catch (error) {
		return { ...planReport(view?.plan ?? { steps: [], problems: [] }), result: 'failed', problems: [problemOf(error)] };
	}
}

function refuse(view: DeployView, options: ApplyOptions): DeployReport | null {
	const further = options.check?.(view) ?? null;
	if (view.plan.problems.length === 0 && further === null) return null;
	return {
		...planReport(view.plan),
		result: further?.result ?? 'blocked',
		problems: [...(further?.problems ?? []), ...view.plan.problems],
	};
}

function isNothingToDo({ plan, interrupted }: DeployView): boolean {
	return interrupted.length === 0 && plan.steps.every((step) => step.action === 'unchanged');
}

function sayUnchanged({ plan: { steps } }: DeployView, { onProgress }: ApplyOptions): void {
	steps.forEach((step, index) => onProgress(progressLine(index, steps.length, step.file.key, 'unchanged')));
}

async function runDeploy(options: ApplyOptions, view: DeployView, lease: Lease): Promise<DeployReport> {
	const { store, source, deployId, release, onProgress } = options;
	const { steps } = view.plan;
	const notes = view.interrupted.map(
		(deploy) => `deploy ${deploy.deployId} was interrupted on ${deploy.record.by.host}; this one finishes it`,
	);
	notes.forEach((note) => onProgress(note));
	const started = startRecord(options, view, lease.id);
	await store.addEntry(toEntry({ deployId, state: 'running', record: started }));
	for (const deploy of view.interrupted) await store.changeEntry(toEntry({ ...deploy, state: 'superseded' }));

	const counted = countWrites(options.api, () => {
		options.assertWanted?.();
		lease.assertForward();
	});
	const report = (result: DeployReport['result'], live: ReadonlyMap<string, LiveWorkflow>): DeployReport => ({
		result,
		deployId,
		workflows: steps.map((step) => {
			const found = live.get(step.file.key);
			return describeStep(step, found?.activeVersionId, found?.id);
		}),
		problems: [],
		notes,
		writes: counted.writes(),
		restored: 'not-needed',
	});
	const live = new Map<string, LiveWorkflow>();
	try {
		const bindings = source.bindings ?? new Map<string, string>();
		const credentials = await createMissingCredentials(
			counted.api,
			source.inventory,
			source.credentials ?? {},
			bindings,
		);
		const context = {
			api: counted.api,
			credentials,
			bindings,
			n8nVersion: source.n8nVersion ?? null,
			release,
			onDone: (index: number, step: PlanStep, word: string) =>
				onProgress(progressLine(index, steps.length, step.file.key, word)),
		};
		const saved = await saveWorkflows(context, steps);
		for (const [key, workflow] of await publishWorkflows(context, steps, saved)) live.set(key, workflow);
		if (options.probe !== null) await assertGatewayAnswers(options.probe, options);
		await store.changeEntry(toEntry({ deployId, state: 'done', record: endRecord(started, steps, live, options) }));
	} catch (error) {
		const problems = await bringBack(options, lease, started, failureOf(error));
		if (!(error instanceof TrufflesError)) throw error;
		return { ...report('failed', live), problems, restored: problems.length === 1 ? 'restored' : 'incomplete' };
	}
	await forgetOld(options);
	return report('done', live);
}

function startRecord(options: ApplyOptions, { plan, interrupted }: DeployView, lockId: string): DeployRecord {
	const { release, by, now, prompts } = options;
	const inherited = statesBefore(interrupted);
	const workflows: Record<string, WorkflowRecord> = {};
	for (const [key, state] of inherited) if (!plan.steps.some((step) => step.file.key === key)) workflows[key] = state;
	for (const { file, action, live } of plan.steps) {
		const earlier = inherited.get(file.key);
		const before = earlier === undefined ? savedState(live) : (earlier.before ?? null);
		const isTouched = action !== 'unchanged' || earlier !== undefined;
		workflows[file.key] = { id: live?.id ?? null, ...(isTouched ? { before } : {}) };
	}
	return {
		format: 1,
		commit: release.commit,
		hasLocalChanges: release.hasLocalChanges,
		release: release.name,
		startedAt: now().toISOString(),
		endedAt: null,
		by,
		lockId,
		workflows,
		...(prompts === undefined ? {} : { prompts }),
	};
}

function endRecord(
	started: DeployRecord,
	steps: readonly PlanStep[],
	live: ReadonlyMap<string, LiveWorkflow>,
	{ now, source }: ApplyOptions,
): DeployRecord {
	const workflows: Record<string, WorkflowRecord> = { ...started.workflows };
	for (const { file, fileHash } of steps) {
		const found = live.get(file.key);
		if (found === undefined) continue;
		const liveHash = hashLive(found, Object.keys(file.json.settings), source.sha256);
		workflows[file.key] = { ...workflows[file.key], id: found.id, after: { fileHash, liveHash } };
	}
	return { ...started, endedAt: now().toISOString(), workflows };
}

/** Returns the failure, and behind it whatever could not be brought back. The journal then still says `running`. */
async function bringBack(
	options: ApplyOptions,
	lease: Lease,
	started: DeployRecord,
	failure: WorkflowProblem,
): Promise<WorkflowProblem[]> {
	const { store, deployId, now, release, onProgress } = options;
	onProgress(`failed: ${failure.message}`);
	onProgress('bringing the previous versions back');
	try {
		const context = {
			api: options.api,
			release: { name: `back from ${release.name}`, description: `deploy ${deployId} failed` },
			assertMayWrite: () => lease.assertBackward(),
			onProgress,
		};
		const states = statesBefore([{ deployId, state: 'running', record: started }]);
		const problems = await restoreWorkflows(context, states);
		if (problems.length > 0) return [failure, ...problems, leftInTheMiddle];
		const record = { ...started, endedAt: now().toISOString(), reason: failure.message };
		await store.changeEntry(toEntry({ deployId, state: 'failed', record }));
		return [failure];
	} catch (error) {
		return [failure, problemOf(error), leftInTheMiddle];
	}
}

const leftInTheMiddle: WorkflowProblem = {
	code: 'left-in-the-middle',
	key: null,
	message:
		'the deploy stands in the middle. Run it again to finish it, or "rollback" to bring the earlier versions back',
};

/** Old entries hold whole workflows; only the newest are of use. The deploy is done by now: a failure here undoes nothing. */
async function forgetOld({ store, onProgress }: ApplyOptions): Promise<void> {
	try {
		await store.forgetOld(KEPT_DEPLOYS);
	} catch (error) {
		onProgress(`old journal entries stay for now: ${problemOf(error).message}`);
	}
}

/** A lock that cannot be given back ends by itself. */
export async function giveBack(lease: Lease, { onProgress }: Pick<ApplyOptions, 'onProgress'>): Promise<void> {
	try {
		await lease.release();
	} catch (error) {
		onProgress(`the lock could not be given back and ends by itself: ${problemOf(error).message}`);
	}
}

/** Also a defect of ours must not leave the instance in the middle; it is thrown on afterwards. */
function failureOf(error: unknown): WorkflowProblem {
	return error instanceof TrufflesError ? problemOf(error) : { code: 'defect', key: null, message: String(error) };
}

/** What went wrong, for a report. Anything without a code is a defect of ours and is thrown on. */
export function problemOf(error: unknown): WorkflowProblem {
	if (!(error instanceof TrufflesError)) throw error;
	return { code: error.code, key: null, message: error.message };
}
