import { randomUUID } from 'node:crypto';

import { QdrantVectors } from '../../lib/adapters/qdrant-vectors';
import { indexClient } from '../../lib/knowledge/index-client';
import { LexicalIndexCache } from '../../lib/knowledge/lexical-index-cache';
import type { StoredChunk } from '../../lib/knowledge/knowledge-store';
import { searchKnowledge, type KnowledgeSearch } from '../../lib/knowledge/search-knowledge';
import { type HttpRecorder, startHttpRecorder } from '../support/http-recorder';
import { InboxFixture } from '../support/inbox-fixture';

const NOW = new Date('2026-11-21T10:00:00Z');
/** A directory for all kinds of questions, so that a test needs no model. */
const MEANINGS: ReadonlyArray<{ readonly words: RegExp; readonly vector: readonly number[] }> = [
	{ words: /парков|машин/u, vector: [1, 0, 0] },
	{ words: /серти|подар/u, vector: [0, 1, 0] },
	{ words: /.*/u, vector: [0, 0, 1] },
];

let fixture: InboxFixture;
let chunkIds: Record<string, string>;

beforeAll(async () => {
	fixture = await InboxFixture.start(2);
	chunkIds = {};
	const rows = [
		{ client: 0, key: 'parking', title: 'Парковка', text: 'Во дворе бесплатно', kind: 'faq' },
		{ client: 0, key: 'north', title: 'Парковка на севере', text: 'У входа платно', kind: 'faq', tag: 'north' },
		{ client: 0, key: 'old', title: 'Парковка раньше', text: 'Парковки не было', kind: 'faq', validTo: '2026-01-01' },
		{ client: 0, key: 'kazakh', title: 'Тұрақ', text: 'Парковка аулада', kind: 'rules', language: 'kk' },
		{ client: 0, key: 'gift', title: 'Сертификат', text: 'Подарочный сертификат на любую сумму', kind: 'faq' },
		{ client: 1, key: 'foreign', title: 'Парковка', text: 'Чужая парковка', kind: 'faq' },
	];
	for (const { client, key, title, text, kind, ...over } of rows) {
		const id = fixture.clientIds[client];
		const { rows: documents } = await fixture.admin.query<{ id: string }>(
			`insert into documents (client_id, kind, path, content_hash, body) values ($1, $2, $3, 'h', '') returning id`,
			[id, kind, `${key}.md`],
		);
		const { rows: chunks } = await fixture.admin.query<{ id: string }>(
			`insert into knowledge_chunks (client_id, document_id, ordinal, title, text, content_hash, knowledge_tag, language, valid_to)
			 values ($1, $2, 0, $3, $4, 'h', $5, $6, $7) returning id`,
			[id, documents[0]?.id, title, text, over.tag ?? null, over.language ?? null, over.validTo ?? null],
		);
		chunkIds[key] = chunks[0]?.id ?? '';
	}
});
afterAll(async () => await fixture?.stop());

/** Stand-ins of the running test; closed also when it fails, or Jest would wait for them. */
const open: HttpRecorder[] = [];
afterEach(async () => {
	for (const server of open.splice(0)) await server.close();
});
async function standIn(...args: Parameters<typeof startHttpRecorder>): Promise<HttpRecorder> {
	const server = await startHttpRecorder(...args);
	open.push(server);
	return server;
}

const embed = async (texts: readonly string[]): Promise<readonly (readonly number[])[]> =>
	texts.map((text) => MEANINGS.find(({ words }) => words.test(text.toLowerCase()))?.vector ?? []);
const embedQuery = async (text: string): Promise<readonly number[] | null> => (await embed([text]))[0] ?? null;

async function search(vector: QdrantVectors, over: Partial<KnowledgeSearch> = {}): ReturnType<typeof searchKnowledge> {
	return await searchKnowledge({
		db: fixture.app,
		clientId: fixture.client,
		clientSlug: 'salon_0',
		configVersion: 1,
		query: 'парковка',
		now: NOW,
		vector,
		embedQuery,
		...over,
	});
}

test('with Qdrant stopped between two searches the second one answers from PostgreSQL and says so', async () => {
	const qdrant = await standIn(() => ({
		status: 200,
		json: {
			status: 'ok',
			time: 0,
			result: [
				{ points: [{ id: chunkIds['parking'], score: 1 }] },
				{ points: [{ id: chunkIds['parking'], score: 0.9 }] },
			],
		},
	}));
	const vectors = new QdrantVectors({ url: qdrant.url, timeoutMs: 1_000 });
	const cache = new LexicalIndexCache<StoredChunk>();
	const before = await search(vectors, { cache });
	expect(before).toMatchObject({ engine: 'qdrant', nothingRelevant: false, notes: [] });
	await qdrant.close();
	const after = await search(vectors, { cache });
	expect(after).toMatchObject({
		engine: 'lexical',
		nothingRelevant: false,
		notes: ['qdrant: not reachable; lexical search instead'],
	});
	expect(after.chunks[0]).toMatchObject({ id: chunkIds['parking'], source: 'parking.md' });
	expect(after.chunks.map(({ id }) => id)).not.toContain(chunkIds['foreign']);
});

