import { foldWord, rawWords } from '../language/fold-text';

/** Folded forms kept over all indexes: the clients of a process share most of their words. */
const MAX_REMEMBERED = 100_000;
const APOSTROPHES = new Set(["'", '’', '`', 'ʼ']);
/** Nothing but letters, digits, punctuation and line breaks that need no Unicode normalisation. */
const PLAIN_TEXT = /^[\n\r\t\u0020-\u007E\u00AB\u00BB\u0400-\u0482\u048A-\u052F–—‘’“”„•₸№]*$/u;

const remembered = new Map<string, string>();

/**
 * The words of a text as `rawWords` gives them, several times faster for texts of ordinary letters: indexing a client
 * waits for this function more than for anything else.
 */
export function writtenWords(text: string): readonly string[] {
	// NFKC turns № into "No", so such a text takes the long way too.
	if (!PLAIN_TEXT.test(text) || text.includes('№')) return rawWords(text);
	const lower = text.toLowerCase();
	const words: string[] = [];
	let start = -1;
	let hasApostrophe = false;
	for (let at = 0; at <= lower.length; at += 1) {
		if (isWordUnit(lower.charCodeAt(at))) {
			if (start === -1) start = at;
			continue;
		}
		if (start === -1) continue;
		if (isJoiningApostrophe(lower, at)) {
			hasApostrophe = true;
			continue;
		}
		const word = lower.slice(start, at);
		words.push(hasApostrophe ? withoutApostrophes(word) : word);
		start = -1;
		hasApostrophe = false;
	}
	return words;
}

/** `foldWord`, remembered. */
export function foldWordOnce(word: string): string {
	const known = remembered.get(word);
	if (known !== undefined) return known;
	const folded = foldWord(word);
	if (remembered.size >= MAX_REMEMBERED) remembered.clear();
	remembered.set(word, folded);
	return folded;
}

/** NaN, which is what lies behind the end, is none. */
function isWordUnit(unit: number): boolean {
	return isLetter(unit) || (unit >= 0x30 && unit <= 0x39);
}

function isLetter(unit: number): boolean {
	return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x400 && unit <= 0x52f && unit !== 0x482);
}

function isJoiningApostrophe(text: string, at: number): boolean {
	return APOSTROPHES.has(text[at] ?? '') && isLetter(text.charCodeAt(at - 1)) && isLetter(text.charCodeAt(at + 1));
}

function withoutApostrophes(word: string): string {
	return [...word].filter((letter) => !APOSTROPHES.has(letter)).join('');
}
