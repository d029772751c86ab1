import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createPgDb } from '../../lib/adapters/pg-db';
import { recordCalls } from '../../lib/billing/billing-store';
import type { BillingCall } from '../../lib/item/turn-item';
import { loadChunks, type StoredChunk } from '../../lib/knowledge/knowledge-store';
import { LexicalIndexCache } from '../../lib/knowledge/lexical-index-cache';
import { searchKnowledge } from '../../lib/knowledge/search-knowledge';
import type { VectorQuery, VectorStore } from '../../lib/ports/vector-store';
import { startTestPostgres, type TestPostgres } from '../support/postgres';

let postgres: TestPostgres;
let admin: Client;
let db: ReturnType<typeof createPgDb>;

beforeAll(async () => {
	postgres = await startTestPostgres();
	admin = new Client({ connectionString: postgres.adminUrl });
	await admin.connect();
	db = createPgDb({ connectionString: postgres.appUrl, applicationName: 'test' });
}, 120_000);

afterAll(async () => {
	await db?.close();
	await admin?.end();
	await postgres?.stop();
});

async function newClient(): Promise<string> {
	const company = await admin.query<{ id: string }>('insert into truffles.companies (name) values ($1) returning id', [
		randomUUID(),
	]);
	const client = await admin.query<{ id: string }>(
		`insert into truffles.clients (company_id, slug, name, status, time_zone, default_language, config_version, data_key_wrapped)
		 values ($1, $2, 'x', 'active', 'Asia/Almaty', 'ru', 1, '\\x00') returning id`,
		[company.rows[0]?.id, `c_${randomUUID().replaceAll('-', '').slice(0, 12)}`],
	);
	return client.rows[0]?.id ?? '';
}

async function newTurn(clientId: string): Promise<string> {
	const id = randomUUID();
	await admin.query(
		`insert into truffles.turns (id, client_id, channel, lane_key, kind, status, attempt, claimed_at, received_at)
		 values ($1, $2, 'whatsapp', 'k', 'user', 'claimed', 1, now(), now())`,
		[id, clientId],
	);
	return id;
}

const call = (over: Partial<BillingCall> = {}): BillingCall => ({
	id: randomUUID(),
	provider: 'openai',
	model: 'gpt-4.1-mini',
	purpose: 'reply',
	status: 'ok',
	errorCode: null,
	inputTokens: 1_000,
	cachedInputTokens: 0,
	cacheWriteTokens: 0,
	outputTokens: 100,
	reasoningTokens: 0,
	tier: null,
	costUsd: '0.000560000',
	latencyMs: 12,
	...over,
});

describe('the bill', () => {
	test('the same calls recorded twenty times at once are one row each and are added to the turn once', async () => {
		const clientId = await newClient();
		const turnId = await newTurn(clientId);
		const calls = [
			call(),
			call({ status: 'unreachable', errorCode: 'timeout', costUsd: '0.000000000' }),
			call({ costUsd: '0.000000001' }),
		];
		const record = async () =>
			await db.asClient(
				clientId,
				async (tx) => await recordCalls(tx, { clientId, conversationId: null, turnId, calls, usdKztRate: '520.5' }),
			);
		const written = await Promise.all([...Array(20).keys()].map(record));
		expect(written.reduce((total, result) => total + result.written, 0)).toBe(3);
		const { rows } = await admin.query<{ cost_usd: string; cost_kzt: string; n: number }>(
			`select t.cost_usd::text, t.cost_kzt::numeric(18,6)::text as cost_kzt, (select count(*)::int from truffles.billing_events b where b.turn_id = t.id) as n
			   from truffles.turns t where t.id = $1`,
			[turnId],
		);
		expect(rows[0]).toEqual({ cost_usd: '0.000560001', cost_kzt: '0.291481', n: 3 });
	});

	test('a client cannot write into the bill of another', async () => {
		const [clientId, other] = [await newClient(), await newClient()];
		const foreign = db.asClient(
			clientId,
			async (tx) =>
				await recordCalls(tx, {
					clientId: other,
					conversationId: null,
					turnId: null,
					calls: [call()],
					usdKztRate: '500',
				}),
		);
		await expect(foreign).rejects.toMatchObject({ code: '42501' });
	});
});