test('points of another branch, another client or another time that Qdrant gives all the same are dropped', async () => {
	const careless = await standIn(() => ({
		status: 200,
		json: {
			status: 'ok',
			time: 0,
			result: [
				{ points: ['foreign', 'north', 'old', 'parking'].map((key) => ({ id: chunkIds[key], score: 1 })) },
				{ points: [{ id: chunkIds['foreign'], score: 0.9 }] },
			],
		},
	}));
	const result = await search(new QdrantVectors({ url: careless.url }));
	expect(result.engine).toBe('qdrant');
	expect(result.chunks.map(({ id }) => id)).toEqual([chunkIds['parking']]);
});

test('a Qdrant that answers too late is not waited for', async () => {
	const qdrant = await standIn(() => {
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
		return { status: 200, json: { status: 'ok', time: 0, result: [{ points: [] }, { points: [] }] } };
	});
	const result = await search(new QdrantVectors({ url: qdrant.url, timeoutMs: 100 }));
	expect(result).toMatchObject({ engine: 'lexical', nothingRelevant: false });
});

/** The same promises against the real server; skipped, and counted as skipped, where there is none. */
const QDRANT_URL = process.env['QDRANT_URL'];
(QDRANT_URL === undefined ? describe.skip : describe)('a real Qdrant', () => {
	let vectors: QdrantVectors;
	const tenant = (index: number): { id: string; slug: string } => ({
		id: fixture.clientIds[index] ?? '',
		slug: `salon_${index}`,
	});

	beforeAll(async () => {
		vectors = new QdrantVectors({
			url: QDRANT_URL ?? '',
			apiKey: process.env['QDRANT_API_KEY'] ?? null,
			collection: `truffles_test_${randomUUID().slice(0, 8)}`,
			timeoutMs: 30_000,
		});
		for (const index of [0, 1]) await indexClient(fixture.app, vectors, tenant(index), embed);
	});
	afterAll(async () => await vectors.dropCollection());

	const found = async (over: Partial<KnowledgeSearch> = {}): Promise<string[]> => {
		const { engine, chunks } = await search(vectors, { limit: 10, ...over });
		expect(engine).toBe('qdrant');
		const keys = Object.entries(chunkIds);
		return chunks.map(({ id }) => keys.find(([, chunkId]) => chunkId === id)?.[0] ?? id).sort();
	};

	test('own chunks of all branches that hold today are found, and no other', async () => {
		expect(await found()).toEqual(['gift', 'kazakh', 'parking']);
	});

	test.each([
		{ name: 'an own branch', over: { branchTag: 'north' }, expected: ['gift', 'kazakh', 'north', 'parking'] },
		{ name: 'a language', over: { language: 'ru' }, expected: ['gift', 'parking'] },
		{ name: 'a document type', over: { documentKinds: ['rules'] }, expected: ['kazakh'] },
		{
			name: 'an earlier day',
			over: { now: new Date('2025-06-01T00:00:00Z') },
			expected: ['gift', 'kazakh', 'old', 'parking'],
		},
	])('$name', async ({ over, expected }) => {
		expect(await found(over)).toEqual(expected);
	});

	test('the best chunk is first with dense vectors, and with sparse ones alone', async () => {
		expect((await search(vectors, { query: 'куда поставить машину' })).chunks[0]?.title).toMatch(/Парковка|Тұрақ/u);
		const sparse = await search(vectors, { query: 'подарочный сертификат', embedQuery: async () => null });
		expect(sparse.engine).toBe('qdrant');
		expect(sparse.chunks[0]?.id).toBe(chunkIds['gift']);
	});

	test("erasing one client leaves the other's points", async () => {
		await vectors.deleteClient(tenant(0));
		const after = await vectors.search({
			tenant: tenant(1),
			dense: [1, 0, 0],
			sparse: { indices: [1], values: [1] },
			sparseVotes: 1,
			limit: 10,
			branchTag: null,
			language: null,
			documentKinds: null,
			nowMs: NOW.getTime(),
		});
		expect(after.hits.map(({ id }) => id)).toEqual([chunkIds['foreign']]);
		expect((await search(vectors)).notes).toContain('qdrant: no chunk of this client; lexical search instead');
	});
});
