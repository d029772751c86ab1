/** What `lib` needs from a vector database. The adapter is `lib/adapters/qdrant-vectors.ts`. */

/** The client whose vectors are meant. Every request is limited to it by the adapter itself. */
export interface VectorTenant {
	readonly id: string;
	readonly slug: string;
}

export interface SparseVector {
	readonly indices: readonly number[];
	readonly values: readonly number[];
}

export interface VectorChunk {
	/** UUID of the row in `knowledge_chunks`. */
	readonly id: string;
	/** Null when no embedding model is configured: the chunk is then found by its sparse vector only. */
	readonly dense: readonly number[] | null;
	readonly sparse: SparseVector;
	readonly knowledgeTag: string | null;
	readonly language: string | null;
	readonly documentKind: string | null;
	/** Milliseconds since 1970, UTC; null means without limit. */
	readonly validFromMs: number | null;
	readonly validToMs: number | null;
}

export interface VectorQuery {
	readonly tenant: VectorTenant;
	readonly dense: readonly number[] | null;
	readonly sparse: SparseVector;
	readonly limit: number;
	/** How often the sparse arm votes in the fusion against one vote of the dense arm; a whole number from 1. */
	readonly sparseVotes: number;
	/** Chunks of this branch and chunks without a tag. */
	readonly branchTag: string | null;
	/** Chunks of this language and chunks of none; null takes all. */
	readonly language: string | null;
	/** Only chunks of these document types; null takes all. */
	readonly documentKinds: readonly string[] | null;
	readonly nowMs: number;
}

export interface VectorHit {
	readonly id: string;
	/** Reciprocal rank fusion; compare only within one search. */
	readonly score: number;
}

export interface VectorSearch {
	readonly hits: readonly VectorHit[];
	/** Cosine similarity of the nearest dense neighbour; null without dense vectors. */
	readonly bestDenseScore: number | null;
}

export interface VectorStore {
	/** Creates the collection and its payload indexes when absent. `denseSize` is the embedding model's. Safe to repeat. */
	ensureCollection(denseSize: number): Promise<void>;
	upsertChunks(tenant: VectorTenant, chunks: readonly VectorChunk[]): Promise<void>;
	/** Deletes these chunks of this client; ids of another client are not touched. */
	deleteChunks(tenant: VectorTenant, ids: readonly string[]): Promise<void>;
	deleteClient(tenant: VectorTenant): Promise<void>;
	/** Throws when the database does not answer in time; the caller falls back to the lexical engine. */
	search(query: VectorQuery): Promise<VectorSearch>;
}
