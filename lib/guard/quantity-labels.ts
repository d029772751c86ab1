/**
 * What each quantity of a text belongs to (an amount is the price of something, a duration how long something takes): the
 * words of its line or clause, as a reader ties them.
 *
 * "Маникюр 5 000, педикюр 7 000" gives two labels, "Стрижка: женская 7 000, мужская 5 000" two that share a noun, rows of a
 * table take the words of their row and of the heading above.
 */
import { contentWords, type ContentWords } from './content-words';
import type { Found } from './spans';

export interface Label<T> {
	readonly value: T;
	readonly start: number;
	readonly end: number;
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

const VARIANT_START = /^[\s:|()•-]*(?:с|со|без|для|на|до|при|по|в|во|из|от|после|если)\s/u;
const MAX_HEADING_WORDS = 9;

const NONE: ContentWords = { folded: [], nouns: [] };

/**
 * Labels of quantities, in the order in which they stand.
 *
 * @param rest  the text without its quantities, positions unchanged
 * @param found quantities of one kind, by position
 */
export function labelQuantities<T>(rest: string, found: ReadonlyArray<Found<T>>): Array<Label<T>> {
	if (found.length === 0) return [];
	const labels: Array<Label<T>> = [];
	let heading: ContentWords = NONE;
	let lineStart = 0;
	let next = 0;
	for (const line of rest.split('\n')) {
		const lineEnd = lineStart + line.length;
		const here: Array<Found<T>> = [];
		for (let one = found[next]; one !== undefined && one.start <= lineEnd; one = found[++next]) here.push(one);
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

function labelLine<T>(
	line: string,
	offset: number,
	found: ReadonlyArray<Found<T>>,
	heading: ContentWords,
): Array<Label<T>> {
	const labels: Array<Label<T>> = [];
	const isProse = /[.!?]$/u.test(line.trim());
	let previous = null as Label<T> | null;
	let previousNouns: readonly string[] = [];
	let head: readonly string[] = [];
	let from = 0;
	for (const [index, { value, start, end }] of found.entries()) {
		const twin = index > 0 && found[index - 1]?.start === start;
		if (twin && previous !== null) {
			labels.push((previous = { ...previous, value }));
			continue;
		}
		const whole = line.slice(from, start - offset);
		const broken = lastBreak(whole);
		if (broken > 0) {
			previous = null;
			head = [];
		}
		const segment = index === 0 || broken > 0 ? whole.slice(broken) : withoutTail(whole);
		const colon = segment.lastIndexOf(':');
		const named = colon < 0 ? NONE : contentWords(segment.slice(0, colon));
		const behind = contentWords(segment.slice(colon + 1));
		// "Комплекс: седан 4 500, кроссовер 5 500": what stands before the colon is the head of the whole list.
		const before = behind.folded.length === 0 ? named : behind;
		if (named.folded.length > 0) head = behind.folded.length === 0 ? [] : named.folded;
		const rest = line.slice(
			end - offset,
			(found.slice(index + 1).find((later) => later.start > start)?.start ?? offset + line.length) - offset,
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
		const label: Label<T> = {
			value,
			start,
			end,
			own: continues && previous !== null ? previous.own : before.folded,
			inherited: [
				...(isVariant ? previousNouns : []),
				...(continues && previous !== null ? previous.inherited : []),
				...head,
				...(isProse ? [] : heading.folded),
			],
			after: afterWords,
			tail: contentWords(tailOf(rest, start, found)).folded,
			hasOwnWords: hasWords(segment) && unknownWords(segment),
		};
		labels.push(label);
		previous = label;
		previousNouns = nouns;
		from = end - offset + afterLength;
	}
	return labels;
}

function tailOf(rest: string, start: number, found: ReadonlyArray<Found<unknown>>): string {
	const tail = /^[^,;.!?\n]*/u.exec(rest)?.[0] ?? '';
	return tail.length === rest.length && found.some((later) => later.start > start) ? '' : tail;
}

/** "4 000 ₸ в месяц, помпа 3 500 ₸": what stands before the comma still belongs to the amount before. */
function withoutTail(segment: string): string {
	const comma = segment.indexOf(',');
	return comma > 0 && contentWords(segment.slice(comma)).folded.length > 0 ? segment.slice(comma) : segment;
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
