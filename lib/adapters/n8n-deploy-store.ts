/**
 * Lock and journal of deploys, kept in the n8n that is deployed to, so that every machine that may deploy shares them
 * and an ephemeral CI runner leaves nothing behind. Read and tried in n8n 2.40.5, community edition:
 *
 * - the lock is a tag: its name is unique in n8n's database, so `POST /tags` is one atomic step, and it has a creation
 *   time by the server's clock;
 * - the journal is a data table with one row per deploy. n8n keeps earlier versions of a workflow for a day only
 *   without a licence, so the journal holds what a rollback needs.
 */
import { TrufflesError } from '../errors';
import type { DeployState, DeployStore, DeployStoreReader, HeldLock, JournalEntry } from '../ports/deploy-store';
import { isJsonObject } from '../workflows/workflow-file';
import { listAll, malformed, send, sendUnlessMissing, type N8nApiOptions } from './n8n-request';

/** n8n takes at most 24 characters. */
export const LOCK_TAG = 'truffles-deploy-lock';
export const JOURNAL_TABLE = 'truffles_deploys';
const COLUMNS = ['deploy_id', 'state', 'record'] as const;
/** A row can hold every workflow of a deploy; a page must stay below what the HTTP adapter reads. */
const ROWS_PER_PAGE = 3;
/** By the row's number, which n8n gives: clocks of the machines that deploy may differ. n8n wants the colon encoded. */
const NEWEST_FIRST = 'sortBy=id%3Adesc';
const TAGS_PER_PAGE = 250;
const STATES: readonly DeployState[] = ['running', 'done', 'failed', 'undone', 'superseded'];

/** The reading half, for plan, drift and status. */
export function createDeployStoreReader(options: N8nApiOptions): DeployStoreReader {
	return {
		listEntries: () => listRows(options, () => false),
		listRecent: () => listRows(options, ({ state }) => state === 'done'),
		findLock: () => findLock(options),
	};
}

/** The store with its writing half. */
export function createDeployStore(options: N8nApiOptions): DeployStore {
	return {
		...createDeployStoreReader(options),
		async takeLock() {
			const answer = await sendUnlessMissing(options, 'POST', '/tags', { name: LOCK_TAG });
			if (answer.kind === 'conflict') return null;
			const tag = answer.kind === 'ok' ? answer.body : null;
			if (!isJsonObject(tag) || typeof tag.id !== 'string') throw malformed('POST', '/tags', 'a tag without id');
			return tag.id;
		},
		async dropLock(id) {
			await sendUnlessMissing(options, 'DELETE', `/tags/${encodeURIComponent(id)}`);
		},
		async addEntry(entry) {
			const table = (await findTable(options)) ?? (await createTable(options));
			await send(options, 'POST', `/data-tables/${table}/rows`, { data: [toRow(entry)], returnType: 'count' });
		},
		async changeEntry(entry) {
			const table = await requireTable(options);
			await send(options, 'PATCH', `/data-tables/${table}/rows/update`, {
				filter: where('deploy_id', 'eq', entry.deployId),
				data: { state: entry.state, record: entry.record },
			});
		},
		async forgetOld(keptEntries) {
			const table = await requireTable(options);
			const newest = await send(options, 'GET', `/data-tables/${table}/rows?limit=1&${NEWEST_FIRST}`);
			const row = isJsonObject(newest) && Array.isArray(newest.data) ? (newest.data[0] as unknown) : undefined;
			if (row === undefined) return;
			const filter = where('id', 'lte', parseRow(row).row - keptEntries);
			const query = `filter=${encodeURIComponent(JSON.stringify(filter))}`;
			await sendUnlessMissing(options, 'DELETE', `/data-tables/${table}/rows/delete?${query}`);
		},
	};
}

