import { buildSynonyms, contentWords, gramsOfWord, indexTerms, indexWords } from './search-terms';
import { wordLikeness } from './word-likeness';

/** BM25 constants; the usual values, as in the measurements the engine was chosen by. */
const K1 = 1.2;
const B = 0.75;
/** The title (question of an FAQ entry, name of a section) counts as if it were written this often. */
const TITLE_WEIGHT = 2;
/** A word the customer did not write counts less than one they did. */
const SYNONYM_WEIGHT = 0.6;
/** A synonym counts as found from this likeness on. */
const SYNONYM_FOUND = 0.8;
/** Least share of the query's words that a chunk must cover; calibrated on the demo salon (see its test). */
export const RELEVANCE_THRESHOLD = 0.4;
/** So many chunks, best by grams first, are compared word by word. */
const MIN_RERANKED = 30;
/** What a chunk that covers nothing keeps of its gram score: coverage orders, grams break ties. */
const UNCOVERED_SHARE = 0.3;
/** Long words carry more meaning than short ones, up to this length. */
const MAX_WORD_WEIGHT = 8;
/** Chunks that score below this share of the best one are left out. */
const TAIL_SHARE = 0.25;

export interface IndexableChunk {
	readonly id: string;
	readonly title: string | null;
	readonly text: string;
}

export interface LexicalHit<C extends IndexableChunk> {
	readonly chunk: C;
	/** BM25 sum; compare only within one search. */
	readonly score: number;
	/** 0..1: how much of what the customer asked occurs in the chunk. */
	readonly coverage: number;
}

export interface LexicalResult<C extends IndexableChunk> {
	readonly hits: ReadonlyArray<LexicalHit<C>>;
	/** True when no chunk covers enough of the query; `hits` is then empty. */
	readonly nothingRelevant: boolean;
}

export interface LexicalIndex<C extends IndexableChunk> {
	readonly size: number;
	/** @param accept leaves out chunks (other branch, not valid today) before the limit is applied */
	search(query: string, limit: number, accept?: (chunk: C) => boolean): LexicalResult<C>;
	/** How much of the query occurs in one chunk of this index (0..1); 0 for an unknown id. */
	coverage(query: string, chunkId: string): number;
	chunk(chunkId: string): C | null;
}

interface Posting {
	readonly doc: number;
	readonly count: number;
}

/**
 * Builds an exact in-process BM25 index over character grams inside words, for one client's chunks.
 *
 * Both sides are folded, so Kazakh letters, Latin spelling and typing errors match. Building takes milliseconds for
 * hundreds of chunks; keep the result in a {@link LexicalIndexCache}.
 *
 * @param synonyms groups of words that mean the same, from the domain pack
 */
export function buildLexicalIndex<C extends IndexableChunk>(
	chunks: readonly C[],
	synonyms: readonly (readonly string[])[] = [],
): LexicalIndex<C> {
	return new GramIndex(chunks, synonyms);
}

class GramIndex<C extends IndexableChunk> implements LexicalIndex<C> {
	private readonly postings = new Map<string, Posting[]>();
	private readonly lengths: number[] = [];
	private readonly words: Array<readonly string[]> = [];
	private readonly position = new Map<string, number>();
	private readonly averageLength: number;
	private readonly synonyms;

	constructor(
		private readonly chunks: readonly C[],
		synonyms: readonly (readonly string[])[],
	) {
		this.synonyms = buildSynonyms(synonyms);
		let total = 0;
		chunks.forEach((chunk, doc) => {
			const counts = countTerms(chunk);
			let length = 0;
			for (const [term, count] of counts) {
				length += count;
				const list = this.postings.get(term);
				if (list === undefined) this.postings.set(term, [{ doc, count }]);
				else list.push({ doc, count });
			}
			this.lengths.push(length);
			this.words.push([...new Set([...indexWords(chunk.text), ...indexWords(chunk.title ?? '')])]);
			this.position.set(chunk.id, doc);
			total += length;
		});
		this.averageLength = chunks.length === 0 ? 1 : Math.max(1, total / chunks.length);
	}

