import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { QdrantVectors } from '../../../lib/adapters/qdrant-vectors';
import type { VectorQuery } from '../../../lib/ports/vector-store';

/** Records what the official client sends; the answers have the shape of Qdrant's REST API. */
interface Seen {
	readonly method: string;
	readonly path: string;
	readonly body: unknown;
}

let server: Server;
let url: string;
let seen: Seen[] = [];
let result: unknown = true;
let status = 200;

beforeAll(async () => {
	server = createServer((request, response) => {
		let body = '';
		request.on('data', (part: Buffer) => (body += part.toString('utf8')));
		request.on('end', () => {
			seen.push({
				method: request.method ?? '',
				path: (request.url ?? '').split('?')[0] ?? '',
				body: body === '' ? null : JSON.parse(body),
			});
			response.writeHead(status, { 'content-type': 'application/json' });
			response.end(
				JSON.stringify({
					time: 0.001,
					status: status === 200 ? 'ok' : { error: 'no' },
					result: request.url?.includes('/exists') === true ? { exists: false } : result,
				}),
			);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
	seen = [];
	result = true;
	status = 200;
});

const TENANT = { id: 'a1', slug: 'salon_a' };
const OWN = [
	{ key: 'metadata.client_slug', match: { value: 'salon_a' } },
	{ key: 'metadata.client_id', match: { value: 'a1' } },
];
const QUERY: VectorQuery = {
	tenant: TENANT,
	dense: [0.1, 0.2],
	sparse: { indices: [1, 5], values: [1, 1] },
	limit: 4,
	sparseVotes: 1,
	branchTag: 'north',
	language: null,
	documentKinds: null,
	nowMs: 1_000,
};
const store = (): QdrantVectors => new QdrantVectors({ url });

interface SentQuery {
	readonly filter?: { readonly must: unknown[] };
	readonly prefetch?: readonly SentQuery[];
	readonly [key: string]: unknown;
}

test('the collection has a named dense and a sparse idf vector, and the client as tenant', async () => {
	await store().ensureCollection(1536);
	const created = seen.find(({ method, path }) => method === 'PUT' && path === '/collections/truffles_knowledge');
	expect(created?.body).toMatchObject({
		vectors: { dense: { size: 1536, distance: 'Cosine' } },
		sparse_vectors: { bm25: { modifier: 'idf' } },
	});
	const indexes = seen.filter(({ path }) => path.endsWith('/index')).map(({ body }) => body);
	expect(indexes).toContainEqual({
		field_name: 'metadata.client_slug',
		field_schema: { type: 'keyword', is_tenant: true },
	});
});

test('every part of a hybrid search ends with the conditions of the client', async () => {
	result = [{ points: [{ id: 'x', score: 0.5 }] }, { points: [{ id: 'x', score: 0.83 }] }];
	expect(await store().search(QUERY)).toEqual({ hits: [{ id: 'x', score: 0.5 }], bestDenseScore: 0.83 });
	const searches = (seen[0]?.body as { searches: SentQuery[] }).searches;
	const parts = searches.flatMap((search) => [search, ...(search.prefetch ?? [])]);
	expect(parts).toHaveLength(4);
	for (const { filter } of parts) expect(filter?.must.slice(-2)).toEqual(OWN);
	expect(searches[0]).toMatchObject({
		query: { fusion: 'rrf' },
		limit: 4,
		prefetch: [
			{ using: 'dense', limit: 20 },
			{ using: 'bm25', query: { indices: [1, 5], values: [1, 1] } },
		],
	});
	expect(searches[0]?.filter?.must[0]).toEqual({ key: 'metadata.knowledge_tag', match: { any: ['', 'north'] } });
});

test('language, document type and an own branch narrow every part, before the conditions of the client', async () => {
	result = [{ points: [] }, { points: [] }];
	await store().search({ ...QUERY, language: 'kk', documentKinds: ['faq', 'price_list'] });
	const searches = (seen[0]?.body as { searches: SentQuery[] }).searches;
	for (const { filter } of searches.flatMap((search) => [search, ...(search.prefetch ?? [])])) {
		expect(filter?.must.slice(-4)).toEqual([
			{ key: 'metadata.language', match: { any: ['', 'kk'] } },
			{ key: 'metadata.document_kind', match: { any: ['faq', 'price_list'] } },
			...OWN,
		]);
	}
});

test('the sparse arm votes as often as it is told', async () => {
	result = [{ points: [] }, { points: [] }];
	await store().search({ ...QUERY, sparseVotes: 2 });
	const [fused] = (seen[0]?.body as { searches: SentQuery[] }).searches;
	expect(fused?.prefetch?.map((part) => part['using'])).toEqual(['dense', 'bm25', 'bm25']);
});

test('a search without a dense vector is limited to the client too', async () => {
	result = { points: [] };
	await store().search({ ...QUERY, dense: null, branchTag: null });
	const sent = seen[0]?.body as SentQuery;
	expect(sent.filter?.must.slice(-2)).toEqual(OWN);
	expect(sent.filter?.must[0]).toEqual({ key: 'metadata.knowledge_tag', match: { any: [''] } });
});

test('deletions name the client, also when ids are given', async () => {
	result = { operation_id: 1, status: 'completed' };
	await store().deleteChunks(TENANT, ['x']);
	await store().deleteClient(TENANT);
	expect(seen.map(({ body }) => body)).toEqual([
		{ filter: { must: [{ has_id: ['x'] }, ...OWN] } },
		{ filter: { must: OWN } },
	]);
});

test('points are written in batches with the client in the payload', async () => {
	result = { operation_id: 1, status: 'completed' };
	const chunk = {
		dense: null,
		sparse: { indices: [1], values: [1] },
		knowledgeTag: null,
		language: null,
		documentKind: null,
		validFromMs: null,
		validToMs: null,
	};
	await store().upsertChunks(
		TENANT,
		[...Array(150).keys()].map((at) => ({ ...chunk, id: String(at) })),
	);
	const points = seen.map(({ body }) => (body as { points: Array<{ payload: unknown; vector: object }> }).points);
	expect(points.map((batch) => batch.length)).toEqual([100, 50]);
	expect(points[0]?.[0]).toMatchObject({
		payload: { metadata: { client_slug: 'salon_a', client_id: 'a1', knowledge_tag: '', valid_from_ms: 0 } },
	});
	expect(points[0]?.[0]?.vector).toEqual({ bm25: { indices: [1], values: [1] } });
});

test.each([
	{ id: '', slug: 'salon_a' },
	{ id: 'a1', slug: '' },
])('without a client nothing is sent: %j', async (tenant) => {
	await expect(store().search({ ...QUERY, tenant })).rejects.toThrow(RangeError);
	await expect(store().deleteClient(tenant)).rejects.toThrow(RangeError);
	expect(seen).toEqual([]);
});

test('a Qdrant that refuses or is not there throws', async () => {
	status = 500;
	await expect(store().search(QUERY)).rejects.toThrow();
	await expect(new QdrantVectors({ url: 'http://127.0.0.1:1' }).search(QUERY)).rejects.toThrow();
});
