import { foldWords } from '../language/fold-text';
import { isStopWord } from './search-terms';

/** Least letters from which an ending may differ: shorter words are compared whole. */
const MIN_INFLECTED = 4;
const MAX_ENDING_LETTERS = 4;

/** A word that may stand for one of the query's; `weight` is below 1 for a part of a phrase. */
export interface Alternative {
	readonly word: string;
	readonly weight: number;
}

export interface Synonyms {
	/** Alternatives of each query word, in the order of the words; words of the query itself are left out. */
	alternatives(queryWords: readonly string[]): ReadonlyArray<readonly Alternative[]>;
}

/**
 * Groups of words that mean the same ("ресницы", "кірпік", "lashes"), ready for queries.
 *
 * @param groups each group lists words or short phrases; a group of one is ignored
 */
export function buildSynonyms(groups: readonly (readonly string[])[]): Synonyms {
	const entries = groups
		.filter((group) => group.length > 1)
		.flatMap((group) => {
			const folded = group.map((entry) => foldWords(entry));
			const alternatives = mergeAlternatives(folded.flatMap(asAlternatives));
			return folded.filter((words) => words.length > 0).map((words) => ({ words, alternatives }));
		});
	return {
		alternatives(queryWords) {
			const found = queryWords.map((): Alternative[] => []);
			for (const { words, alternatives } of entries) {
				queryWords.forEach((_, at) => {
					const fits = words.every((part, offset) => isForm(queryWords[at + offset] ?? '', part));
					if (fits) found[at]?.push(...alternatives);
				});
			}
			return found.map((list) => mergeAlternatives(list).filter(({ word }) => !queryWords.includes(word)));
		},
	};
}

/** The words of a phrase share its weight: one of them alone says less than the phrase. */
function asAlternatives(entry: readonly string[]): Alternative[] {
	const telling = entry.filter((word) => !isStopWord(word));
	return telling.map((word) => ({ word, weight: 1 / Math.sqrt(telling.length) }));
}

function mergeAlternatives(list: readonly Alternative[]): Alternative[] {
	const best = new Map<string, number>();
	for (const { word, weight } of list) best.set(word, Math.max(best.get(word) ?? 0, weight));
	return [...best].map(([word, weight]) => ({ word, weight }));
}

/** "детьми" is a form of "дети": all but the last letter of the listed word is shared, and the ending is short. */
function isForm(word: string, listed: string): boolean {
	if (word === listed) return true;
	if (listed.length < MIN_INFLECTED || word.length > listed.length + MAX_ENDING_LETTERS) return false;
	return word.startsWith(listed.slice(0, listed.length - 1));
}
