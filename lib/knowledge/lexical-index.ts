import { bestLikeness } from './word-likeness';
import { TopDocuments } from './top-documents';
import { GramScores, type ScoredTerm } from './gram-scores';
import { queryTerms } from './query-terms';
import { indexWords, isStopWord, leadQuestion } from './search-terms';
import { buildSynonyms, type Synonyms } from './synonyms';
import { WordPostings } from './word-postings';

/*
 * The numbers below were chosen together on six sets (Russian chat -> FAQ with and without titles, Russian and Kazakh
 * questions -> passages, headings -> sections, small-business FAQs in both languages), 2026-11; each is kept because
 * it helped on at least two of them. docs/evaluation.md has the figures.
 */
/** The title (question of an FAQ entry, name of a section) counts as if it were written this often. */
const TITLE_WEIGHT = 2;
/** Best chunks by grams that are compared with the query word by word. */
const RERANKED = 30;
/** What full coverage of the query's words adds to a score, as a share of it. */
const COVERAGE_SHARE = 0.5;
/** What a title whose words are all in the query adds. */
const TITLE_COVER_SHARE = 0.5;
/** A word of the title that says little counts so much less. */
const TITLE_STOP_WEIGHT = 0.3;
/** Chunks that score below this share of the best one are left out of an answer. */
const TAIL_SHARE = 0.35;

/*
 * "Nothing relevant": the best score as a share of what a chunk with the query's very words would score. The more
 * chunks there are, the better the best of them fits by accident, so the bar rises with the logarithm of their number.
 * Calibrated on FAQs of six small businesses asked with each other's questions, and on halves of the larger sets.
 */
const BAR_BASE = 0.03;
const BAR_PER_DECADE = 0.065;
const MAX_BAR = 0.26;

export interface IndexableChunk {
	readonly id: string;
	readonly title: string | null;
	readonly text: string;
}

export interface LexicalHit<C extends IndexableChunk> {
	readonly chunk: C;
	/** BM25 over grams with what coverage adds; compare only within one search. */
	readonly score: number;
	/** The score as a share of the best possible one for the query; comparable between searches. Rarely above 1. */
	readonly relevance: number;
}

export interface LexicalResult<C extends IndexableChunk> {
	readonly hits: ReadonlyArray<LexicalHit<C>>;
	/** True when no chunk is relevant enough; `hits` is then empty. */
	readonly nothingRelevant: boolean;
}

export interface LexicalIndex<C extends IndexableChunk> {
	readonly size: number;
	/** From this relevance on a chunk counts as an answer. */
	readonly relevanceBar: number;
	/**
	 * The best chunks in order, however little they say about the query.
	 *
	 * @param accept leaves out chunks (other branch, not valid today) before the limit is applied
	 */
	rank(query: string, limit: number, accept?: (chunk: C) => boolean): ReadonlyArray<LexicalHit<C>>;
	/** As {@link rank}, without chunks far behind the best one; empty when nothing is relevant. */
	search(query: string, limit: number, accept?: (chunk: C) => boolean): LexicalResult<C>;
	/** Relevance of given chunks, in their order; 0 for an unknown id. */
	relevanceOf(query: string, chunkIds: readonly string[]): readonly number[];
	chunk(chunkId: string): C | null;
}

/**
 * Builds an exact in-process BM25 index over character grams inside words, for one client's chunks.
 *
 * Both sides are folded, so Kazakh letters, Latin spelling and typing errors match. A thousand
 * chunks take tens of milliseconds to build; keep the result in a {@link LexicalIndexCache}.
 *
 * @param synonyms groups of words that mean the same, from the domain pack
 */
export function buildLexicalIndex<C extends IndexableChunk>(
	chunks: readonly C[],
	synonyms: readonly (readonly string[])[] = [],
): LexicalIndex<C> {
	return new GramIndex(chunks, buildSynonyms(synonyms));
}

class GramIndex<C extends IndexableChunk> implements LexicalIndex<C> {
	readonly relevanceBar: number;
	private readonly titles: ReadonlyArray<string | null>;
	private readonly postings: WordPostings;
	private readonly position = new Map<string, number>();
	private readonly grams: GramScores;

