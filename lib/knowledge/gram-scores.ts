import type { QueryTerm } from './query-terms';
import { gramsOfWord } from './search-terms';
import type { WordPostings } from './word-postings';

const K1 = 1.2;
const B = 0.75;

/** A term of a query as the index sees it. */
export interface ScoredTerm extends QueryTerm {
	/** Mean inverse document frequency of its grams. */
	readonly idf: number;
	/** Upper limit of what it adds to a score. */
	readonly possible: number;
}

/**
 * BM25 over the character grams of words, for all documents of an index at once.
 *
 * The grams of a word share its weight (divided by the root of their number), so that long words do not drown short
 * ones. A document gets, for each term, the better of the customer's word and the words that stand for it.
 */
export class GramScores {
	/** Scores of the last query by document. */
	readonly scores: Float32Array;
	private readonly norms: Float32Array;
	/** Scratch space, zero between calls; a search runs without interruption. */
	private readonly gramCounts: Uint32Array;
	private readonly gramDocs: Uint32Array;
	private readonly word: PartialScores;
	private readonly term: PartialScores;

	constructor(private readonly postings: WordPostings) {
		const { lengths, size } = postings;
		const average = Math.max(1, lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, size));
		this.norms = lengths.map((length) => K1 * (1 - B + (B * length) / average));
		this.scores = new Float32Array(size);
		this.gramCounts = new Uint32Array(size);
		this.gramDocs = new Uint32Array(size);
		this.word = new PartialScores(size);
		this.term = new PartialScores(size);
	}

	/** Fills {@link scores} for a query. */
	score(terms: readonly QueryTerm[]): readonly ScoredTerm[] {
		this.scores.fill(0);
		return terms.map((term) => this.addTerm(term));
	}

	private addTerm(queryTerm: QueryTerm): ScoredTerm {
		const { scores, term, word } = this;
		const { idf, possible } = this.addWord(queryTerm.word, queryTerm.weight, term);
		for (const other of queryTerm.alternatives) {
			this.addWord(other.word, other.weight * queryTerm.weight, word);
			word.drain((doc, score) => term.raise(doc, score));
		}
		term.drain((doc, score) => {
			scores[doc] = (scores[doc] ?? 0) + score;
		});
		return { ...queryTerm, idf, possible };
	}

	private addWord(word: string, weight: number, into: PartialScores): { idf: number; possible: number } {
		const grams = gramsOfWord(word);
		const { gramCounts, gramDocs, norms } = this;
		const gramWeight = (weight * (K1 + 1)) / Math.sqrt(grams.length);
		let idfs = 0;
		for (const gram of grams) {
			const found = this.postings.addGramCounts(gram, gramCounts, gramDocs);
			const idf = Math.log(1 + (this.postings.size - found + 0.5) / (found + 0.5));
			idfs += idf;
			const factor = gramWeight * idf;
			for (let at = 0; at < found; at += 1) {
				const doc = gramDocs[at] ?? 0;
				const count = gramCounts[doc] ?? 0;
				gramCounts[doc] = 0;
				into.add(doc, (factor * count) / (count + (norms[doc] ?? 0)));
			}
		}
		return { idf: idfs / grams.length, possible: gramWeight * idfs };
	}
}

/** Scores of the few documents that a word touches, without walking over all of them. */
class PartialScores {
	private readonly values: Float32Array;
	private readonly docs: Uint32Array;
	private touched = 0;

	constructor(size: number) {
		this.values = new Float32Array(size);
		this.docs = new Uint32Array(size);
	}

	/** @param score above 0 */
	add(doc: number, score: number): void {
		const before = this.values[doc] ?? 0;
		if (before === 0) this.touch(doc);
		this.values[doc] = before + score;
	}

	/** Keeps the higher of what is there and `score`. */
	raise(doc: number, score: number): void {
		const before = this.values[doc] ?? 0;
		if (before === 0) this.touch(doc);
		if (score > before) this.values[doc] = score;
	}

	/** Hands out every score and forgets it. */
	drain(take: (doc: number, score: number) => void): void {
		for (let at = 0; at < this.touched; at += 1) {
			const doc = this.docs[at] ?? 0;
			take(doc, this.values[doc] ?? 0);
			this.values[doc] = 0;
		}
		this.touched = 0;
	}

	private touch(doc: number): void {
		this.docs[this.touched] = doc;
		this.touched += 1;
	}
}
