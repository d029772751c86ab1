import { TrufflesError } from '../errors';
import type { LiveCredential, LiveWorkflow, N8nApi, N8nReader, WorkflowBody } from '../ports/n8n-api';
import { compareWorkflows, type WorkflowChange } from './compare-workflows';
import { matchCredential, type NeededCredential } from './credential-inventory';
import { buildPlan, type DeployPlan, type PlanAction, type PlanStep } from './deploy-plan';
import { settingsToWrite } from './neutral-settings';
import { resolveReferences, type ReferenceResolver } from './references';
import type { WorkflowFile, WorkflowProblem } from './workflow-file';
import { buildWriteBody } from './write-body';

/** How a version that this deploy publishes is called in n8n's version history. */
export interface Release {
	readonly name: string;
	readonly description: string;
}

/** The secret parts of credentials by name; never logged, never compared (n8n does not return them). */
export type CredentialData = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface DeployedWorkflow {
	readonly key: string;
	readonly action: PlanAction;
	/** n8n's id; null for a workflow that a dry run would create. */
	readonly id: string | null;
	/** The version that is live after the deploy; null when none is. */
	readonly activeVersionId: string | null;
	readonly changes: readonly WorkflowChange[];
}

export interface DeployReport {
	/** `pending`: a dry run that found something to do. `failed`: n8n refused or did not answer in the middle. */
	readonly result: 'done' | 'unchanged' | 'pending' | 'blocked' | 'failed';
	readonly workflows: readonly DeployedWorkflow[];
	readonly problems: readonly WorkflowProblem[];
	/** Writing calls that n8n accepted; 0 on a second run. */
	readonly writes: number;
}

export interface DeployOptions {
	/** A dry run needs (and gets) the reading half only. */
	readonly api: N8nApi;
	readonly files: readonly WorkflowFile[];
	readonly inventory: readonly NeededCredential[];
	/** When given, missing credentials of the inventory are created from it; existing ones are left alone. */
	readonly credentials?: CredentialData;
	readonly release?: Release;
	readonly dryRun?: boolean;
	/** One line per workflow, `[3/8] 3_WhatsApp_Adapter unchanged`. */
	readonly onProgress?: (line: string) => void;
}

const DEFAULT_RELEASE: Release = { name: 'deploy-workflows', description: 'Published by deploy-workflows' };

/**
 * Makes n8n hold and run exactly these workflows: plan, create missing credentials, save all (leaves first), read
 * back, publish leaves first and the gateway last, read back. What is live stays live until its successor is published.
 * Safe to repeat after an interruption: what was done is recognised, and a run without differences writes nothing.
 * Never throws for what n8n or the files do; the report says it.
 */
export async function deployWorkflows(options: DeployOptions): Promise<DeployReport> {
	const done = new Map<string, DeployedWorkflow>();
	const counted = countWrites(options.api);
	try {
		return await runDeploy({ ...options, api: counted.api }, done, () => counted.writes());
	} catch (error) {
		if (!(error instanceof TrufflesError)) throw error;
		return {
			result: 'failed',
			workflows: [...done.values()],
			problems: [{ code: error.code, key: null, message: error.message }],
			writes: counted.writes(),
		};
	}
}

/** What a deploy would do. Takes a reader: it cannot write. Throws TRF_N8N_REFUSED and TRF_N8N_UNREACHABLE. */
export async function planDeploy(
	reader: N8nReader,
	files: readonly WorkflowFile[],
	inventory: readonly NeededCredential[],
	credentials: CredentialData = {},
): Promise<DeployPlan> {
	const [liveWorkflows, liveCredentials] = [await reader.listWorkflows(), await reader.listCredentials()];
	return buildPlan({ files, inventory, liveWorkflows, liveCredentials, willCreate: new Set(Object.keys(credentials)) });
}

async function runDeploy(options: DeployOptions, done: Map<string, DeployedWorkflow>, writes: () => number): Promise<DeployReport> {
	const { api, files, inventory, credentials = {} } = options;
	const plan = await planDeploy(api, files, inventory, credentials);
	for (const step of plan.steps) done.set(step.file.key, describe(step, step.live));
	const finish = (result: DeployReport['result']): DeployReport => ({ result, workflows: [...done.values()], problems: plan.problems, writes: writes() });
	if (plan.problems.length > 0) return finish('blocked');
	if (options.dryRun === true) {
		plan.steps.forEach((step, index) => options.onProgress?.(progressLine(index, plan.steps.length, step.file.key, step.action)));
		return finish(plan.steps.every((step) => step.action === 'unchanged') ? 'unchanged' : 'pending');
	}
	const liveCredentials = await createMissingCredentials(api, inventory, credentials);
	const saved = await saveAll(api, plan.steps, liveCredentials);
	for (const [index, step] of plan.steps.entries()) {
		const live = await publishStep(api, step, saved.get(step.file.key), options.release ?? DEFAULT_RELEASE);
		done.set(step.file.key, describe(step, live));
		options.onProgress?.(progressLine(index, plan.steps.length, step.file.key, DONE_WORDS[step.action]));
	}
	return finish(writes() === 0 ? 'unchanged' : 'done');
}

