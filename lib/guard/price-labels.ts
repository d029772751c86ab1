/**
 * What each amount of a text is the price of: the words of its line or clause, as a reader ties them.
 *
 * "Маникюр 5 000, педикюр 7 000" gives two labels, "Стрижка: женская 7 000, мужская 5 000" two that share a noun, rows of a
 * table take the words of their row and of the heading above.
 */
import { foldWord } from '../language/fold-text';
import type { Amount } from './amounts';
import type { GuardText } from './guard-text';
import vocabulary from './price-words.json';
import { TAKEN, type Found } from './spans';

export interface PricedLabel {
	readonly amount: Amount;
	readonly start: number;
	/** Words of the label itself. */
	readonly own: readonly string[];
	/** Words it takes over: the noun of the clause before, the heading. */
	readonly inherited: readonly string[];
	/** Words after the amount: "5 000 за маникюр". */
	readonly after: readonly string[];
	/** Words of the clause behind the amount when no other amount follows: "2 000 нужны при записи на маникюр". */
	readonly tail: readonly string[];
	/** True when words stand before the amount, known or not, so that it needs no label from elsewhere. */
	readonly hasOwnWords: boolean;
}

const STOP = new Set(vocabulary.stop.map(foldWord));
const SAME: ReadonlyArray<readonly [string, string]> = Object.entries(vocabulary.same).flatMap(([name, stems]) =>
	stems.map((stem) => [foldWord(stem), name] as const),
);
const ADJECTIVE = /(?:ая|яя|ый|ий|ой|ое|ее|ые|ие|ую|юю|ого|его|ому|ых|их|ым|им)$/u;
const VARIANT_START = /^[\s:|()•-]*(?:с|со|без|для|на|до|при|по|в|во|из|от|после|если)\s/u;
const MIN_LETTERS = 3;
const MAX_HEADING_WORDS = 9;

interface Words {
	readonly folded: readonly string[];
	readonly nouns: readonly string[];
}

const NONE: Words = { folded: [], nouns: [] };

/** Labels of all prices of the text, in the order in which they stand. */
export function labelPrices({ quantities }: GuardText): PricedLabel[] {
	const prices = quantities.amounts.filter(({ value }) => value.kind === 'price');
	if (prices.length === 0) return [];
	const labels: PricedLabel[] = [];
	let heading: Words = NONE;
	let lineStart = 0;
	let next = 0;
	for (const line of quantities.rest.split('\n')) {
		const lineEnd = lineStart + line.length;
		const here: Array<Found<Amount>> = [];
		for (let price = prices[next]; price !== undefined && price.start <= lineEnd; price = prices[++next])
			here.push(price);
		if (here.length > 0) labels.push(...labelLine(line, lineStart, here, heading));
		else if (isHeading(line)) heading = contentWords(line);
		lineStart = lineEnd + 1;
	}
	return labels;
}

function isHeading(line: string): boolean {
	const words = line.trim().split(/\s+/u);
	return (
		/\p{L}/u.test(line) && !line.includes('|') && words.length <= MAX_HEADING_WORDS && !/[.!?]$/u.test(line.trim())
	);
}

