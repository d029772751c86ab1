import { digitsForWords } from './number-words';

/** Letters of other alphabets that look like Cyrillic ones: a draft may hold them by mistake, or to slip past a check. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
	a: 'а',
	c: 'с',
	e: 'е',
	i: 'і',
	o: 'о',
	p: 'р',
	x: 'х',
	y: 'у',
	k: 'к',
	m: 'м',
	t: 'т',
	h: 'һ',
	b: 'в',
	α: 'а',
	ε: 'е',
	κ: 'к',
	ο: 'о',
	ρ: 'р',
	τ: 'т',
	υ: 'у',
	χ: 'х',
};

/** A word spelt with spaces or marks between its letters: "с к и д к а", "с.к.и.д.к.а". */
const SPREAD_WORD = /(?<![\p{L}\p{N}])\p{L}(?:[ .·•-]\p{L}){4,40}(?![\p{L}\p{N}])/gu;

/**
 * One form of a text for all checks that need its capitals: compatibility forms folded, invisible and combining marks
 * removed, ё as е, look-alikes inside Cyrillic words replaced, one kind of space, hyphen and apostrophe, emphasis marks
 * dropped. Line breaks stay.
 */
export function cleanText(text: string): string {
	return (
		text
			// The compatibility form of "№" is "No", which no pattern of numbers expects.
			.replaceAll('№', '#')
			.normalize('NFKC')
			.replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u{e0000}-\u{e007f}]|\p{M}/gu, '')
			.replace(/ё/gu, 'е')
			.replace(/Ё/gu, 'Е')
			.replace(/[\u2010-\u2015\u2212]/gu, '-')
			.replace(/[’ʼ`´]/gu, "'")
			.replace(/\r\n?/gu, '\n')
			.replace(/[^\S\n]+/gu, ' ')
			.replace(/[*_~]+/gu, '')
			.replace(/\p{L}+/gu, withoutLookAlikes)
			.replace(SPREAD_WORD, (spread) => spread.replace(/[ .·•-]/gu, ''))
	);
}

/** {@link cleanText} in lower case, with numbers in words written as digits ("двадцать процентов" as "20 процентов"). */
export function plainText(text: string): string {
	return digitsForWords(cleanText(text).toLowerCase());
}

function withoutLookAlikes(word: string): string {
	if (!/\p{Script=Cyrillic}/u.test(word) || !/[a-zα-ω]/iu.test(word)) return word;
	return word.replace(/[a-zα-ω]/giu, (letter) => {
		const known = LOOK_ALIKES[letter.toLowerCase()];
		if (known === undefined) return letter;
		return letter === letter.toLowerCase() ? known : known.toUpperCase();
	});
}

/** Sentences of a plain text, each with its closing mark; line breaks end a sentence too. */
export function sentencesOf(text: string): string[] {
	return text
		.split(/(?<=[.!?…])(?=\s)|\n+/u)
		.map((sentence) => sentence.trim())
		.filter((sentence) => sentence !== '');
}

/** Start and end of the sentence that holds the position. */
export function sentenceAround(text: string, at: number): { readonly start: number; readonly end: number } {
	const line = text.lastIndexOf('\n', at - 1) + 1;
	let start = line;
	for (const mark of text.slice(line, at).matchAll(/[.!?…](?=\s)/gu)) start = line + mark.index + 1;
	const after = /[.!?…](?=\s|$)|\n/u.exec(text.slice(at));
	return { start, end: after === null ? text.length : at + after.index + 1 };
}