	get size(): number {
		return this.chunks.length;
	}

	search(query: string, limit: number, accept: (chunk: C) => boolean = () => true): LexicalResult<C> {
		const own = [...new Set(contentWords(query))];
		const added = this.synonyms.expand(own);
		const scores = new Map<number, number>();
		for (const word of own) this.addScores(word, 1, scores);
		for (const word of added) this.addScores(word, SYNONYM_WEIGHT, scores);

		const candidates = [...scores]
			.flatMap(([doc, score]) => {
				const chunk = this.chunks[doc];
				return chunk === undefined || !accept(chunk) ? [] : [{ doc, chunk, score }];
			})
			.sort((a, b) => b.score - a.score || a.doc - b.doc)
			.slice(0, Math.max(MIN_RERANKED, limit * 2));
		const hits = candidates
			.map(({ doc, chunk, score }) => {
				const coverage = this.coverageOf(own, added, doc);
				return { chunk, score: score * (UNCOVERED_SHARE + coverage), coverage };
			})
			.filter(({ coverage }) => coverage >= RELEVANCE_THRESHOLD)
			.sort((a, b) => b.score - a.score);
		const best = hits[0];
		if (best === undefined) return { hits: [], nothingRelevant: true };
		return {
			hits: hits.filter((hit) => hit.score >= best.score * TAIL_SHARE).slice(0, Math.max(0, limit)),
			nothingRelevant: false,
		};
	}

	coverage(query: string, chunkId: string): number {
		const doc = this.position.get(chunkId);
		if (doc === undefined) return 0;
		const words = [...new Set(contentWords(query))];
		return this.coverageOf(words, this.synonyms.expand(words), doc);
	}

	chunk(chunkId: string): C | null {
		const doc = this.position.get(chunkId);
		return doc === undefined ? null : (this.chunks[doc] ?? null);
	}

	private addScores(word: string, weight: number, scores: Map<number, number>): void {
		for (const gram of gramsOfWord(word)) {
			const idf = this.idf(gram);
			for (const { doc, count } of this.postings.get(gram) ?? []) {
				const norm = K1 * (1 - B + (B * (this.lengths[doc] ?? 0)) / this.averageLength);
				scores.set(doc, (scores.get(doc) ?? 0) + weight * idf * ((count * (K1 + 1)) / (count + norm)));
			}
		}
	}

	/**
	 * Share of the customer's words found in the chunk, longer words counting more. Unlike idf the weight does not
	 * grow when a word is missing from the knowledge. A found synonym stands for most of the question.
	 */
	private coverageOf(own: readonly string[], added: readonly string[], doc: number): number {
		const words = this.words[doc] ?? [];
		let total = 0;
		let found = 0;
		for (const word of own) {
			const weight = Math.min(MAX_WORD_WEIGHT, word.length);
			total += weight;
			found += weight * bestLikeness(word, words);
		}
		const share = total === 0 ? 0 : found / total;
		const synonymFound = added.some((word) => bestLikeness(word, words) >= SYNONYM_FOUND);
		return synonymFound ? Math.max(share, SYNONYM_WEIGHT) : share;
	}

	private idf(gram: string): number {
		const docs = this.postings.get(gram)?.length ?? 0;
		return Math.log(1 + (this.chunks.length - docs + 0.5) / (docs + 0.5));
	}
}

function bestLikeness(word: string, words: readonly string[]): number {
	let best = 0;
	for (const other of words) {
		best = Math.max(best, wordLikeness(word, other));
		if (best === 1) break;
	}
	return best;
}

function countTerms(chunk: IndexableChunk): Map<string, number> {
	const counts = new Map<string, number>();
	const add = (text: string, weight: number): void => {
		for (const term of indexTerms(text)) counts.set(term, (counts.get(term) ?? 0) + weight);
	};
	add(chunk.text, 1);
	if (chunk.title !== null) add(chunk.title, TITLE_WEIGHT);
	return counts;
}
