import { foldWords } from '../language/fold-text';
import stopWords from './search-stop-words.json';

const MIN_GRAM = 3;
const MAX_GRAM = 5;

const STOP_WORDS: ReadonlySet<string> = new Set([...stopWords.ru, ...stopWords.kk].flatMap((word) => foldWords(word)));

/** Folded words of a text that carry meaning for search; a text of function words only keeps them all. */
export function contentWords(text: string): readonly string[] {
	const words = foldWords(text);
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
	return foldWords(text).flatMap(gramsOfWord);
}

/**
 * Groups of words that mean the same ("ресницы", "кірпік", "lashes"), ready for query expansion.
 *
 * @param groups each group lists words or short phrases; a group of one is ignored
 */
export function buildSynonyms(groups: readonly (readonly string[])[]): Synonyms {
	const byFirstWord = new Map<string, Array<{ words: readonly string[]; group: readonly string[] }>>();
	for (const group of groups) {
		if (group.length < 2) continue;
		for (const entry of group) {
			const words = foldWords(entry);
			const first = words[0];
			if (first === undefined) continue;
			byFirstWord.set(first, [...(byFirstWord.get(first) ?? []), { words, group }]);
		}
	}
	return {
		expand(queryWords) {
			const present = new Set(queryWords);
			const added = new Set<string>();
			queryWords.forEach((word, at) => {
				for (const { words, group } of byFirstWord.get(word) ?? []) {
					if (!words.every((part, offset) => queryWords[at + offset] === part)) continue;
					for (const other of group) for (const part of foldWords(other)) if (!present.has(part)) added.add(part);
				}
			});
			return [...added];
		},
	};
}

export interface Synonyms {
	/** Folded words that mean the same as some of `queryWords` and are not among them. */
	expand(queryWords: readonly string[]): readonly string[];
}
