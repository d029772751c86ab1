/**
 * One spelling for what customers write in many: Russian and Kazakh in Cyrillic, in Latin letters, with Kazakh letters
 * replaced by Russian ones, with doubled letters and look-alikes. Both sides of every comparison are folded, so a
 * keyword "қанша тұрады" matches "канша турады" and "qansha turady".
 *
 * The folded form is for matching only; it is never shown to people.
 */
import { remembered } from './remembered';

/** Kazakh letters and Russian letters that are typed one for the other, on one representative. */
const CYRILLIC_FOLD: Readonly<Record<string, string>> = {
	ә: 'а',
	і: 'и',
	ң: 'н',
	ғ: 'г',
	ү: 'у',
	ұ: 'у',
	қ: 'к',
	ө: 'о',
	һ: 'х',
	ё: 'е',
	э: 'е',
	й: 'и',
	ы: 'и',
	щ: 'ш',
	ь: '',
	ъ: '',
};

/** Longest sequences first: the first that fits is taken. */
const LATIN_SEQUENCES: ReadonlyArray<readonly [string, string]> = [
	['shch', 'ш'],
	['sch', 'ш'],
	['sh', 'ш'],
	['ch', 'ч'],
	['zh', 'ж'],
	['kh', 'х'],
	['gh', 'г'],
	['ts', 'ц'],
	['ya', 'я'],
	['yu', 'ю'],
	['yo', 'е'],
	['ye', 'е'],
	['ck', 'к'],
	['ce', 'це'],
	['ci', 'ци'],
	['cy', 'ци'],
	['a', 'а'],
	['b', 'б'],
	['c', 'к'],
	['d', 'д'],
	['e', 'е'],
	['f', 'ф'],
	['g', 'г'],
	['h', 'х'],
	['i', 'и'],
	['j', 'ж'],
	['k', 'к'],
	['l', 'л'],
	['m', 'м'],
	['n', 'н'],
	['o', 'о'],
	['p', 'п'],
	['q', 'к'],
	['r', 'р'],
	['s', 'с'],
	['t', 'т'],
	['u', 'у'],
	['v', 'в'],
	['w', 'ш'],
	['x', 'х'],
	['y', 'и'],
	['z', 'з'],
	['ı', 'и'],
	['ş', 'ш'],
	['ç', 'ч'],
	['ğ', 'г'],
	['ñ', 'н'],
	['ŋ', 'н'],
	['ä', 'а'],
	['ö', 'о'],
	['ü', 'у'],
	['ū', 'у'],
];

/** Latin letters that look like Cyrillic ones; used only inside words that already hold Cyrillic letters. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
	a: 'а',
	b: 'в',
	c: 'с',
	e: 'е',
	h: 'н',
	i: 'и',
	k: 'к',
	m: 'м',
	o: 'о',
	p: 'р',
	t: 'т',
	x: 'х',
	y: 'у',
};

/** A turn folds the same few texts a dozen times: its own, the latest of its history, the names of services. */
const REMEMBERED_TEXTS = 200;
const MAX_REMEMBERED_CHARS = 1_000;

const CYRILLIC = /\p{Script=Cyrillic}/u;
const LATIN = /\p{Script=Latin}/u;

/**
 * Text as people may read it, cleaned of what carries no meaning: compatibility forms, zero-width marks, runs of spaces.
 * Keeps letters, case, punctuation and line breaks.
 */
export function normalizeText(text: string): string {
	return text
		.normalize('NFKC')
		.replace(/[\u200B-\u200F\u2060\uFEFF\u00AD]/gu, '')
		.replace(/[^\S\n]+/gu, ' ')
		.replace(/ ?\n ?/gu, '\n')
		.trim();
}

/** Words of the text in order, as written (lower case, punctuation and emoji removed). Decimal digits are words. */
export function rawWords(text: string): readonly string[] {
	return (
		normalizeText(text)
			.toLowerCase()
			.replace(/(?<=\p{L})['’`ʼ](?=\p{L})/gu, '')
			.split(/[^\p{L}\p{N}\p{M}]+/u)
			// An emoji leaves its variation selector, a combining mark that is no word.
			.filter((word) => /[\p{L}\p{N}]/u.test(word))
	);
}

/** Folds one word (no spaces). An empty string comes back for a word of soft signs only. */
export function foldWord(word: string): string {
	const lower = word.toLowerCase();
	const cyrillic = CYRILLIC.test(lower) ? foldCyrillic(lower) : foldLatin(lower);
	return cyrillic.replace(/(\p{L})\1+/gu, '$1');
}

/**
 * Folded words of the text joined by single spaces; the empty string for a text without letters and digits.
 * Idempotent: folding a folded text changes nothing.
 */
export function foldText(text: string): string {
	return foldWords(text).join(' ');
}

/** As {@link foldText}, as a list of words. */
export const foldWords: (text: string) => readonly string[] = remembered(
	(text) =>
		rawWords(text)
			.map(foldWord)
			.filter((word) => word !== ''),
	REMEMBERED_TEXTS,
	MAX_REMEMBERED_CHARS,
);

function foldCyrillic(word: string): string {
	let folded = '';
	for (const letter of word) folded += CYRILLIC_FOLD[letter] ?? foldLookAlike(letter);
	return folded;
}

function foldLookAlike(letter: string): string {
	return LATIN.test(letter) ? (LOOK_ALIKES[letter] ?? foldLatin(letter)) : letter;
}

function foldLatin(word: string): string {
	if (!LATIN.test(word)) return word;
	const source = replaceDigitLetters(word);
	let folded = '';
	let at = 0;
	while (at < source.length) {
		const sequence = LATIN_SEQUENCES.find(([latin]) => source.startsWith(latin, at));
		folded += sequence === undefined ? source[at] : sequence[1];
		at += sequence === undefined ? 1 : sequence[0].length;
	}
	return folded;
}

/** "xo4u", "4to", "xoro6o": 4 and 6 stand for ч and ш in Latin chat spelling. */
function replaceDigitLetters(word: string): string {
	const letters = word.replace(/\P{L}/gu, '').length;
	if (letters < 2 || !/^\p{L}*[46]\p{L}*$/u.test(word)) return word;
	return word.replace('4', 'ch').replace('6', 'sh');
}
