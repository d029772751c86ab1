import { RagSearch } from '../../nodes/RagSearch/RagSearch.node';
import type { Retrieval } from '../../lib/item/turn-item';
import { runNode } from '../support/run-node';
import { SalonDatabase } from '../support/salon-database';

jest.setTimeout(60_000);

let salon: SalonDatabase;

beforeAll(async () => {
	salon = await SalonDatabase.start();
	const { rows } = await salon.admin.query<{ id: string }>(
		`insert into documents (client_id, kind, path, content_hash, body) values ($1, 'price_list', 'north.md', 'h', '') returning id`,
		[salon.clientId],
	);
	await salon.admin.query(
		`insert into knowledge_chunks (client_id, document_id, ordinal, title, text, content_hash, knowledge_tag, language, valid_from)
		 values ($1, $2, 0, 'Снежный массаж', 'Снежный массаж стоит 9 000 ₸', 'h', 'north', 'ru', '2026-06-01')`,
		[salon.clientId, rows[0]?.id],
	);
});
afterAll(async () => await salon?.stop());

async function search(searchOptions: object, clientSlug = 'demo_salon') {
	return await runNode(new RagSearch(), [{ text: 'снежный массаж' }], {
		parameters: {
			source: 'fields',
			documentsFrom: 'client',
			clientSlug,
			query: 'снежный массаж',
			limit: 3,
			searchOptions: { ...searchOptions },
		},
		credentials: { trufflesPlatformApi: salon.platformCredential },
	});
}

const WANTED = 'north.md';
test.each([
	{ name: 'without a branch its documents stay out', options: {}, found: false },
	{ name: 'the branch lets them in', options: { branchTag: 'north' }, found: true },
	{ name: 'another branch does not', options: { branchTag: 'south' }, found: false },
	{ name: 'their type', options: { branchTag: 'north', documentTypes: 'faq, price_list' }, found: true },
	{ name: 'another type', options: { branchTag: 'north', documentTypes: 'faq' }, found: false },
	{ name: 'their language', options: { branchTag: 'north', language: 'ru' }, found: true },
	{ name: 'another language', options: { branchTag: 'north', language: 'kk' }, found: false },
	{ name: 'a day before they hold', options: { branchTag: 'north', validAt: '2026-05-31T12:00:00Z' }, found: false },
	{ name: 'a day on which they hold', options: { branchTag: 'north', validAt: '2026-06-02T12:00:00Z' }, found: true },
])('$name', async ({ options, found }) => {
	const run = await search(options);
	expect(run.error).toBeNull();
	const [item] = run.json.flat();
	const sources = (item as { retrieval: Retrieval }).retrieval.chunks.map(({ source }) => source);
	expect(sources.includes(WANTED)).toBe(found);
});

test.each([
	{ name: 'a date that is none', options: { validAt: 'soon' } },
	{ name: 'a similarity above 1', options: { leastSimilarity: 7 } },
])('$name is an error of the item', async ({ options }) => {
	const run = await search(options);
	expect(JSON.stringify(run.error ?? run.json)).toContain('TRF_FIELD_INVALID');
});

test('options cannot reach another business', async () => {
	const run = await search({ branchTag: 'north', clientSlug: 'demo_salon', clientId: salon.clientId }, 'nobody');
	expect(JSON.stringify(run.error ?? run.json)).toContain('TRF_CLIENT_UNKNOWN');
});
