import type { Db } from '../ports/db';
import type { VectorChunk, VectorStore, VectorTenant } from '../ports/vector-store';
import { loadChunks } from './knowledge-store';
import { chunkSparseVector } from './sparse-vector';

/** Size of text-embedding-3-small's vectors; the collection is made with it while no embedding model is configured. */
export const DEFAULT_DENSE_SIZE = 1_536;
const EMBED_BATCH = 64;

/** Dense vectors, one per text, or null when the endpoint gave none. */
export type Embed = (texts: readonly string[]) => Promise<readonly (readonly number[])[] | null>;

/**
 * Writes all chunks of a client into the vector database anew, from PostgreSQL: also how a lost collection comes back.
 *
 * What was there of this client is deleted first, so that a removed document cannot be found any more. Meanwhile
 * searches fall back to the lexical engine.
 *
 * @param embed null without an embedding model: chunks are then found by their sparse vectors
 * @returns how many chunks were written, and whether they have dense vectors
 */
export async function indexClient(
	db: Db,
	vectors: VectorStore,
	tenant: VectorTenant,
	embed: Embed | null,
): Promise<{ chunks: number; dense: boolean }> {
	const chunks = await db.asClient(tenant.id, async (tx) => await loadChunks(tx, tenant.id));
	const dense: Array<readonly number[] | null> = [];
	for (let start = 0; start < chunks.length; start += EMBED_BATCH) {
		const batch = chunks.slice(start, start + EMBED_BATCH);
		const embedded = embed === null ? null : await embed(batch.map((chunk) => `${chunk.title ?? ''}\n${chunk.text}`));
		dense.push(...batch.map((_chunk, index) => embedded?.[index] ?? null));
	}
	const size = dense.find((vector) => vector !== null)?.length ?? DEFAULT_DENSE_SIZE;
	await vectors.ensureCollection(size);
	await vectors.deleteClient(tenant);
	await vectors.upsertChunks(
		tenant,
		chunks.map((chunk, index): VectorChunk => ({
			id: chunk.id,
			dense: dense[index] ?? null,
			sparse: chunkSparseVector(chunk.title, chunk.text),
			knowledgeTag: chunk.knowledgeTag,
			language: chunk.language,
			documentKind: chunk.documentKind,
			validFromMs: chunk.validFrom?.getTime() ?? null,
			validToMs: chunk.validTo?.getTime() ?? null,
		})),
	);
	return { chunks: chunks.length, dense: dense.some((vector) => vector !== null) };
}
