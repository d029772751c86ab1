import { headingPath, markdownSections, type Block } from './markdown-sections';

/** Characters per token assumed when sizes are counted; close to what tokenizers give for Russian and Kazakh. */
const CHARS_PER_TOKEN = 3;
/** A table or list this many times larger than the target is split after all, between rows or items. */
const UNTORN_FACTOR = 2;

export interface ChunkOptions {
	/** Aimed size of a chunk, tokens. */
	readonly targetTokens?: number;
	/** Text of the previous chunk repeated at the start of the next one inside a section, tokens. */
	readonly overlapTokens?: number;
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

/**
 * Cuts a Markdown document into chunks along its structure.
 *
 * A section (text under one heading) is never merged with another, so that an FAQ entry stays one chunk with its
 * question as title. A long section is cut between blocks, then between list items, table rows (the header is
 * repeated) or sentences. HTML, comments and front matter are dropped; identical chunks are kept once.
 *
 * @returns an empty array for a document without text
 */
export function chunkMarkdown(path: string, markdown: string, options: ChunkOptions = {}): Chunk[] {
	const targetChars = Math.max(1, options.targetTokens ?? 500) * CHARS_PER_TOKEN;
	const overlapChars = Math.max(0, options.overlapTokens ?? 50) * CHARS_PER_TOKEN;
	const chunks: Chunk[] = [];
	const seen = new Set<string>();
	for (const section of markdownSections(markdown)) {
		const title = headingPath(section.headings);
		for (const text of packBlocks(section.blocks, targetChars, overlapChars)) {
			const identity = `${title ?? ''}\n${text}`;
			if (seen.has(identity)) continue;
			seen.add(identity);
			chunks.push({ path, ordinal: chunks.length, title, text, contentHash: options.hash?.(identity) ?? null });
		}
	}
	return chunks;
}

function packBlocks(blocks: readonly Block[], targetChars: number, overlapChars: number): string[] {
	const pieces = blocks.flatMap((block) => splitBlock(block, targetChars).map((text) => ({ text, kind: block.kind })));
	const texts: string[] = [];
	let current = '';
	let currentEnds: Block['kind'] | null = null;
	for (const { text, kind } of pieces) {
		if (current !== '' && current.length + text.length + 1 > targetChars) {
			texts.push(current);
			// Rows and items stand for themselves; repeated before another table they would look like its rows.
			const overlap = currentEnds === 'text' && kind === 'text' ? tailSentences(current, overlapChars) : '';
			current = overlap === '' ? text : `${overlap}\n\n${text}`;
		} else {
			current = current === '' ? text : `${current}\n\n${text}`;
		}
		currentEnds = kind;
	}
	if (current.trim() !== '') texts.push(current);
	return texts;
}

/** Parts of a block, each at most about `targetChars`; a part that cannot be cut (one long word) stays whole. */
function splitBlock(block: Block, targetChars: number): string[] {
	const whole = block.units.join('\n');
	const limit = block.kind === 'text' ? targetChars : targetChars * UNTORN_FACTOR;
	if (whole.length <= limit) return [whole];
	const [first, ...rest] = block.units;
	const header = block.kind === 'table' && first !== undefined ? `${first}\n` : '';
	const units = (header === '' ? block.units : rest).flatMap((unit) =>
		unit.length > targetChars ? sentences(unit, targetChars) : [unit],
	);
	const parts: string[] = [];
	let current = '';
	for (const unit of units) {
		if (current !== '' && header.length + current.length + unit.length + 1 > targetChars) {
			parts.push(header + current);
			current = unit;
		} else {
			current = current === '' ? unit : `${current}${block.kind === 'text' ? ' ' : '\n'}${unit}`;
		}
	}
	if (current !== '') parts.push(header + current);
	return parts;
}

/** Sentences of a text; one that is longer than `maxChars` is cut between words. */
function sentences(text: string, maxChars: number): string[] {
	return text
		.split(/(?<=[.!?…])\s+|\n+/u)
		.filter((sentence) => sentence.trim() !== '')
		.flatMap((sentence) => (sentence.length <= maxChars ? [sentence] : cutBetweenWords(sentence, maxChars)));
}

function cutBetweenWords(text: string, maxChars: number): string[] {
	const parts: string[] = [];
	let current = '';
	for (const word of text.split(/\s+/u)) {
		if (current !== '' && current.length + word.length + 1 > maxChars) {
			parts.push(current);
			current = word;
		} else {
			current = current === '' ? word : `${current} ${word}`;
		}
	}
	return current === '' ? parts : [...parts, current];
}

/** The last whole sentences that fit, so that an overlap never starts in the middle of a sentence. */
function tailSentences(text: string, maxChars: number): string {
	let tail = '';
	for (const sentence of sentences(text, Number.POSITIVE_INFINITY).reverse()) {
		if (tail.length + sentence.length + 1 > maxChars) break;
		tail = tail === '' ? sentence : `${sentence} ${tail}`;
	}
	return tail;
}
