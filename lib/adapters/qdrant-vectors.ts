import { QdrantClient } from '@qdrant/js-client-rest';
import type { VectorChunk, VectorQuery, VectorSearch, VectorStore, VectorTenant } from '../ports/vector-store';

const COLLECTION = 'truffles_knowledge';
const DENSE = 'dense';
const SPARSE = 'bm25';
const TIMEOUT_MS = 3_000;
const UPSERT_BATCH = 100;
/** Each arm of the fusion brings more than is returned; with equal limits a point of both arms has no advantage. */
const PREFETCH_FACTOR = 5;
/** Stored instead of "no limit", so that one range condition covers both cases. */
const FOREVER_MS = 253_402_300_799_000;
/** Stored instead of "none", so that one `any` condition covers both cases. */
const NONE = '';

const TENANT_FIELD = 'metadata.client_slug';
const TENANT_ID_FIELD = 'metadata.client_id';
const TAG_FIELD = 'metadata.knowledge_tag';
const LANGUAGE_FIELD = 'metadata.language';
const KIND_FIELD = 'metadata.document_kind';
const VALID_FROM_FIELD = 'metadata.valid_from_ms';
const VALID_TO_FIELD = 'metadata.valid_to_ms';

interface Condition {
	readonly key: string;
	readonly match?: { readonly value: string } | { readonly any: string[] };
	readonly range?: { readonly lte?: number; readonly gt?: number };
}

export interface QdrantVectorsOptions {
	readonly url: string;
	readonly apiKey?: string | null;
	readonly collection?: string;
	readonly timeoutMs?: number;
}

/**
 * One Qdrant collection for all clients: named dense vector (cosine) and sparse `bm25` vector (idf by Qdrant),
 * `metadata.client_slug` indexed as tenant.
 *
 * Every search, write and deletion is limited to one client by {@link limitToTenant}, which adds slug and id as
 * the last step; callers cannot pass a filter. Methods throw when Qdrant refuses or does not answer in time.
 */
export class QdrantVectors implements VectorStore {
	private readonly client: QdrantClient;
	private readonly collection: string;

	constructor(options: QdrantVectorsOptions) {
		this.collection = options.collection ?? COLLECTION;
		this.client = new QdrantClient({
			url: options.url,
			// Without a port in the address the client would take 6333 even for https.
			port: portOf(options.url),
			...(options.apiKey == null || options.apiKey === '' ? {} : { apiKey: options.apiKey }),
			timeout: options.timeoutMs ?? TIMEOUT_MS,
			// The check is a request and a console warning at construction; the first search shows any mismatch.
			checkCompatibility: false,
		});
	}

	async ensureCollection(denseSize: number): Promise<void> {
		const { exists } = await this.client.collectionExists(this.collection);
		if (!exists) {
			await this.client.createCollection(this.collection, {
				vectors: { [DENSE]: { size: denseSize, distance: 'Cosine' } },
				sparse_vectors: { [SPARSE]: { modifier: 'idf' } },
				// One graph per tenant instead of a global one: searches always name the tenant.
				hnsw_config: { payload_m: 16, m: 0 },
			});
		}
		const indexes = [
			{ field_name: TENANT_FIELD, field_schema: { type: 'keyword', is_tenant: true } },
			{ field_name: TENANT_ID_FIELD, field_schema: 'keyword' },
			{ field_name: TAG_FIELD, field_schema: 'keyword' },
			{ field_name: LANGUAGE_FIELD, field_schema: 'keyword' },
			{ field_name: KIND_FIELD, field_schema: 'keyword' },
			{ field_name: VALID_FROM_FIELD, field_schema: 'integer' },
			{ field_name: VALID_TO_FIELD, field_schema: 'integer' },
		] as const;
		for (const index of indexes) await this.client.createPayloadIndex(this.collection, { ...index, wait: true });
	}

