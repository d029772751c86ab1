/** Latin letters that look like Cyrillic ones: a draft may hold them by mistake, or to slip past a check. */
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
};

/**
 * One form of a text for all checks: compatibility forms folded, invisible marks removed, lower case, ё as е,
 * Latin look-alikes inside Cyrillic words replaced, one kind of space, hyphen and apostrophe. Line breaks stay.
 */
export function plainText(text: string): string {
	return text
		.normalize('NFKC')
		.replace(/[\u200b-\u200f\u2060\ufeff\u00ad]/gu, '')
		.toLowerCase()
		.replace(/ё/gu, 'е')
		.replace(/[\u2010-\u2015\u2212]/gu, '-')
		.replace(/[’ʼ`´]/gu, "'")
		.replace(/[^\S\n]+/gu, ' ')
		.replace(/[*_~]+/gu, '')
		.replace(/\p{L}+/gu, (word) =>
			/\p{Script=Cyrillic}/u.test(word) && /[a-z]/u.test(word)
				? word.replace(/[a-z]/gu, (letter) => LOOK_ALIKES[letter] ?? letter)
				: word,
		);
}

/** Sentences of a plain text, each with its closing mark; line breaks end a sentence too. */
export function sentencesOf(text: string): string[] {
	return text
		.split(/(?<=[.!?…])(?=\s)|\n+/u)
		.map((sentence) => sentence.trim())
		.filter((sentence) => sentence !== '');
}
