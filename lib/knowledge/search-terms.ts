import { foldWord, foldWords } from '../language/fold-text';
import stopWords from './search-stop-words.json';

const MIN_GRAM = 3;
const MAX_GRAM = 5;

const STOP_WORDS: ReadonlySet<string> = new Set([...stopWords.ru, ...stopWords.kk].flatMap((word) => foldWords(word)));

/** Hyphenated words: also searched as one, because "Wi-Fi" is written "wifi". */
const COMPOUND = /\p{L}+(?:[-\u2010\u2011]\p{L}+)+/gu;

/** All folded words of a text, and its hyphenated words joined. */
export function indexWords(text: string): readonly string[] {
	const compounds = [...text.matchAll(COMPOUND)].map(([compound]) => foldWord(compound.replace(/\P{L}/gu, '')));
	return compounds.length === 0 ? foldWords(text) : [...foldWords(text), ...compounds];
}

/** Folded words of a text that carry meaning for search; a text of function words only keeps them all. */
export function contentWords(text: string): readonly string[] {
	const words = indexWords(text);
	const content = words.filter((word) => !STOP_WORDS.has(word));
	return content.length > 0 ? content : words;
}

/**
 * Character 3- to 5-grams of one folded word, a space at both ends: endings and typing errors cost a few grams, not
 * the whole word. A shorter word is one gram. Source of the choice: measurements on Russian and Kazakh sets, 2026-11.
 */
export function gramsOfWord(foldedWord: string): string[] {
	const padded = ` ${foldedWord} `;
	if (padded.length <= MIN_GRAM) return [padded];
	const grams: string[] = [];
	for (let size = MIN_GRAM; size <= MAX_GRAM; size += 1) {
		for (let start = 0; start + size <= padded.length; start += 1) grams.push(padded.slice(start, start + size));
	}
	return grams;
}

/** Index terms of a whole text, repeated as often as they occur. */
export function indexTerms(text: string): string[] {
	return indexWords(text).flatMap(gramsOfWord);
}

/**
 * Groups of words that mean the same ("ресницы", "кірпік", "lashes"), ready for query expansion.
 *
 * @param groups each group lists words or short phrases; a group of one is ignored
 */
export function buildSynonyms(groups: readonly (readonly string[])[]): Synonyms {
	const entries = groups
		.filter((group) => group.length > 1)
		.flatMap((group) => group.map((entry) => ({ words: foldWords(entry), group })))
		.filter(({ words }) => words.length > 0);
	return {
		expand(queryWords) {
			const added = new Set<string>();
			for (const { words, group } of entries) {
				const found = queryWords.some((_, at) =>
					words.every((part, offset) => isForm(queryWords[at + offset] ?? '', part)),
				);
				if (found) for (const other of group) for (const part of foldWords(other)) added.add(part);
			}
			for (const word of queryWords) added.delete(word);
			return [...added];
		},
	};
}

/** Least letters from which an ending may differ: shorter words are compared whole. */
const MIN_INFLECTED = 4;

/** "детьми" is a form of "дети": all but the last letter of the listed word is shared, and the ending is short. */
function isForm(word: string, listed: string): boolean {
	if (word === listed) return true;
	if (listed.length < MIN_INFLECTED || word.length > listed.length + 4) return false;
	return word.startsWith(listed.slice(0, listed.length - 1));
}

export interface Synonyms {
	/** Folded words that mean the same as some of `queryWords` and are not among them. */
	expand(queryWords: readonly string[]): readonly string[];
}
