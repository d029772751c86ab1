import type { Retrieval, RetrievedChunk } from '../item/turn-item';
import { detectLanguage } from '../language/detect-language';
import type { Db } from '../ports/db';
import type { VectorStore } from '../ports/vector-store';
import { DEFAULT_DENSE_BAR } from './dense-bar';
import { chunkAllowed, loadChunks, type ChunkFilter, type StoredChunk } from './knowledge-store';
import { buildLexicalIndex, type LexicalIndex } from './lexical-index';
import { type LexicalIndexCache } from './lexical-index-cache';
import { rankByVectors } from './vector-ranking';

const DEFAULT_LIMIT = 4;

export type KnowledgeCache = LexicalIndexCache<StoredChunk>;

export interface KnowledgeSearch {
	readonly db: Db;
	readonly clientId: string;
	readonly configVersion: number;
	readonly query: string;
	readonly limit?: number;
	readonly branchTag?: string | null;
	readonly now: Date;
	/** Kept by the caller for the life of the process; without it every search reads the chunks anew. */
	readonly cache?: KnowledgeCache;
	/** Groups of words that mean the same, from the domain pack. */
	readonly synonyms?: readonly (readonly string[])[];
	/** Only documents of these types; null or absent takes all. */
	readonly documentKinds?: readonly string[] | null;
	/** Leaves out chunks marked as another language; null or absent takes all. */
	readonly language?: string | null;
	/** Hybrid search; both parts are needed. `embedQuery` returns null when the embedding endpoint gave nothing. */
	readonly vector?: VectorStore | null;
	readonly clientSlug?: string;
	readonly embedQuery?: (text: string) => Promise<readonly number[] | null>;
	/** Cosine similarity from which a neighbour counts as relevant without a common word; depends on the embedding model. */
	readonly denseBar?: number;
}

/**
 * Finds what a client's knowledge says about a query.
 *
 * Qdrant (dense + sparse, when configured) only ranks ids: texts always come from this client's rows in PostgreSQL,
 * so a stale or foreign point can never reach a reply. When Qdrant fails or finds nothing, the lexical engine answers
 * and a note says so. Throws only what the database throws.
 */
export async function searchKnowledge(
	search: KnowledgeSearch,
): Promise<Retrieval & { readonly notes: readonly string[] }> {
	const limit = search.limit ?? DEFAULT_LIMIT;
	const index = await loadIndex(search);
	const filter: ChunkFilter = {
		branchTag: search.branchTag ?? null,
		now: search.now,
		documentKinds: search.documentKinds ?? null,
		language: search.language ?? null,
	};
	const notes: string[] = [];
	if (search.vector != null && search.clientSlug !== undefined) {
		const hybrid = await searchVectors(search, search.vector, search.clientSlug, index, filter, limit, notes);
		if (hybrid !== null) return { ...hybrid, notes };
	}
	const { hits, nothingRelevant } = index.search(search.query, limit, (chunk) => chunkAllowed(chunk, filter));
	return {
		engine: 'lexical',
		query: search.query,
		chunks: hits.map(toRetrieved),
		nothingRelevant,
		notes,
	};
}

async function loadIndex(search: KnowledgeSearch): Promise<LexicalIndex<StoredChunk>> {
	const build = async (): Promise<LexicalIndex<StoredChunk>> =>
		buildLexicalIndex(
			await search.db.asClient(search.clientId, (tx) => loadChunks(tx, search.clientId)),
			search.synonyms,
		);
	return search.cache === undefined
		? await build()
		: await search.cache.get(search.clientId, search.configVersion, build);
}

async function searchVectors(
	search: KnowledgeSearch,
	vector: VectorStore,
	slug: string,
	index: LexicalIndex<StoredChunk>,
	filter: ChunkFilter,
	limit: number,
	notes: string[],
): Promise<Retrieval | null> {
	const dense = (await search.embedQuery?.(search.query).catch(() => null)) ?? null;
	if (dense === null) notes.push('embeddings: none; sparse and lexical search only');
	try {
		const ranked = await rankByVectors(vector, index, {
			tenant: { id: search.clientId, slug },
			query: search.query,
			language: detectLanguage(search.query),
			dense,
			limit,
			filter,
			accept: (chunk) => chunkAllowed(chunk, filter),
			denseBar: search.denseBar ?? DEFAULT_DENSE_BAR,
			synonyms: search.synonyms ?? [],
		});
		if (ranked.hits.length === 0) {
			notes.push('qdrant: no chunk of this client; lexical search instead');
			return null;
		}
		return {
			engine: 'qdrant',
			query: search.query,
			chunks: ranked.nothingRelevant ? [] : ranked.hits.map(toRetrieved),
			nothingRelevant: ranked.nothingRelevant,
		};
	} catch {
		notes.push('qdrant: not reachable; lexical search instead');
		return null;
	}
}

function toRetrieved(hit: {
	readonly chunk: StoredChunk;
	readonly score: number;
	readonly relevance: number;
}): RetrievedChunk {
	const { id, text, title, source } = hit.chunk;
	return { id, text, title, source, score: hit.score, relevance: hit.relevance };
}
