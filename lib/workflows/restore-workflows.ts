import { TrufflesError } from '../errors';
import type { LiveWorkflow, N8nApi, WorkflowBody } from '../ports/n8n-api';
import { canonicalJson } from './canonical-json';
import type { SavedState, WorkflowRecord } from './deploy-record';
import { settingsToWrite } from './neutral-settings';
import { normalText } from './normal-body';
import { progressLine } from './deploy-report';
import { notVerified, type Release } from './save-and-publish';
import type { WorkflowProblem } from './workflow-file';
import { buildWriteBody } from './write-body';

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
	const live = await findLive(context.api, states);
	const backwards = [...states].reverse();
	const rounds = [restoreLive, restoreDraft];
	for (const [round, restore] of rounds.entries()) {
		for (const [index, [key, { before = null }]] of backwards.entries()) {
			if (problems.some((problem) => problem.key === key)) continue;
			const workflow = live.get(key);
			if (workflow === undefined) {
				if (before !== null) problems.push(notRestored(key, 'it is gone from n8n or in its bin'));
				continue;
			}
			try {
				live.set(key, await restore(context, workflow, before));
				const word = before === null ? 'taken out of production' : 'as before';
				if (round === rounds.length - 1) context.onProgress(progressLine(index, backwards.length, key, word));
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

/** Found by id; a workflow whose creation was never answered, by its name. One list is faster than many questions. */
async function findLive(api: N8nApi, states: ReadonlyMap<string, WorkflowRecord>): Promise<Map<string, LiveWorkflow>> {
	const present = (await api.listWorkflows()).filter(({ isArchived }) => !isArchived);
	const found = new Map<string, LiveWorkflow>();
	for (const [key, { id }] of states) {
		const workflow = present.find((candidate) => (id === null ? candidate.name === key : candidate.id === id));
		if (workflow !== undefined) found.set(key, workflow);
	}
	return found;
}

async function restoreLive(
	{ api, release, assertMayWrite }: RestoreContext,
	live: LiveWorkflow,
	before: SavedState | null,
): Promise<LiveWorkflow> {
	const wanted = before?.activeVersionId ?? null;
	if (wanted === live.activeVersionId) return live;
	assertMayWrite();
	if (wanted === null) {
		await api.unpublishWorkflow(live.id);
		return { ...live, activeVersionId: null, activeBody: null };
	}
	try {
		return await api.publishWorkflow(live.id, { versionId: wanted, ...release });
	} catch (error) {
		// A version that n8n has forgotten is saved again in the second round.
		if (!(error instanceof TrufflesError) || error.code !== 'TRF_N8N_REFUSED') throw error;
		return live;
	}
}

async function restoreDraft(
	context: RestoreContext,
	live: LiveWorkflow,
	before: SavedState | null,
): Promise<LiveWorkflow> {
	if (before === null) return live;
	const active = before.active === 'draft' ? before.draft : before.active;
	let now = live;
	if (before.active !== 'draft' && active !== null && !isLive(now, active))
		now = await publishDraft(context, await saveBody(context, now, active));
	if (!sameContents(now.body, before.draft)) now = await saveBody(context, now, before.draft);
	// Also equal contents under two versions: the editor would show unpublished changes.
	if (before.active === 'draft') now = await publishDraft(context, now);
	// Its contents were not told when they were kept: only that version will do.
	if (active === null && now.activeVersionId !== before.activeVersionId)
		throw notVerified(live.name, 'n8n has forgotten the version that was live');
	return now;
}

function isLive({ activeBody }: LiveWorkflow, wanted: WorkflowBody): boolean {
	return activeBody !== null && sameContents(activeBody, wanted);
}

async function saveBody(
	{ api, assertMayWrite }: RestoreContext,
	live: LiveWorkflow,
	body: WorkflowBody,
): Promise<LiveWorkflow> {
	assertMayWrite();
	const wanted = writable(body);
	return await api.updateWorkflow(live.id, {
		...wanted,
		settings: settingsToWrite(wanted.settings, live.body.settings),
	});
}

/** A body that n8n has given, without what it takes from nobody. */
function writable(body: WorkflowBody): WorkflowBody {
	return buildWriteBody(body, null);
}

/** Publishes the draft unless it is live. */
async function publishDraft(
	{ api, release, assertMayWrite }: RestoreContext,
	live: LiveWorkflow,
): Promise<LiveWorkflow> {
	if (live.versionId === live.activeVersionId) return live;
	assertMayWrite();
	const after = await api.publishWorkflow(live.id, { versionId: live.versionId, ...release });
	if (after.activeVersionId !== live.versionId) throw notVerified(live.name, 'the restored version is not live');
	return after;
}

function sameContents(a: WorkflowBody, b: WorkflowBody): boolean {
	const [left, right] = [writable(a), writable(b)];
	const settings = Object.keys({ ...left.settings, ...right.settings });
	return normalText(left, settings) === normalText(right, settings);
}