async function createMissingCredentials(
	api: N8nApi,
	inventory: readonly NeededCredential[],
	credentials: CredentialData,
): Promise<readonly LiveCredential[]> {
	const live = await api.listCredentials();
	for (const { name, type } of inventory) {
		const data = credentials[name];
		if (data === undefined || matchCredential(type, name, live).kind !== 'missing') continue;
		live.push(await api.createCredential({ name, type, data }));
	}
	return live;
}

/** Saves what differs, then reads all of it back. Returns the live state of every workflow by key. */
async function saveAll(
	api: N8nApi,
	steps: readonly PlanStep[],
	credentials: readonly LiveCredential[],
): Promise<ReadonlyMap<string, LiveWorkflow>> {
	const live = new Map<string, LiveWorkflow>();
	for (const step of steps) if (step.live !== null) live.set(step.file.key, step.live);
	const resolver = idResolver(live, credentials);
	const written = steps.filter((step) => step.action === 'create' || step.action === 'update');
	for (const { file, live: before } of written) {
		const body = buildWriteBody(resolveReferences(file.json, resolver));
		const after =
			before === null
				? await createOnce(api, body)
				: await api.updateWorkflow(before.id, { ...body, settings: settingsToWrite(body.settings, before.body.settings) });
		live.set(file.key, after);
	}
	for (const { file } of written) {
		const found = await readBack(api, file.key, live.get(file.key)?.id);
		const [difference] = compareWorkflows(found.body, buildWriteBody(resolveReferences(file.json, resolver)));
		if (difference !== undefined) throw notVerified(file.key, difference.text);
		live.set(file.key, found);
	}
	return live;
}

async function createOnce(api: N8nApi, body: WorkflowBody): Promise<LiveWorkflow> {
	const others = (await api.findWorkflows(body.name)).filter((workflow) => !workflow.isArchived);
	if (others.length > 0) throw notVerified(body.name, 'it appeared in n8n after the plan was made');
	return api.createWorkflow(body);
}

async function publishStep(api: N8nApi, step: PlanStep, saved: LiveWorkflow | undefined, release: Release): Promise<LiveWorkflow> {
	const { key } = step.file;
	if (saved === undefined) throw notVerified(key, 'it was not saved');
	if (saved.activeVersionId === saved.versionId) return saved;
	await api.publishWorkflow(saved.id, { versionId: saved.versionId, ...release });
	const found = await readBack(api, key, saved.id);
	if (found.activeVersionId !== saved.versionId) throw notVerified(key, 'the saved version is not the live one');
	return found;
}

async function readBack(api: N8nReader, key: string, id: string | undefined): Promise<LiveWorkflow> {
	const found = id === undefined ? null : await api.getWorkflow(id);
	if (found === null) throw notVerified(key, 'it is gone');
	return found;
}

function notVerified(workflow: string, problem: string): TrufflesError {
	return new TrufflesError('TRF_DEPLOY_NOT_VERIFIED', { workflow, problem });
}

/** Ids of what exists by now; the plan has made sure that everything named is known and saved before its callers. */
function idResolver(live: ReadonlyMap<string, LiveWorkflow>, credentials: readonly LiveCredential[]): ReferenceResolver {
	return {
		workflowId(key) {
			const id = live.get(key)?.id;
			if (id === undefined) throw notVerified(key, 'a caller needs its id before it was saved');
			return id;
		},
		credentialId(type, name) {
			const match = matchCredential(type, name, credentials);
			if (match.kind !== 'found') throw notVerified(name, `the credential of type ${type} is ${match.kind}`);
			return match.id;
		},
	};
}

function describe(step: PlanStep, live: LiveWorkflow | null): DeployedWorkflow {
	return {
		key: step.file.key,
		action: step.action,
		id: live?.id ?? null,
		activeVersionId: live?.activeVersionId ?? null,
		changes: step.changes,
	};
}

const DONE_WORDS: Readonly<Record<PlanAction, string>> = {
	create: 'created and published',
	update: 'updated and published',
	publish: 'published',
	unchanged: 'unchanged',
};

function progressLine(index: number, total: number, key: string, word: string): string {
	return `[${index + 1}/${total}] ${key} ${word}`;
}

function countWrites(api: N8nApi): { api: N8nApi; writes(): number } {
	let writes = 0;
	const counting =
		<Args extends unknown[], Answer>(write: (...args: Args) => Promise<Answer>) =>
		async (...args: Args): Promise<Answer> => {
			const answer = await write(...args);
			writes += 1;
			return answer;
		};
	return {
		writes: () => writes,
		api: {
			listWorkflows: () => api.listWorkflows(),
			findWorkflows: (name) => api.findWorkflows(name),
			getWorkflow: (id) => api.getWorkflow(id),
			listCredentials: () => api.listCredentials(),
			createWorkflow: counting((body) => api.createWorkflow(body)),
			updateWorkflow: counting((id, body) => api.updateWorkflow(id, body)),
			publishWorkflow: counting((id, version) => api.publishWorkflow(id, version)),
			createCredential: counting((credential) => api.createCredential(credential)),
		},
	};
}
