import type { DbSession } from '../ports/db';

/** A chunk as it lies in `knowledge_chunks`, with the path of its document. */
export interface StoredChunk {
	readonly id: string;
	readonly title: string | null;
	readonly text: string;
	/** Path of the document, for people: "services.md". */
	readonly source: string;
	readonly documentKind: string;
	readonly knowledgeTag: string | null;
	readonly language: string | null;
	readonly validFrom: Date | null;
	readonly validTo: Date | null;
}

export interface ChunkFilter {
	/** Branch tag of the turn; chunks of other branches are left out. Null: only chunks without a tag. */
	readonly branchTag: string | null;
	readonly now: Date;
	/** Leaves out chunks marked as another language; null takes all. */
	readonly language?: string | null;
	/** Only documents of these types; null takes all. */
	readonly documentKinds?: readonly string[] | null;
}

/**
 * Loads all chunks of a client, to be indexed in memory. Run it inside `db.asClient(clientId, …)`: the row-level
 * policy limits the rows, and the explicit condition limits them again.
 */
export async function loadChunks(tx: DbSession, clientId: string): Promise<StoredChunk[]> {
	const { rows } = await tx.query<{
		id: string;
		title: string | null;
		text: string;
		path: string;
		kind: string;
		knowledge_tag: string | null;
		language: string | null;
		valid_from: Date | null;
		valid_to: Date | null;
	}>(
		`select c.id, c.title, c.text, d.path, d.kind, c.knowledge_tag, c.language, c.valid_from, c.valid_to
		   from knowledge_chunks c join documents d on d.client_id = c.client_id and d.id = c.document_id
		  where c.client_id = $1
		  order by d.path, c.ordinal`,
		[clientId],
	);
	return rows.map((row) => ({
		id: row.id,
		title: row.title,
		text: row.text,
		source: row.path,
		documentKind: row.kind,
		knowledgeTag: row.knowledge_tag,
		language: row.language,
		validFrom: row.valid_from,
		validTo: row.valid_to,
	}));
}

/** True when a chunk may be shown in this turn. `validFrom` belongs to the period, `validTo` does not. */
export function chunkAllowed(chunk: StoredChunk, filter: ChunkFilter): boolean {
	if (chunk.knowledgeTag !== null && chunk.knowledgeTag !== filter.branchTag) return false;
	if (chunk.validFrom !== null && filter.now < chunk.validFrom) return false;
	if (chunk.validTo !== null && filter.now >= chunk.validTo) return false;
	if (filter.documentKinds != null && !filter.documentKinds.includes(chunk.documentKind)) return false;
	return filter.language == null || chunk.language === null || chunk.language === filter.language;
}