	async upsertChunks(tenant: VectorTenant, chunks: readonly VectorChunk[]): Promise<void> {
		for (let start = 0; start < chunks.length; start += UPSERT_BATCH) {
			await this.client.upsert(this.collection, {
				wait: true,
				points: chunks.slice(start, start + UPSERT_BATCH).map((chunk) => ({
					id: chunk.id,
					vector: {
						...(chunk.dense === null ? {} : { [DENSE]: [...chunk.dense] }),
						[SPARSE]: { indices: [...chunk.sparse.indices], values: [...chunk.sparse.values] },
					},
					payload: {
						metadata: {
							client_slug: tenant.slug,
							client_id: tenant.id,
							knowledge_tag: chunk.knowledgeTag ?? NONE,
							language: chunk.language ?? NONE,
							document_kind: chunk.documentKind ?? NONE,
							valid_from_ms: chunk.validFromMs ?? 0,
							valid_to_ms: chunk.validToMs ?? FOREVER_MS,
						},
					},
				})),
			});
		}
	}

	async deleteChunks(tenant: VectorTenant, ids: readonly string[]): Promise<void> {
		if (ids.length === 0) return;
		await this.client.delete(this.collection, {
			wait: true,
			filter: { must: [{ has_id: [...ids] }, ...limitToTenant([], tenant).must] },
		});
	}

	async deleteClient(tenant: VectorTenant): Promise<void> {
		await this.client.delete(this.collection, { wait: true, filter: limitToTenant([], tenant) });
	}

	/** Removes the whole collection, of all clients: evaluations clean up with it; the assistant never calls it. */
	async dropCollection(): Promise<void> {
		await this.client.deleteCollection(this.collection);
	}

	async search(query: VectorQuery): Promise<VectorSearch> {
		const filter = limitToTenant(conditionsOf(query), query.tenant);
		const sparse = { indices: [...query.sparse.indices], values: [...query.sparse.values] };
		if (query.dense === null) {
			const { points } = await this.client.query(this.collection, {
				query: sparse,
				using: SPARSE,
				filter,
				limit: query.limit,
				with_payload: false,
			});
			return { hits: points.map(toHit), bestDenseScore: null };
		}
		const dense = [...query.dense];
		const limit = query.limit * PREFETCH_FACTOR;
		const [fused, nearest] = await this.client.queryBatch(this.collection, {
			searches: [
				{
					prefetch: [
						{ query: dense, using: DENSE, filter, limit },
						// Fusion gives each prefetch one vote: the sparse arm weighs more by standing in it more than once.
						...Array.from({ length: query.sparseVotes }, () => ({ query: sparse, using: SPARSE, filter, limit })),
					],
					query: { fusion: 'rrf' },
					filter,
					limit: query.limit,
					with_payload: false,
				},
				{ query: dense, using: DENSE, filter, limit: 1, with_payload: false },
			],
		});
		return { hits: (fused?.points ?? []).map(toHit), bestDenseScore: nearest?.points[0]?.score ?? null };
	}
}

function conditionsOf({ branchTag, language, documentKinds, nowMs }: VectorQuery): Condition[] {
	return [
		{ key: TAG_FIELD, match: { any: branchTag === null ? [NONE] : [NONE, branchTag] } },
		{ key: VALID_FROM_FIELD, range: { lte: nowMs } },
		{ key: VALID_TO_FIELD, range: { gt: nowMs } },
		...(language === null ? [] : [{ key: LANGUAGE_FIELD, match: { any: [NONE, language] } }]),
		...(documentKinds === null ? [] : [{ key: KIND_FIELD, match: { any: [...documentKinds] } }]),
	];
}

/** Adds the tenant as the last conditions. There is no way to search without one: an empty id or slug throws. */
function limitToTenant(conditions: readonly Condition[], tenant: VectorTenant): { must: Condition[] } {
	if (tenant.id === '' || tenant.slug === '') throw new RangeError('A vector request without a client is refused.');
	return {
		must: [
			...conditions,
			{ key: TENANT_FIELD, match: { value: tenant.slug } },
			{ key: TENANT_ID_FIELD, match: { value: tenant.id } },
		],
	};
}

function toHit(point: { id: string | number; score: number }): { id: string; score: number } {
	return { id: String(point.id), score: point.score };
}

function portOf(url: string): number {
	const { port, protocol } = new URL(url);
	if (port !== '') return Number(port);
	return protocol === 'https:' ? 443 : 80;
}
