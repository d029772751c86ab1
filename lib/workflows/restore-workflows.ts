import { TrufflesError } from '../errors';
import type { LiveWorkflow, N8nApi, WorkflowBody } from '../ports/n8n-api';
import { canonicalJson } from './canonical-json';
import type { SavedState, WorkflowRecord } from './deploy-record';
import { settingsToWrite } from './neutral-settings';
import { normalText } from './normal-body';
import type { Release } from './save-and-publish';
import type { WorkflowProblem } from './workflow-file';

export interface RestoreContext {
	readonly api: N8nApi;
	/** How the versions that are published again are called. */
	readonly release: Release;
	/** Called before each write. */
	readonly assertMayWrite: () => void;
	readonly onProgress: (line: string) => void;
}

/** What a workflow was, for keeping it in the journal. */
export function savedState(live: LiveWorkflow | null): SavedState | null {
	if (live === null) return null;
	const { activeVersionId, body, activeBody } = live;
	const isDraftLive = activeBody !== null && canonicalJson(activeBody) === canonicalJson(body);
	return { activeVersionId, draft: body, active: isDraftLive ? 'draft' : activeBody };
}

/**
 * Brings workflows back to earlier states, callers first. In the first round everything earlier is live again, by
 * publishing the earlier versions that n8n still has; the second restores drafts and settings, and what n8n has
 * forgotten. A workflow that did not exist before is taken out of production and keeps its draft.
 *
 * @param states in the order of publishing
 * @returns what could not be restored; the others were
 */
export async function restoreWorkflows(
	context: RestoreContext,
	states: ReadonlyMap<string, WorkflowRecord>,
): Promise<WorkflowProblem[]> {
	const problems: WorkflowProblem[] = [];
	const backwards = [...states].reverse();
	const rounds = [restoreLive, restoreDraft];
	for (const [round, restore] of rounds.entries()) {
		for (const [index, [key, { id, before = null }]] of backwards.entries()) {
			if (problems.some((problem) => problem.key === key)) continue;
			try {
				const live = await findLive(context.api, key, id);
				if (live === null) {
					if (before !== null) problems.push(notRestored(key, 'it is gone from n8n or in its bin'));
					continue;
				}
				const word = await restore(context, live, before);
				if (round === rounds.length - 1) context.onProgress(`[${index + 1}/${backwards.length}] ${key} ${word}`);
			} catch (error) {
				if (!(error instanceof TrufflesError)) throw error;
				problems.push(notRestored(key, error.message));
			}
		}
	}
	return problems;
}

function notRestored(key: string, problem: string): WorkflowProblem {
	return { code: 'not-restored', key, message: problem };
}

/** Found by id; a workflow whose creation was never answered, by its name. */
async function findLive(api: N8nApi, key: string, id: string | null): Promise<LiveWorkflow | null> {
	const found = id === null ? await api.findWorkflows(key) : [await api.getWorkflow(id)];
	return found.find((workflow) => workflow !== null && !workflow.isArchived) ?? null;
}

async function restoreLive(
	{ api, release, assertMayWrite }: RestoreContext,
	live: LiveWorkflow,
	before: SavedState | null,
): Promise<string> {
	const wanted = before?.activeVersionId ?? null;
	if (wanted === live.activeVersionId) return 'as before';
	assertMayWrite();
	if (wanted === null) {
		await api.unpublishWorkflow(live.id);
		return 'unpublished';
	}
	try {
		await api.publishWorkflow(live.id, { versionId: wanted, ...release });
	} catch (error) {
		// A version that n8n has forgotten is saved again in the second round.
		if (!(error instanceof TrufflesError) || error.code !== 'TRF_N8N_REFUSED') throw error;
	}
	return 'restored';
}

async function restoreDraft(
	context: RestoreContext,
	live: LiveWorkflow,
	before: SavedState | null,
): Promise<string> {
	if (before === null) return live.activeVersionId === null ? 'is a draft only' : 'is live';
	const active = before.active === 'draft' ? before.draft : before.active;
	let now = live;
	let isRestored = false;
	if (active !== null && (now.activeBody === null || !sameContents(now.activeBody, active))) {
		now = await saveBody(context, now, active);
		if (now.versionId !== now.activeVersionId) now = await publishDraft(context, now);
		isRestored = true;
	}
	if (!sameContents(now.body, before.draft)) {
		now = await saveBody(context, now, before.draft);
		isRestored = true;
	}
	if (before.active === 'draft' && now.versionId !== now.activeVersionId) {
		// Equal contents under two versions: the editor would show unpublished changes.
		now = await publishDraft(context, now);
		isRestored = true;
	}
	return isRestored || now.activeVersionId === before.activeVersionId ? 'restored' : 'as before';
}

async function saveBody(
	{ api, assertMayWrite }: RestoreContext,
	live: LiveWorkflow,
	body: WorkflowBody,
): Promise<LiveWorkflow> {
	assertMayWrite();
	return await api.updateWorkflow(live.id, { ...body, settings: settingsToWrite(writable(body), live.body.settings) });
}

/** Settings without those that n8n sends and takes from nobody. */
function writable({ settings }: WorkflowBody): WorkflowBody['settings'] {
	const { binaryMode: _mode, credentialResolverId: _resolver, ...rest } = settings;
	return rest;
}

async function publishDraft(
	{ api, release, assertMayWrite }: RestoreContext,
	live: LiveWorkflow,
): Promise<LiveWorkflow> {
	assertMayWrite();
	await api.publishWorkflow(live.id, { versionId: live.versionId, ...release });
	const found = await api.getWorkflow(live.id);
	if (found === null || found.activeVersionId !== live.versionId)
		throw new TrufflesError('TRF_DEPLOY_NOT_VERIFIED', { workflow: live.name, problem: 'the restored version is not live' });
	return found;
}

function sameContents(a: WorkflowBody, b: WorkflowBody): boolean {
	const settings = Object.keys({ ...writable(a), ...writable(b) });
	return normalText(a, settings) === normalText(b, settings);
}
