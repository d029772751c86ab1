import { chunkMarkdown } from './markdown-chunks';

/** A chunk of a document that came with the item instead of from the database. */
export interface GivenChunk {
	readonly id: string;
	readonly title: string | null;
	readonly text: string;
	readonly source: string;
}

/** Chunks of given documents, or the places that cannot be read. */
export type GivenDocuments =
	| { readonly ok: true; readonly chunks: readonly GivenChunk[] }
	| { readonly ok: false; readonly problems: readonly string[] };

/** Cuts one Markdown text into searchable chunks. */
export function chunksOfText(text: string, source: string): readonly GivenChunk[] {
	return chunkMarkdown(source, text).map((chunk) => ({
		id: `${source}#${chunk.ordinal}`,
		title: chunk.title,
		text: chunk.text,
		source,
	}));
}

/**
 * Reads a list of documents: texts, or objects with `text` (or `pageContent`), and optionally `id`, `title` and `source`.
 * Texts are Markdown; long ones are cut.
 */
export function parseGivenDocuments(value: unknown): GivenDocuments {
	if (!Array.isArray(value)) return { ok: false, problems: ['a list of documents is expected'] };
	const problems: string[] = [];
	const chunks = value.flatMap((entry: unknown, index) => {
		const given = (typeof entry === 'object' && entry !== null ? entry : { text: entry }) as Record<string, unknown>;
		const text = given['text'] ?? given['pageContent'];
		if (typeof text !== 'string') {
			problems.push(`documents[${index}].text`);
			return [];
		}
		const id = typeof given['id'] === 'string' || typeof given['id'] === 'number' ? String(given['id']) : null;
		const source = typeof given['source'] === 'string' ? given['source'] : (id ?? `document ${index + 1}`);
		const title = typeof given['title'] === 'string' ? given['title'] : null;
		const parts = chunksOfText(text, source);
		return parts.map((part, ordinal) => ({
			...part,
			id: id === null ? `${index + 1}#${ordinal}` : parts.length === 1 ? id : `${id}#${ordinal}`,
			title: part.title === null ? title : title === null ? part.title : `${title} › ${part.title}`,
		}));
	});
	return problems.length > 0 ? { ok: false, problems } : { ok: true, chunks };
}