describe('knowledge', () => {
	const NOW = new Date('2026-11-21T10:00:00Z');

	async function addChunk(
		clientId: string,
		title: string,
		text: string,
		over: { tag?: string; validTo?: string } = {},
	): Promise<string> {
		const document = await admin.query<{ id: string }>(
			"insert into truffles.documents (client_id, kind, path, content_hash, body) values ($1, 'markdown', $2, 'h', '') returning id",
			[clientId, `${randomUUID()}.md`],
		);
		const chunk = await admin.query<{ id: string }>(
			`insert into truffles.knowledge_chunks (client_id, document_id, ordinal, title, text, content_hash, knowledge_tag, valid_to)
			 values ($1, $2, 0, $3, $4, 'h', $5, $6) returning id`,
			[clientId, document.rows[0]?.id, title, text, over.tag ?? null, over.validTo ?? null],
		);
		return chunk.rows[0]?.id ?? '';
	}
	const search = async (clientId: string, query: string, over: object = {}) =>
		await searchKnowledge({ db, clientId, configVersion: 1, query, now: NOW, ...over });

	test('a search sees its own client, the branch of the turn and what is valid today', async () => {
		const [clientId, other] = [await newClient(), await newClient()];
		const common = await addChunk(clientId, 'Парковка', 'Во дворе');
		const north = await addChunk(clientId, 'Парковка на севере', 'У входа', { tag: 'north' });
		await addChunk(clientId, 'Парковка старая', 'Нет', { validTo: '2026-11-21T10:00:00Z' });
		await addChunk(other, 'Парковка чужая', 'Секрет');
		expect((await search(clientId, 'парковка')).chunks.map(({ id }) => id)).toEqual([common]);
		expect((await search(clientId, 'парковка', { branchTag: 'north' })).chunks.map(({ id }) => id).sort()).toEqual(
			[common, north].sort(),
		);
		expect(await search(clientId, 'доставка пиццы')).toMatchObject({
			engine: 'lexical',
			chunks: [],
			nothingRelevant: true,
		});
	});

	test('row-level security hides the chunks even when the wrong id is asked for', async () => {
		const [clientId, other] = [await newClient(), await newClient()];
		await addChunk(other, 'Парковка', 'Секрет');
		expect(await db.asClient(clientId, async (tx) => await loadChunks(tx, other))).toEqual([]);
	});

	test('the cache is read again when the configuration version grows', async () => {
		const clientId = await newClient();
		const cache = new LexicalIndexCache<StoredChunk>();
		await addChunk(clientId, 'Парковка', 'Во дворе');
		await search(clientId, 'парковка', { cache });
		await addChunk(clientId, 'Сертификаты', 'Есть');
		expect((await search(clientId, 'сертификаты', { cache })).nothingRelevant).toBe(true);
		expect((await search(clientId, 'сертификаты', { cache, configVersion: 2 })).chunks).toHaveLength(1);
	});

	describe('with a vector database', () => {
		const store = (searchIt: (query: VectorQuery) => ReturnType<VectorStore['search']>): VectorStore => ({
			ensureCollection: async () => await Promise.resolve(),
			upsertChunks: async () => await Promise.resolve(),
			deleteChunks: async () => await Promise.resolve(),
			deleteClient: async () => await Promise.resolve(),
			search: searchIt,
		});

		test('when it fails, the lexical engine answers and a note says so', async () => {
			const clientId = await newClient();
			await addChunk(clientId, 'Парковка', 'Во дворе');
			const down = store(async () => await Promise.reject(new Error('connection refused')));
			const result = await search(clientId, 'парковка', { vector: down, clientSlug: 'x' });
			expect(result).toMatchObject({ engine: 'lexical', nothingRelevant: false });
			expect(result.notes.join()).toContain('qdrant: not reachable');
		});

		test('a point of another client, or of a chunk that is gone, never becomes text', async () => {
			const [clientId, other] = [await newClient(), await newClient()];
			const own = await addChunk(clientId, 'Парковка', 'Во дворе');
			const foreign = await addChunk(other, 'Парковка', 'Секрет');
			const careless = store(
				async () =>
					await Promise.resolve({
						hits: [
							{ id: foreign, score: 9 },
							{ id: randomUUID(), score: 8 },
							{ id: own, score: 1 },
						],
						bestDenseScore: 0.9,
					}),
			);
			const result = await search(clientId, 'где оставить машину', {
				vector: careless,
				clientSlug: 'x',
				embedQuery: async () => await Promise.resolve([1, 2]),
			});
			expect(result).toMatchObject({ engine: 'qdrant', nothingRelevant: false });
			expect(result.chunks.map(({ id }) => id)).toEqual([own]);
		});

		test('without embeddings the sparse vector alone is asked, for this client', async () => {
			const clientId = await newClient();
			const own = await addChunk(clientId, 'Парковка', 'Во дворе');
			const queries: VectorQuery[] = [];
			const vector = store(async (query) => {
				queries.push(query);
				return await Promise.resolve({ hits: [{ id: own, score: 1 }], bestDenseScore: null });
			});
			const result = await search(clientId, 'парковка', {
				vector,
				clientSlug: 'x',
				embedQuery: async () => await Promise.reject(new Error('down')),
			});
			expect(result.engine).toBe('qdrant');
			expect(queries[0]).toMatchObject({ tenant: { id: clientId, slug: 'x' }, dense: null });
		});
	});
});