/** Pages of rows, newest first, until one is the last that is asked for. */
async function listRows(options: N8nApiOptions, isLast: (entry: JournalEntry) => boolean): Promise<JournalEntry[]> {
	const table = await findTable(options);
	const entries: JournalEntry[] = [];
	if (table === null) return entries;
	let cursor: string | null = null;
	do {
		const suffix: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
		const path = `/data-tables/${table}/rows?limit=${ROWS_PER_PAGE}&${NEWEST_FIRST}${suffix}`;
		const page = await send(options, 'GET', path);
		if (!isJsonObject(page) || !Array.isArray(page.data)) throw malformed('GET', path, 'no list in "data"');
		for (const { entry } of page.data.map(parseRow)) {
			// The pages shift when an entry is added meanwhile.
			if (entries.some(({ deployId }) => deployId === entry.deployId)) continue;
			entries.push(entry);
			if (isLast(entry)) return entries;
		}
		cursor = typeof page.nextCursor === 'string' && page.nextCursor !== cursor ? page.nextCursor : null;
	} while (cursor !== null);
	return entries;
}

async function findLock(options: N8nApiOptions): Promise<HeldLock | null> {
	let cursor: string | null = null;
	do {
		const suffix: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
		const answer = await sendUnlessMissing(options, 'GET', `/tags?limit=${TAGS_PER_PAGE}${suffix}`);
		const page = answer.kind === 'ok' && isJsonObject(answer.body) ? answer.body : null;
		if (page === null || !Array.isArray(page.data)) throw malformed('GET', '/tags', 'no list in "data"');
		for (const tag of page.data as unknown[]) {
			if (!isJsonObject(tag) || tag.name !== LOCK_TAG || typeof tag.id !== 'string') continue;
			const serverTimeMs = (answer.kind === 'ok' ? answer.serverTimeMs : null) ?? Date.now();
			return { id: tag.id, ageMs: Math.max(0, serverTimeMs - Date.parse(String(tag.createdAt))) };
		}
		cursor = typeof page.nextCursor === 'string' && page.nextCursor !== cursor ? page.nextCursor : null;
	} while (cursor !== null);
	return null;
}

async function findTable(options: N8nApiOptions): Promise<string | null> {
	const rows = await listAll(options, '/data-tables?limit=100');
	const table = rows.find((row) => isJsonObject(row) && row.name === JOURNAL_TABLE);
	return isJsonObject(table) && typeof table.id === 'string' ? table.id : null;
}

async function requireTable(options: N8nApiOptions): Promise<string> {
	const table = await findTable(options);
	if (table !== null) return table;
	throw new TrufflesError('TRF_DEPLOY_NOT_VERIFIED', { workflow: JOURNAL_TABLE, problem: 'the journal is gone' });
}

async function createTable(options: N8nApiOptions): Promise<string> {
	const made = await send(options, 'POST', '/data-tables', {
		name: JOURNAL_TABLE,
		columns: COLUMNS.map((name) => ({ name, type: 'string' })),
	});
	if (!isJsonObject(made) || typeof made.id !== 'string') throw malformed('POST', '/data-tables', 'a table without id');
	return made.id;
}

function where(columnName: string, condition: 'eq' | 'lte', value: string | number): unknown {
	return { type: 'and', filters: [{ columnName, condition, value }] };
}

function toRow({ deployId, state, record }: JournalEntry): Record<(typeof COLUMNS)[number], string> {
	return { deploy_id: deployId, state, record };
}

function parseRow(row: unknown): { readonly row: number; readonly entry: JournalEntry } {
	const state = isJsonObject(row) ? STATES.find((known) => known === row.state) : undefined;
	if (
		!isJsonObject(row) ||
		typeof row.id !== 'number' ||
		typeof row.deploy_id !== 'string' ||
		typeof row.record !== 'string' ||
		state === undefined
	)
		throw malformed('GET', '/data-tables/{id}/rows', `a row of ${JOURNAL_TABLE} that this version does not know`);
	return { row: row.id, entry: { deployId: row.deploy_id, state, record: row.record } };
}