function labelLine(line: string, offset: number, prices: ReadonlyArray<Found<Amount>>, heading: Words): PricedLabel[] {
	const labels: PricedLabel[] = [];
	const isProse = /[.!?]$/u.test(line.trim());
	let previous = null as PricedLabel | null;
	let previousNouns: readonly string[] = [];
	let from = 0;
	for (const [index, { value: amount, start, end }] of prices.entries()) {
		const twin = index > 0 && prices[index - 1]?.start === start;
		if (twin && previous !== null) {
			labels.push((previous = { ...previous, amount }));
			continue;
		}
		const whole = line.slice(from, start - offset);
		const broken = lastBreak(whole);
		if (broken > 0) previous = null;
		const segment = whole.slice(broken);
		const before = contentWords(segment);
		const rest = line.slice(
			end - offset,
			(prices.slice(index + 1).find((later) => later.start > start)?.start ?? offset + line.length) - offset,
		);
		const { words: afterWords, length: afterLength } = wordsAfter(
			rest,
			before.folded.length === 0 && previous === null,
		);
		const isVariant: boolean =
			previous !== null &&
			(VARIANT_START.test(segment.replace(/^[,;\s]+/u, '')) || (before.folded.length > 0 && before.nouns.length === 0));
		const continues = before.folded.length === 0 && previous !== null && !hasWords(segment);
		const nouns: readonly string[] = before.nouns.length > 0 && !isVariant ? before.nouns : previousNouns;
		const label: PricedLabel = {
			amount,
			start,
			own: continues && previous !== null ? previous.own : before.folded,
			inherited: [
				...(isVariant ? previousNouns : []),
				...(continues && previous !== null ? previous.inherited : []),
				...(isProse ? [] : heading.folded),
			],
			after: afterWords,
			tail: contentWords(tailOf(rest, start, prices)).folded,
			hasOwnWords: hasWords(segment) && unknownWords(segment),
		};
		labels.push(label);
		previous = label;
		previousNouns = nouns;
		from = end - offset + afterLength;
	}
	return labels;
}

function tailOf(rest: string, start: number, prices: ReadonlyArray<Found<Amount>>): string {
	const tail = /^[^,;.!?\n]*/u.exec(rest)?.[0] ?? '';
	return tail.length === rest.length && prices.some((later) => later.start > start) ? '' : tail;
}

/** Where the last sentence of a segment begins; a point inside a number is already taken out. */
function lastBreak(segment: string): number {
	let at = 0;
	for (const mark of segment.matchAll(/[.!?;](?=\s)/gu)) at = mark.index + 1;
	return at;
}

/** Words straight after an amount that belong to it: "за маникюр", "- педикюр". */
function wordsAfter(rest: string, isOnlyPlace: boolean): { words: readonly string[]; length: number } {
	const tail = /^[^,;.!?\n(]*/u.exec(rest)?.[0] ?? '';
	if (!/^ ?(?:за|для|-|=|это)\s/u.test(tail) && !isOnlyPlace) return { words: [], length: 0 };
	const { folded } = contentWords(tail);
	return { words: folded, length: folded.length === 0 ? 0 : tail.length };
}

function hasWords(segment: string): boolean {
	return /\p{L}{3}/u.test(segment);
}

/** True when the words before an amount name something beyond "стоит", "всего", "цена". */
function unknownWords(segment: string): boolean {
	return contentWords(segment).folded.length > 0;
}

/** Telling words of a text, folded: no words of price, one form for names of a service in both languages. */
export function contentWords(text: string): Words {
	const folded: string[] = [];
	const nouns: string[] = [];
	for (const [raw] of text.replaceAll(TAKEN, ' ').matchAll(/[\p{L}\p{N}]+(?:(?<=\d)-[\p{L}]+)?/gu)) {
		if (raw.length < MIN_LETTERS && !/^(?:ер|қас|тіс|2d|3d|кт)$/u.test(raw)) continue;
		const word = foldWord(raw.replace('-', ''));
		if (word === '' || STOP.has(word)) continue;
		const known = SAME.find(([stem]) => word.startsWith(stem) && word.length - stem.length <= 6)?.[1] ?? word;
		folded.push(known);
		if (!ADJECTIVE.test(raw)) nouns.push(known);
	}
	return { folded, nouns };
}

/** Equal but for endings: "стрижка" and "стрижки", "маникюр" and "маникюрдің". */
export function sameWord(a: string, b: string): boolean {
	if (a === b) return true;
	const shorter = Math.min(a.length, b.length);
	if (shorter < MIN_LETTERS || (shorter <= 4 && Math.abs(a.length - b.length) > 3)) return false;
	let common = 0;
	while (common < shorter && a[common] === b[common]) common++;
	return (
		common >= MIN_LETTERS && (shorter <= 5 ? common >= shorter - 1 : common >= Math.max(5, Math.ceil(shorter * 0.65)))
	);
}
