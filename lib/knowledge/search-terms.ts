import { foldWords } from '../language/fold-text';
import stopWords from './search-stop-words.json';
import { foldWordOnce, writtenWords } from './written-words';

/** Letters of a gram; a shorter word is one gram. */
export const GRAM_LETTERS = 4;
/** A title that is not given is looked for at the beginning of the text, so long at most. */
const MAX_LEAD_CHARS = 200;

/** Folded words that say little about what is asked: function words and the phrases around a question. */
const STOP_WORDS: ReadonlySet<string> = new Set([...stopWords.ru, ...stopWords.kk].flatMap((word) => foldWords(word)));

/** Hyphenated words: also searched as one, because "Wi-Fi" is written "wifi". */
const COMPOUND = /\p{L}+(?:[-\u2010\u2011]\p{L}+)+/gu;
const HYPHEN = /[-\u2010\u2011]/u;
const LEAD_QUESTION = new RegExp(`^[^.!?\\n]{3,${MAX_LEAD_CHARS}}\\?`, 'u');

/** True for a folded word that says little about what is asked. */
export function isStopWord(foldedWord: string): boolean {
	return STOP_WORDS.has(foldedWord);
}

/** The hyphenated words of a text, joined, as written otherwise. */
export function compoundWords(text: string): readonly string[] {
	if (!HYPHEN.test(text)) return [];
	return text
		.split(/\s+/u)
		.filter((part) => HYPHEN.test(part))
		.flatMap((part) => [...part.matchAll(COMPOUND)].map(([compound]) => compound.replace(/\P{L}/gu, '')));
}

/** All folded words of a text, and its hyphenated words joined. */
export function indexWords(text: string): readonly string[] {
	const written = [...writtenWords(text), ...compoundWords(text)];
	return written.map(foldWordOnce).filter((word) => word !== '');
}

/** Folded words of a text that carry meaning for search; a text of function words only keeps them all. */
export function contentWords(text: string): readonly string[] {
	const words = indexWords(text);
	const content = words.filter((word) => !isStopWord(word));
	return content.length > 0 ? content : words;
}

/**
 * Character 4-grams of one folded word with a space at both ends: endings and typing errors cost a few grams, not the
 * whole word. A shorter word is one gram. On Russian and Kazakh sets they find as much as 3- to 5-grams together, for
 * a third of the work (docs of the engine: lexical-index.ts).
 */
export function gramsOfWord(foldedWord: string): string[] {
	const padded = ` ${foldedWord} `;
	if (padded.length <= GRAM_LETTERS) return [padded];
	const grams: string[] = [];
	for (let start = 0; start + GRAM_LETTERS <= padded.length; start += 1) {
		grams.push(padded.slice(start, start + GRAM_LETTERS));
	}
	return grams;
}

/** The question at the beginning of a text: FAQ entries are often kept as "question? answer" in one field. */
export function leadQuestion(text: string): string | null {
	return LEAD_QUESTION.exec(text.trimStart())?.[0] ?? null;
}
