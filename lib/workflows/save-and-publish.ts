import { TrufflesError } from '../errors';
import type { LiveCredential, LiveWorkflow, N8nApi, N8nReader, WorkflowBody } from '../ports/n8n-api';
import { compareWorkflows } from './compare-workflows';
import { matchCredential, type NeededCredential } from './credential-inventory';
import type { PlanAction, PlanStep } from './deploy-plan';
import { settingsToWrite } from './neutral-settings';
import { portableNames, toPortable } from './portable-workflow';
import { resolveReferences, type ReferenceResolver } from './references';
import type { WorkflowFile } from './workflow-file';
import { buildWriteBody } from './write-body';

/** How a version that a deploy publishes is called in n8n's version history. */
export interface Release {
	readonly name: string;
	readonly description: string;
}

/** The secret parts of credentials by their name in the files; never logged, never compared (n8n does not return them). */
export type CredentialData = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What saving and publishing needs besides the steps. */
export interface PublishContext {
	readonly api: N8nApi;
	readonly credentials: readonly LiveCredential[];
	readonly bindings: ReadonlyMap<string, string>;
	readonly n8nVersion: string | null;
	readonly release: Release;
	/** Called when a workflow is as it should be. */
	readonly onDone: (index: number, step: PlanStep, word: string) => void;
}

/** Creates the credentials of the inventory that are missing and whose data is given. Returns all that are there then. */
export async function createMissingCredentials(
	api: N8nApi,
	inventory: readonly NeededCredential[],
	data: CredentialData,
	bindings: ReadonlyMap<string, string>,
): Promise<LiveCredential[]> {
	const live = await api.listCredentials();
	for (const { name, type } of inventory) {
		const secret = data[name];
		const here = bindings.get(name) ?? name;
		if (secret === undefined || matchCredential(type, here, live).kind !== 'missing') continue;
		live.push(await api.createCredential({ name: here, type, data: secret }));
	}
	return live;
}

/**
 * Saves what differs as drafts, leaves first, then reads all of it back: what is live stays live, except settings,
 * which n8n keeps once per workflow. Returns the live state of every workflow by key.
 */
export async function saveWorkflows(
	context: PublishContext,
	steps: readonly PlanStep[],
): Promise<ReadonlyMap<string, LiveWorkflow>> {
	const { api, n8nVersion } = context;
	const live = new Map<string, LiveWorkflow>();
	for (const step of steps) if (step.live !== null) live.set(step.file.key, step.live);
	const resolver = idResolver(live, context);
	const written = steps.filter((step) => step.action === 'create' || step.action === 'update');
	for (const { file, live: before } of written) {
		const body = buildWriteBody(resolveReferences(file.json, resolver), n8nVersion);
		const after =
			before === null
				? await createOnce(api, body)
				: await api.updateWorkflow(before.id, {
						...body,
						settings: settingsToWrite(body.settings, before.body.settings),
					});
		live.set(file.key, after);
	}
	for (const { file } of written) {
		const found = await readBack(api, file.key, live.get(file.key)?.id);
		verifySaved(file, found, live, context);
		live.set(file.key, found);
	}
	return live;
}

/** Publishes what is not live as saved, in the order of the steps, and reads each back. Returns the states after it. */
export async function publishWorkflows(
	context: PublishContext,
	steps: readonly PlanStep[],
	saved: ReadonlyMap<string, LiveWorkflow>,
): Promise<ReadonlyMap<string, LiveWorkflow>> {
	const live = new Map(saved);
	for (const [index, step] of steps.entries()) {
		const { key } = step.file;
		const before = saved.get(key);
		if (before === undefined) throw notVerified(key, 'it was not saved');
		if (before.activeVersionId !== before.versionId) {
			await context.api.publishWorkflow(before.id, { versionId: before.versionId, ...context.release });
			const found = await readBack(context.api, key, before.id);
			if (found.activeVersionId !== before.versionId) throw notVerified(key, 'the saved version is not the live one');
			live.set(key, found);
		}
		context.onDone(index, step, DONE_WORDS[step.action]);
	}
	return live;
}

/** A write that n8n accepted is not what n8n holds. */
export function notVerified(workflow: string, problem: string): TrufflesError {
	return new TrufflesError('TRF_DEPLOY_NOT_VERIFIED', { workflow, problem });
}

const DONE_WORDS: Readonly<Record<PlanAction, string>> = {
	create: 'created and published',
	update: 'updated and published',
	publish: 'published',
	unchanged: 'unchanged',
};

async function createOnce(api: N8nApi, body: WorkflowBody): Promise<LiveWorkflow> {
	const others = (await api.findWorkflows(body.name)).filter((workflow) => !workflow.isArchived);
	if (others.length > 0) throw notVerified(body.name, 'it appeared in n8n after the plan was made');
	return api.createWorkflow(body);
}

async function readBack(api: N8nReader, key: string, id: string | undefined): Promise<LiveWorkflow> {
	const found = id === undefined ? null : await api.getWorkflow(id);
	if (found === null) throw notVerified(key, 'it is gone');
	return found;
}

function verifySaved(
	file: WorkflowFile,
	found: LiveWorkflow,
	live: ReadonlyMap<string, LiveWorkflow>,
	{ credentials, bindings, n8nVersion }: PublishContext,
): void {
	const keysById = new Map([...live].map(([key, workflow]) => [workflow.id, key]));
	const names = portableNames(keysById, credentials, bindings);
	const [difference] = compareWorkflows(toPortable(found.body, names), buildWriteBody(file.json, n8nVersion));
	if (difference !== undefined) throw notVerified(file.key, difference.text);
}

/** Ids of what exists by now; the plan has made sure that everything named is known and saved before its callers. */
function idResolver(
	live: ReadonlyMap<string, LiveWorkflow>,
	{ credentials, bindings }: PublishContext,
): ReferenceResolver {
	return {
		workflowId(key) {
			const id = live.get(key)?.id;
			if (id === undefined) throw notVerified(key, 'a caller needs its id before it was saved');
			return id;
		},
		credential(type, name) {
			const here = bindings.get(name) ?? name;
			const match = matchCredential(type, here, credentials);
			if (match.kind !== 'found') throw notVerified(here, `the credential of type ${type} is ${match.kind}`);
			return { id: match.id, name: here };
		},
	};
}
