/**
 * Groups of words that mean much the same for what is wanted ("стоит", "ценник", "бағасы"), in both languages.
 * They let the trained classifier use words that its examples do not hold. `*` stands for any ending.
 */
import { foldWord } from '../language/fold-text';
import lists from './concept-words.json';

const whole = new Map<string, Set<string>>();
const beginnings = new Map<string, Set<string>>();
for (const [concept, words] of Object.entries(lists))
	for (const word of words.split(' ')) {
		const index = word.endsWith('*') ? beginnings : whole;
		const folded = foldWord(word.replace('*', ''));
		index.set(folded, (index.get(folded) ?? new Set()).add(concept));
	}

/** Concepts that the folded words touch, each once, in the order of the text. */
export function findConcepts(words: readonly string[]): readonly string[] {
	const found = new Set<string>();
	for (const word of words) {
		for (const concept of whole.get(word) ?? []) found.add(concept);
		for (let length = 2; length <= word.length; length++)
			for (const concept of beginnings.get(word.slice(0, length)) ?? []) found.add(concept);
	}
	return [...found];
}
