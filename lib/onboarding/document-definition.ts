/** Documents of a client's folder, cut and described, ready to be stored. */
import { chunkSections, type Chunk } from '../knowledge/chunks';
import { countTokens } from '../knowledge/count-tokens';
import {
	parseDocumentMeta,
	type DocumentMeta,
	type DocumentMetaYaml,
	type MetaContext,
} from '../knowledge/document-meta';
import { markdownSections } from '../knowledge/markdown-sections';
import { headingPath, type Section } from '../knowledge/section';
import type { DocumentFormat } from '../ports/document-reader';
import { canonicalJson } from './canonical-json';

/** A document of a folder: a file that was read, or just a Markdown text that says nothing about itself. */
export type FolderDocument = FileDocument | { readonly path: string; readonly text: string };

/** A file that was read: its structure, and what it says about itself. */
export interface FileDocument {
	/** Relative to the folder, with slashes. */
	readonly path: string;
	readonly format: DocumentFormat;
	readonly sections: readonly Section[];
	/** Parsed YAML; null for none. */
	readonly frontMatter: unknown;
	/** Of the file's bytes: tells that a file has changed. */
	readonly contentHash: string;
}

export interface DocumentDefinition extends DocumentMeta {
	readonly path: string;
	/** Type for filters: what the document is called, or its format. */
	readonly kind: string;
	readonly format: DocumentFormat;
	/** Text as it was read, for people. */
	readonly text: string;
	readonly contentHash: string;
	readonly chunks: readonly Chunk[];
	/** Changes also when the same text is cut or described differently. */
	readonly chunksHash: string;
}

/** Sizes in tokens; the defaults are those of lib/knowledge/chunks.ts. */
export interface ChunkingOptions {
	readonly targetTokens?: number;
	readonly overlapTokens?: number;
}

export interface DefinedDocuments {
	readonly documents: readonly DocumentDefinition[];
	readonly problems: readonly string[];
	/** Chunks left out because an earlier document says the same to the same customers. */
	readonly repeatedChunks: number;
}

/**
 * Cuts the documents and checks what is said about them.
 *
 * @param entries `documents:` of client.yaml; each must name a document of the folder
 */
export function defineDocuments(
	documents: readonly FolderDocument[],
	entries: readonly (DocumentMetaYaml & { readonly path: string })[],
	context: MetaContext,
	options: ChunkingOptions & { readonly sha256Hex: (text: string) => string },
): DefinedDocuments {
	const problems = entries
		.filter(({ path }) => !documents.some((document) => document.path === path))
		.map(({ path }) => `client.yaml: client/documents: there is no document "${path}" in the folder`);
	const seen = new Set<string>();
	let repeatedChunks = 0;
	const defined = documents.flatMap((given): DocumentDefinition[] => {
		const document = 'text' in given ? ofMarkdown(given, options.sha256Hex) : given;
		const { path: _path, ...entry } = entries.find(({ path }) => path === document.path) ?? { path: '' };
		const parsed = parseDocumentMeta(document.frontMatter, entry, context);
		if (!parsed.ok) {
			problems.push(...parsed.problems.map((problem) => `${document.path}: ${problem}`));
			return [];
		}
		const all = chunkSections(document.path, document.sections, { ...options, countTokens, hash: options.sha256Hex });
		if (all.length === 0) problems.push(`${document.path}: holds no text`);
		const audience = canonicalJson(parsed.meta);
		const chunks = all.filter(({ contentHash }) => {
			const key = `${audience}\n${contentHash ?? ''}`;
			return !seen.has(key) && seen.add(key);
		});
		repeatedChunks += all.length - chunks.length;
		return [describe(document, parsed.meta, chunks, options.sha256Hex)];
	});
	return { documents: defined, problems, repeatedChunks };
}

function ofMarkdown(
	{ path, text }: { readonly path: string; readonly text: string },
	sha256Hex: (text: string) => string,
): FileDocument {
	return {
		path,
		format: 'markdown',
		sections: markdownSections(text),
		frontMatter: null,
		contentHash: sha256Hex(text),
	};
}

function describe(
	document: FileDocument,
	meta: DocumentMeta,
	chunks: readonly Chunk[],
	sha256Hex: (text: string) => string,
): DocumentDefinition {
	return {
		...meta,
		kind: meta.kind ?? document.format,
		path: document.path,
		format: document.format,
		text: textOf(document.sections),
		contentHash: document.contentHash,
		chunks,
		chunksHash: sha256Hex(canonicalJson([meta, chunks.map(({ title, text }) => [title, text])])),
	};
}

function textOf(sections: readonly Section[]): string {
	return sections
		.map(({ headings, blocks }) =>
			[headingPath(headings), ...blocks.map(({ units }) => units.join('\n'))]
				.filter((part) => part !== null)
				.join('\n\n'),
		)
		.join('\n\n');
}
