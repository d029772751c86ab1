import type { LiveCredential, LiveWorkflow } from '../ports/n8n-api';
import { compareWorkflows, type WorkflowChange } from './compare-workflows';
import { credentialProblems, unlistedCredentials, type NeededCredential } from './credential-inventory';
import { driftState, type DriftState } from './drift-state';
import { identifyWorkflows } from './live-identity';
import { portableNames, toPortable, type PortableNames } from './portable-workflow';
import { publishOrder } from './publish-order';
import { collectWorkflowReferences, unreadableCalls } from './references';
import type { WorkflowFile, WorkflowProblem } from './workflow-file';
import { hashFile, hashLive, type Sha256, type SideHashes } from './workflow-hash';
import { buildWriteBody } from './write-body';

/**
 * `create`: absent; `update`: the saved copy differs; `publish`: saved as wanted, but something else or nothing is
 * live; `unchanged`: saved and live as wanted.
 */
export type PlanAction = 'create' | 'update' | 'publish' | 'unchanged';

export interface PlanStep {
	readonly file: WorkflowFile;
	readonly action: PlanAction;
	/** The live workflow of this key, or null before it is created. */
	readonly live: LiveWorkflow | null;
	readonly changes: readonly WorkflowChange[];
	readonly state: DriftState;
	/** Keys of the workflows that call this one. */
	readonly callers: readonly string[];
	readonly fileHash: string;
	readonly liveHash: string | null;
}

export interface DeployPlan {
	/** In the order of saving and publishing: what is called comes first. Empty when the order cannot be told. */
	readonly steps: readonly PlanStep[];
	/** Every reason not to start. Nothing may be written while there is one. */
	readonly problems: readonly WorkflowProblem[];
}

export interface PlanInput {
	readonly files: readonly WorkflowFile[];
	readonly inventory: readonly NeededCredential[];
	readonly liveWorkflows: readonly LiveWorkflow[];
	readonly liveCredentials: readonly LiveCredential[];
	/** Names of missing credentials that the apply creates first; they do not block. */
	readonly willCreate: ReadonlySet<string>;
	/** Name of a credential in the files -> its name in this environment. */
	readonly bindings: ReadonlyMap<string, string>;
	/** Key -> id, from the lock file. */
	readonly lockedIds: ReadonlyMap<string, string>;
	/** What the last deploy left. */
	readonly baseline: ReadonlyMap<string, SideHashes>;
	/** Keys whose live copy may be written over although somebody edited it. */
	readonly overwrite: ReadonlySet<string> | 'all';
	readonly n8nVersion: string | null;
	readonly sha256: Sha256;
}

/** Compares files with what n8n holds. Pure: given the same data, the same plan. */
export function buildPlan(input: PlanInput): DeployPlan {
	const { files, liveWorkflows } = input;
	const identity = identifyWorkflows(
		files.map((file) => file.key),
		liveWorkflows,
		input.lockedIds,
	);
	const problems = [
		...fileProblems(files),
		...unlistedCredentials(files, input.inventory),
		...credentialProblems(input.inventory, input.liveCredentials, input.bindings, input.willCreate),
		...identity.problems,
	];
	const order = publishOrder(files);
	if (order.kind === 'cycle') {
		const message = `these workflows call each other in a circle: ${order.keys.join(', ')}`;
		return { steps: [], problems: [...problems, { code: 'reference-cycle', key: null, message }] };
	}
	const keysById = new Map([...identity.byKey].map(([key, workflow]) => [workflow.id, key]));
	const names = portableNames(keysById, input.liveCredentials, input.bindings);
	const steps = order.keys.flatMap((key) => {
		const file = files.find((candidate) => candidate.key === key);
		return file === undefined ? [] : [planStep(file, identity.byKey.get(key) ?? null, names, input)];
	});
	return { steps, problems: [...problems, ...steps.flatMap((step) => editProblems(step, input.overwrite))] };
}

/** Keys of the files that name this one as a sub-workflow or as their error workflow. */
export function callersOf(key: string, files: readonly WorkflowFile[]): string[] {
	return files
		.filter((file) => collectWorkflowReferences(file.json).some((reference) => reference.key === key))
		.map((file) => file.key);
}

function planStep(file: WorkflowFile, live: LiveWorkflow | null, names: PortableNames, input: PlanInput): PlanStep {
	const changes =
		live === null ? [] : compareWorkflows(toPortable(live.body, names), buildWriteBody(file.json, input.n8nVersion));
	const action = actionFor(live, changes);
	const fileHash = hashFile(file, input.sha256);
	const liveHash = live === null ? null : hashLive(live, Object.keys(file.json.settings), input.sha256);
	return {
		file,
		action,
		live,
		changes,
		state: driftState(action === 'unchanged', { fileHash, liveHash }, input.baseline.get(file.key) ?? null),
		callers: callersOf(file.key, input.files),
		fileHash,
		liveHash,
	};
}

function actionFor(live: LiveWorkflow | null, changes: readonly WorkflowChange[]): PlanAction {
	if (live === null) return 'create';
	if (changes.length > 0) return 'update';
	return live.activeVersionId === live.versionId ? 'unchanged' : 'publish';
}

/** An edit made in n8n after the last deploy is never written over by accident. */
function editProblems({ file: { key }, state, live }: PlanStep, overwrite: PlanInput['overwrite']): WorkflowProblem[] {
	if (state !== 'drifted' && state !== 'conflict') return [];
	if (overwrite === 'all' || overwrite.has(key)) return [];
	const what =
		live === null
			? 'was removed from n8n after the last deploy'
			: `was changed in n8n after the last deploy (${live.updatedAt})${state === 'conflict' ? ', and so was its file' : ''}`;
	const way = live === null ? '' : `bring the change into the file with "export --only ${key}", or `;
	return [{ code: 'live-edited', key, message: `${what}: ${way}put the file over it with --overwrite ${key}` }];
}

function fileProblems(files: readonly WorkflowFile[]): WorkflowProblem[] {
	const keys = new Set(files.map((file) => file.key));
	return files.flatMap(({ key, json }) => [
		...unreadableCalls(json).map((nodeName) => ({
			code: 'reference-unreadable',
			key,
			message: `"${nodeName}" names no workflow: parameters.workflowId must be a resource locator with a key`,
		})),
		...collectWorkflowReferences(json)
			.filter((reference) => !keys.has(reference.key))
			.map((reference) => ({
				code: 'reference-unknown',
				key,
				message: `${reference.nodeName === null ? 'settings.errorWorkflow' : `"${reference.nodeName}"`} names ${reference.key}, and there is no such file`,
			})),
	]);
}
