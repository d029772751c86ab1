import { buildSynonyms, contentWords, gramsOfWord, indexTerms } from './search-terms';

/** BM25 constants; the usual values, as in the measurements the engine was chosen by. */
const K1 = 1.2;
const B = 0.75;
/** The title (question of an FAQ entry, name of a section) counts as if it were written this often. */
const TITLE_WEIGHT = 2;
/** A word the customer did not write counts less than one they did. */
const SYNONYM_WEIGHT = 0.6;
/** A query word counts as found when this share of its gram weight occurs in the chunk. */
const WORD_FOUND_SHARE = 0.5;
/** Least share of the query's word weight that must be found in the best chunk; see the threshold's test. */
export const RELEVANCE_THRESHOLD = 0.34;
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

interface QueryWord {
	readonly word: string;
	readonly weight: number;
	readonly grams: readonly string[];
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
	private readonly termSets: Array<ReadonlySet<string>> = [];
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
			this.termSets.push(new Set(counts.keys()));
			this.position.set(chunk.id, doc);
			total += length;
		});
		this.averageLength = chunks.length === 0 ? 1 : Math.max(1, total / chunks.length);
	}

	get size(): number {
		return this.chunks.length;
	}

	search(query: string, limit: number, accept: (chunk: C) => boolean = () => true): LexicalResult<C> {
		const own = this.queryWords(contentWords(query), 1);
		const added = this.queryWords(this.synonyms.expand(contentWords(query)), SYNONYM_WEIGHT);
		const scores = new Map<number, number>();
		for (const word of [...own, ...added]) this.addScores(word, scores);

		const hits: Array<LexicalHit<C>> = [];
		for (const [doc, score] of scores) {
			const chunk = this.chunks[doc];
			if (chunk === undefined || !accept(chunk)) continue;
			hits.push({ chunk, score, coverage: this.coverageOf(own, added, doc) });
		}
		hits.sort((a, b) => b.score - a.score || (a.chunk.id < b.chunk.id ? -1 : 1));
		const relevant = hits.filter((hit) => hit.coverage >= RELEVANCE_THRESHOLD);
		const best = relevant[0];
		if (best === undefined) return { hits: [], nothingRelevant: true };
		return { hits: relevant.filter((hit) => hit.score >= best.score * TAIL_SHARE).slice(0, Math.max(0, limit)), nothingRelevant: false };
	}

	coverage(query: string, chunkId: string): number {
		const doc = this.position.get(chunkId);
		if (doc === undefined) return 0;
		const words = contentWords(query);
		return this.coverageOf(this.queryWords(words, 1), this.queryWords(this.synonyms.expand(words), SYNONYM_WEIGHT), doc);
	}

	chunk(chunkId: string): C | null {
		const doc = this.position.get(chunkId);
		return doc === undefined ? null : (this.chunks[doc] ?? null);
	}

	private queryWords(words: readonly string[], weight: number): QueryWord[] {
		return [...new Set(words)].map((word) => ({ word, weight, grams: gramsOfWord(word) }));
	}

	private addScores(word: QueryWord, scores: Map<number, number>): void {
		for (const gram of word.grams) {
			const idf = this.idf(gram);
			for (const { doc, count } of this.postings.get(gram) ?? []) {
				const norm = K1 * (1 - B + (B * (this.lengths[doc] ?? 0)) / this.averageLength);
				scores.set(doc, (scores.get(doc) ?? 0) + word.weight * idf * ((count * (K1 + 1)) / (count + norm)));
			}
		}
	}

	/** Share of the customer's word weight found in the chunk; a found synonym stands for the words it replaces. */
	private coverageOf(own: readonly QueryWord[], added: readonly QueryWord[], doc: number): number {
		const terms = this.termSets[doc];
		if (terms === undefined || own.length === 0) return 0;
		let total = 0;
		let found = 0;
		for (const word of own) {
			const weight = this.wordWeight(word);
			total += weight;
			if (this.wordShare(word, terms) >= WORD_FOUND_SHARE) found += weight;
		}
		const synonymFound = added.some((word) => this.wordShare(word, terms) >= WORD_FOUND_SHARE);
		const share = total === 0 ? 0 : found / total;
		return synonymFound ? Math.max(share, SYNONYM_WEIGHT) : share;
	}

	/** Longer words carry more meaning; unlike idf this does not grow when a word is missing from the knowledge. */
	private wordWeight(word: QueryWord): number {
		return Math.min(8, word.word.length);
	}

	private wordShare(word: QueryWord, terms: ReadonlySet<string>): number {
		let present = 0;
		for (const gram of word.grams) if (terms.has(gram)) present += 1;
		return word.grams.length === 0 ? 0 : present / word.grams.length;
	}

	private idf(gram: string): number {
		const docs = this.postings.get(gram)?.length ?? 0;
		return Math.log(1 + (this.chunks.length - docs + 0.5) / (docs + 0.5));
	}
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