	constructor(
		private readonly chunks: readonly C[],
		private readonly synonyms: Synonyms,
	) {
		this.titles = chunks.map(({ title, text }) => title ?? leadQuestion(text));
		this.postings = new WordPostings(
			chunks.map(({ text }, doc) => ({ text, title: this.titles[doc] ?? null })),
			TITLE_WEIGHT,
		);
		chunks.forEach((chunk, doc) => this.position.set(chunk.id, doc));
		this.grams = new GramScores(this.postings);
		this.relevanceBar = Math.min(MAX_BAR, BAR_BASE + BAR_PER_DECADE * Math.log10(Math.max(1, chunks.length)));
	}

	get size(): number {
		return this.chunks.length;
	}

	rank(query: string, limit: number, accept: (chunk: C) => boolean = () => true): LexicalHit<C>[] {
		const terms = this.grams.score(queryTerms(query, this.synonyms));
		const top = new TopDocuments(Math.max(limit, RERANKED));
		this.grams.scores.forEach((score, doc) => {
			const chunk = this.chunks[doc];
			if (score > top.least && chunk !== undefined && accept(chunk)) top.add(doc, score);
		});
		return top
			.documents()
			.flatMap((doc) => this.toHit(doc, terms))
			.sort((a, b) => b.score - a.score)
			.slice(0, Math.max(0, limit));
	}

	search(query: string, limit: number, accept?: (chunk: C) => boolean): LexicalResult<C> {
		const hits = this.rank(query, limit, accept);
		const best = hits[0];
		if (best === undefined || best.relevance < this.relevanceBar) return { hits: [], nothingRelevant: true };
		return { hits: hits.filter(({ score }) => score >= best.score * TAIL_SHARE), nothingRelevant: false };
	}

	relevanceOf(query: string, chunkIds: readonly string[]): number[] {
		const terms = this.grams.score(queryTerms(query, this.synonyms));
		return chunkIds.map((id) => {
			const doc = this.position.get(id);
			return doc === undefined ? 0 : (this.toHit(doc, terms)[0]?.relevance ?? 0);
		});
	}

	chunk(chunkId: string): C | null {
		const doc = this.position.get(chunkId);
		return doc === undefined ? null : (this.chunks[doc] ?? null);
	}

	private toHit(doc: number, terms: readonly ScoredTerm[]): Array<LexicalHit<C>> {
		const chunk = this.chunks[doc];
		if (chunk === undefined) return [];
		const possible = terms.reduce((sum, term) => sum + term.possible, 0);
		const covered = COVERAGE_SHARE * this.coverage(terms, doc) + TITLE_COVER_SHARE * this.titleCover(terms, doc);
		const score = (this.grams.scores[doc] ?? 0) * (1 + covered);
		return [{ chunk, score, relevance: possible === 0 ? 0 : score / possible }];
	}

	/** 0..1: how much of the query's words, rare ones counting more, is in the chunk in some form. */
	private coverage(terms: readonly ScoredTerm[], doc: number): number {
		const words = [...this.postings.wordsOf(doc)].map((id) => this.postings.words[id] ?? '');
		let total = 0;
		let found = 0;
		for (const { word, weight, idf, alternatives } of terms) {
			total += weight * idf;
			const best = alternatives.reduce(
				(most, other) => (most >= other.weight ? most : Math.max(most, other.weight * bestLikeness(other.word, words))),
				bestLikeness(word, words),
			);
			found += weight * idf * best;
		}
		return total === 0 ? 0 : found / total;
	}

	/** 0..1: how much of the title's words is in the query in some form. */
	private titleCover(terms: readonly ScoredTerm[], doc: number): number {
		const title = this.titles[doc] ?? null;
		if (title === null) return 0;
		const asked = terms.map(({ word }) => word);
		let total = 0;
		let found = 0;
		for (const word of new Set(indexWords(title))) {
			const id = this.postings.idOf(word);
			const documents = id === undefined ? 1 : this.postings.documentsOf(id);
			const weight = Math.log(1 + this.size / documents) * (isStopWord(word) ? TITLE_STOP_WEIGHT : 1);
			total += weight;
			found += weight * bestLikeness(word, asked);
		}
		return total === 0 ? 0 : found / total;
	}
}
