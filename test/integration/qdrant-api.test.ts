import { QdrantVectors } from '../../lib/adapters/qdrant-vectors';
import type { VectorChunk, VectorQuery } from '../../lib/ports/vector-store';
import { startHttpRecorder, type HttpRecorder } from '../support/http-recorder';
import { QdrantApi, type ApiRequest } from '../support/qdrant-openapi';

jest.setTimeout(120_000);

const PATHS = [
	'/collections/{collection_name}',
	'/collections/{collection_name}/exists',
	'/collections/{collection_name}/index',
	'/collections/{collection_name}/points',
	'/collections/{collection_name}/points/delete',
	'/collections/{collection_name}/points/query',
	'/collections/{collection_name}/points/query/batch',
];
const TENANT = { id: 'a1', slug: 'salon_a' };
const ID = '0c000000-0000-4000-8000-000000000001';
const CHUNK: VectorChunk = {
	id: ID,
	dense: [0.1, 0.2],
	sparse: { indices: [1, 5], values: [0.5, 1] },
	knowledgeTag: 'north',
	language: 'kk',
	documentKind: 'faq',
	validFromMs: 1,
	validToMs: null,
};
const QUERY: VectorQuery = {
	tenant: TENANT,
	dense: [0.1, 0.2],
	sparse: { indices: [1], values: [1] },
	sparseVotes: 2,
	limit: 4,
	branchTag: 'north',
	language: 'kk',
	documentKinds: ['faq', 'price_list'],
	nowMs: 1_000,
};

let api: QdrantApi;
let recorder: HttpRecorder;

beforeAll(async () => {
	api = QdrantApi.load(PATHS);
	recorder = await startHttpRecorder(({ path }) => ({
		status: 200,
		json: { time: 0.001, status: 'ok', result: answerTo(path) },
	}));
});
afterAll(async () => await recorder?.close());

function answerTo(path: string): unknown {
	if (path.includes('/exists')) return { exists: false };
	if (path.includes('/query/batch')) return [{ points: [] }, { points: [] }];
	return path.includes('/query') ? { points: [] } : true;
}

function sent(): ApiRequest[] {
	return recorder.requests.map(({ method, path, body }) => ({
		method,
		path: path.split('?')[0] ?? '',
		body: body === '' ? null : JSON.parse(body),
	}));
}

/** Every request that the adapter can make. */
async function useAll(): Promise<void> {
	const store = new QdrantVectors({ url: recorder.url });
	await store.ensureCollection(1_536);
	await store.upsertChunks(TENANT, [CHUNK, { ...CHUNK, dense: null, validFromMs: null, knowledgeTag: null }]);
	await store.search(QUERY);
	await store.search({ ...QUERY, dense: null, branchTag: null, language: null, documentKinds: null });
	await store.deleteChunks(TENANT, [ID]);
	await store.deleteClient(TENANT);
	await store.dropCollection();
}

test("every request of the adapter is one that Qdrant's own description allows", async () => {
	await useAll();
	const requests = sent();
	expect(new Set(requests.map(({ method, path }) => `${method} ${path.replace('truffles_knowledge', '*')}`))).toEqual(
		new Set([
			'GET /collections/*/exists',
			'PUT /collections/*',
			'PUT /collections/*/index',
			'PUT /collections/*/points',
			'POST /collections/*/points/query/batch',
			'POST /collections/*/points/query',
			'POST /collections/*/points/delete',
			'DELETE /collections/*',
		]),
	);
	for (const request of requests)
		expect({ ...request, problems: api.problemsOf(request) }).toMatchObject({ problems: [] });
});

const COLLECTION = '/collections/truffles_knowledge';
test.each([
	{ name: 'a path that does not exist', request: { method: 'POST', path: `${COLLECTION}/points/find`, body: {} } },
	{ name: 'a wrong method', request: { method: 'POST', path: `${COLLECTION}/index`, body: { field_name: 'x' } } },
	{
		name: 'a filter that is misspelt',
		request: { method: 'POST', path: `${COLLECTION}/points/query`, body: { query: [0.1], filters: {} } },
	},
	{
		name: 'a condition with an unknown field',
		request: {
			method: 'POST',
			path: `${COLLECTION}/points/query`,
			body: { query: [0.1], filter: { must: [{ key: 'x', equals: 'y' }] } },
		},
	},
	{
		name: 'an unknown fusion',
		request: { method: 'POST', path: `${COLLECTION}/points/query`, body: { prefetch: [], query: { fusion: 'sum' } } },
	},
	{
		name: 'a prefetch with a wrong field, deep inside a batch',
		request: {
			method: 'POST',
			path: `${COLLECTION}/points/query/batch`,
			body: { searches: [{ prefetch: [{ query: [0.1], vector: 'dense' }], query: { fusion: 'rrf' } }] },
		},
	},
	{
		name: 'points without a vector',
		request: { method: 'PUT', path: `${COLLECTION}/points`, body: { points: [{ id: 1 }] } },
	},
	{
		name: 'a collection with an unknown distance',
		request: { method: 'PUT', path: COLLECTION, body: { vectors: { dense: { size: 3, distance: 'Cosinus' } } } },
	},
	{ name: 'a body where none belongs', request: { method: 'DELETE', path: COLLECTION, body: {} } },
])('the description refuses $name', ({ request }) => {
	expect(api.problemsOf(request)).not.toEqual([]);
});
