/** Telling words of labels and clauses, in one form for both languages. */
import { foldWord } from '../language/fold-text';
import { remembered } from '../language/remembered';
import vocabulary from './price-words.json';
import { TAKEN } from './spans';

const STOP = new Set(vocabulary.stop.map(foldWord));
const SAME: ReadonlyArray<readonly [string, string]> = Object.entries(vocabulary.same).flatMap(([name, stems]) =>
	stems.map((stem) => [foldWord(stem), name] as const),
);
const ADJECTIVE = /(?:ая|яя|ый|ий|ой|ое|ее|ые|ие|ую|юю|ого|его|ому|ых|их|ым|им)$/u;
const SHORT_NAMES = /^(?:ер|қас|тіс|кт|\d.*)$/u;
const LIST_NUMBER = /^\s*\d{1,2}[.)](?=\s)/u;
const MIN_LETTERS = 3;
const MAX_ENDING_LETTERS = 6;
const REMEMBERED_WORDS = 20_000;
const MAX_WORD_CHARS = 40;

export interface ContentWords {
	readonly folded: readonly string[];
	/** Those that are no adjectives. */
	readonly nouns: readonly string[];
}

interface Reading {
	/** Null for a word that tells nothing. */
	readonly word: string | null;
	readonly isNoun: boolean;
}

const readWord = remembered<Reading>(
	(raw) => {
		const word = foldWord(raw.replace('-', ''));
		if (word === '' || STOP.has(word)) return { word: null, isNoun: false };
		const same = SAME.find(
			([stem]) => word.startsWith(stem) && word.length - stem.length <= (stem.length <= 3 ? 3 : MAX_ENDING_LETTERS),
		);
		return { word: same?.[1] ?? word, isNoun: !ADJECTIVE.test(raw) };
	},
	REMEMBERED_WORDS,
	MAX_WORD_CHARS,
);

/** Telling words of a text, folded: no words of price, one form for names of a service in both languages. */
export function contentWords(text: string): ContentWords {
	const folded: string[] = [];
	const nouns: string[] = [];
	const words = text.replace(LIST_NUMBER, ' ').replaceAll(TAKEN, ' ');
	for (const [raw] of words.matchAll(/[\p{L}\p{N}]+(?:(?<=\d)-[\p{L}]+)?/gu)) {
		if (raw.length < MIN_LETTERS && !SHORT_NAMES.test(raw)) continue;
		const { word, isNoun } = readWord(raw);
		if (word === null) continue;
		folded.push(word);
		if (isNoun) nouns.push(word);
	}
	return { folded, nouns };
}

/** Equal but for endings: "стрижка" and "стрижки", "маникюр" and "маникюрдің". */
export function sameWord(a: string, b: string): boolean {
	if (a === b) return true;
	if (/^\d/u.test(a) || /^\d/u.test(b)) return false;
	const shorter = Math.min(a.length, b.length);
	if (shorter < MIN_LETTERS || (shorter <= 4 && Math.abs(a.length - b.length) > 3)) return false;
	let common = 0;
	while (common < shorter && a[common] === b[common]) common++;
	return (
		common >= MIN_LETTERS && (shorter <= 5 ? common >= shorter - 1 : common >= Math.max(5, Math.ceil(shorter * 0.65)))
	);
}
