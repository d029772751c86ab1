import { headingPath, type Block, type Section } from './section';

export const DEFAULT_CHUNK_TOKENS = 500;
export const DEFAULT_OVERLAP_TOKENS = 50;
/** Characters per token assumed without a tokenizer; close to what they give for Russian and Kazakh. */
const CHARS_PER_TOKEN = 3;
/** A table or list this many times larger than the target is split after all, between rows or items. */
const UNTORN_FACTOR = 2;

export interface ChunkOptions {
	/** Aimed size of a chunk, tokens. */
	readonly targetTokens?: number;
	/** Text of the previous chunk repeated at the start of the next one inside a section, tokens. */
	readonly overlapTokens?: number;
	/** Number of tokens of a text; without it a third of its characters. */
	readonly countTokens?: (text: string) => number;
	/** Content hash of title and text, for de-duplication; without it `contentHash` is null. */
	readonly hash?: (text: string) => string;
}

/** One searchable piece of a document, plain text (no Markdown marks), ready to be shown to a customer. */
export interface Chunk {
	readonly path: string;
	/** Position in the document, from 0. */
	readonly ordinal: number;
	/** Headings above the text, outermost first, joined by " › "; null when there are none. */
	readonly title: string | null;
	readonly text: string;
	readonly contentHash: string | null;
}

interface Sizes {
	readonly target: number;
	readonly overlap: number;
	readonly tokens: (text: string) => number;
}

/**
 * Cuts a document into chunks along its structure.
 *
 * A section (text under one heading) is never merged with another, so that an FAQ entry stays one chunk with its
 * question as title. A long section is cut between blocks, then between list items, table rows (the header is
 * repeated) or sentences. Identical chunks are kept once.
 *
 * @returns an empty array for a document without text
 */
export function chunkSections(path: string, sections: readonly Section[], options: ChunkOptions = {}): Chunk[] {
	const sizes: Sizes = {
		target: Math.max(1, options.targetTokens ?? DEFAULT_CHUNK_TOKENS),
		overlap: Math.max(0, options.overlapTokens ?? DEFAULT_OVERLAP_TOKENS),
		tokens: options.countTokens ?? ((text) => text.length / CHARS_PER_TOKEN),
	};
	const chunks: Chunk[] = [];
	const seen = new Set<string>();
	for (const section of sections) {
		const title = headingPath(section.headings);
		for (const text of packBlocks(section.blocks, sizes)) {
			const identity = `${title ?? ''}\n${text}`;
			if (seen.has(identity)) continue;
			seen.add(identity);
			chunks.push({ path, ordinal: chunks.length, title, text, contentHash: options.hash?.(identity) ?? null });
		}
	}
	return chunks;
}

function packBlocks(blocks: readonly Block[], sizes: Sizes): string[] {
	const texts: string[] = [];
	let current = new Parts('\n\n');
	let currentEnds: Block['kind'] | null = null;
	for (const block of blocks) {
		for (const text of splitBlock(block, sizes)) {
			const size = sizes.tokens(text);
			if (!current.isEmpty && current.size + size > sizes.target) {
				texts.push(current.text);
				// Rows and items stand for themselves; repeated before another table they would look like its rows.
				const overlap = currentEnds === 'text' && block.kind === 'text' ? tailSentences(current.text, sizes) : '';
				const overlapSize = sizes.tokens(overlap);
				current = new Parts('\n\n');
				if (overlapSize + size <= sizes.target) current.add(overlap, overlapSize);
			}
			current.add(text, size);
			currentEnds = block.kind;
		}
	}
	if (!current.isEmpty) texts.push(current.text);
	return texts;
}

/** Parts of a block, each at most about the target; a part that cannot be cut (one long word) stays whole. */
function splitBlock(block: Block, sizes: Sizes): string[] {
	const whole = block.units.join('\n');
	const limit = block.kind === 'text' ? sizes.target : sizes.target * UNTORN_FACTOR;
	if (sizes.tokens(whole) <= limit) return whole.trim() === '' ? [] : [whole];
	const [first, ...rest] = block.units;
	const hasHeader = block.kind === 'table' && block.hasHeader !== false && first !== undefined && rest.length > 0;
	const header = hasHeader ? first : null;
	const headerSize = header === null ? 0 : sizes.tokens(header);
	// Parts of a running text leave room for the overlap before them.
	const target = block.kind === 'text' ? sizes.target - Math.min(sizes.overlap, sizes.target / 2) : sizes.target;
	const parts: string[] = [];
	let current = new Parts(block.kind === 'text' ? ' ' : '\n');
	const close = (): void => {
		if (!current.isEmpty) parts.push(header === null ? current.text : `${header}\n${current.text}`);
		current = new Parts(block.kind === 'text' ? ' ' : '\n');
	};
	for (const { text, size } of (header === null ? block.units : rest).flatMap((unit) =>
		cutUnit(unit, { ...sizes, target }),
	)) {
		if (!current.isEmpty && headerSize + current.size + size > target) close();
		current.add(text, size);
	}
	close();
	return parts;
}

interface Measured {
	readonly text: string;
	readonly size: number;
}

function cutUnit(unit: string, sizes: Sizes): Measured[] {
	const size = sizes.tokens(unit);
	return size <= sizes.target ? [{ text: unit, size }] : sentences(unit).flatMap((part) => cutSentence(part, sizes));
}

/** A sentence that is too long is cut between words. */
function cutSentence(sentence: string, sizes: Sizes): Measured[] {
	const size = sizes.tokens(sentence);
	if (size <= sizes.target) return [{ text: sentence, size }];
	const parts: Measured[] = [];
	let current = new Parts(' ');
	for (const word of sentence.split(/\s+/u)) {
		const wordSize = sizes.tokens(` ${word}`);
		if (!current.isEmpty && current.size + wordSize > sizes.target) {
			parts.push(current);
			current = new Parts(' ');
		}
		current.add(word, wordSize);
	}
	return current.isEmpty ? parts : [...parts, current];
}

function sentences(text: string): string[] {
	return text.split(/(?<=[.!?…])\s+|\n+/u).filter((sentence) => sentence.trim() !== '');
}

/** The last whole sentences that fit, so that an overlap never starts in the middle of a sentence. */
function tailSentences(text: string, sizes: Sizes): string {
	const tail: string[] = [];
	let size = 0;
	for (const sentence of sentences(text).reverse()) {
		size += sizes.tokens(sentence);
		if (size > sizes.overlap) break;
		tail.unshift(sentence);
	}
	return tail.join(' ');
}

/** Pieces of text joined as they come, with the sum of their sizes: counting the whole anew each time would be quadratic. */
class Parts implements Measured {
	size = 0;
	private readonly pieces: string[] = [];

	constructor(private readonly separator: string) {}

	get isEmpty(): boolean {
		return this.pieces.length === 0;
	}

	get text(): string {
		return this.pieces.join(this.separator);
	}

	add(text: string, size: number): void {
		if (text.trim() === '') return;
		this.pieces.push(text);
		this.size += size;
	}
}
