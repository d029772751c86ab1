import { indexWords, isStopWord } from './search-terms';
import type { Alternative, Synonyms } from './synonyms';

/** Words around a question count less than its subject, unless there is nothing else. */
const STOP_WEIGHT = 0.3;
/** A word the customer did not write counts less than the one they did. */
const SYNONYM_WEIGHT = 0.6;

/** One word of a query, each once, with the words that may stand for it. */
export interface QueryTerm {
	/** Folded. */
	readonly word: string;
	readonly weight: number;
	readonly alternatives: readonly Alternative[];
}

/** The words of a query with their weights; empty for a text without letters and digits. */
export function queryTerms(query: string, synonyms: Synonyms): readonly QueryTerm[] {
	const words = [...new Set(indexWords(query))];
	const hasContent = words.some((word) => !isStopWord(word));
	const alternatives = synonyms.alternatives(words);
	return words.map((word, at) => ({
		word,
		weight: hasContent && isStopWord(word) ? STOP_WEIGHT : 1,
		alternatives: (alternatives[at] ?? []).map((other) => ({ ...other, weight: other.weight * SYNONYM_WEIGHT })),
	}));
}
