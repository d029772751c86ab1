/**
 * What a message is made of for the trained classifier: its folded words, their neighbours, and the character groups
 * inside each word. Character groups carry endings and typing errors; folding joins scripts and spellings.
 */
import { foldWords } from '../language/fold-text';

const MIN_GROUP = 2;
const MAX_GROUP = 5;
/** Longer messages say nothing more about what is wanted, and cost time. */
const MAX_WORDS = 80;
/** "87015705555" and "14" are both numbers; how many digits they have tells a phone from an hour. */
const MAX_NUMBER_DIGITS = 6;

/** Terms of one message by kind; a term that occurs twice is listed twice. */
export interface MessageTerms {
	readonly words: readonly string[];
	readonly groups: readonly string[];
}

/** Terms of a text. Words, neighbouring words and signs are `words`, character groups of 2 to 5 are `groups`. */
export function messageTerms(text: string): MessageTerms {
	const words = foldWords(text).slice(0, MAX_WORDS).map(withoutDigits);
	const groups: string[] = [];
	for (const word of words) addGroups(word, groups);
	const pairs = words.slice(1).map((word, index) => `=${words[index] ?? ''} ${word}`);
	return { words: [...words.map((word) => `=${word}`), ...pairs, ...signsOf(text)], groups };
}

function addGroups(word: string, groups: string[]): void {
	const padded = ` ${word} `;
	for (let size = MIN_GROUP; size <= MAX_GROUP; size++)
		for (let at = 0; at + size <= padded.length; at++) groups.push(padded.slice(at, at + size));
}

function withoutDigits(word: string): string {
	return /^\p{N}+$/u.test(word) ? '0'.repeat(Math.min(MAX_NUMBER_DIGITS, word.length)) : word;
}

function signsOf(text: string): readonly string[] {
	return [
		...(/[?？]/u.test(text) ? ['=?'] : []),
		...(text.includes('!') ? ['=!'] : []),
		...(/\p{Extended_Pictographic}/u.test(text) ? ['=emoji'] : []),
	];
}
