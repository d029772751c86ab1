/** Calendar dates in a plain text: "12 декабря", "с 1 по 10 января", "12-желтоқсан", "12.12", "2026-12-12". */
import type { Found, Spans } from './spans';

export interface CalendarDate {
	readonly day: number;
	/** 1..12; null in "до 30 числа". */
	readonly month: number | null;
}

const MONTHS: ReadonlyArray<readonly string[]> = [
	['январ', 'қаңтар'],
	['феврал', 'ақпан'],
	['март', 'наурыз'],
	['апрел', 'сәуір'],
	['мая', 'май', 'мамыр'],
	['июн', 'маусым'],
	['июл', 'шілде'],
	['август', 'тамыз'],
	['сентябр', 'қыркүйек'],
	['октябр', 'қазан'],
	['ноябр', 'қараша'],
	['декабр', 'желтоқсан'],
];
const MONTH = `(?:${MONTHS.flat().join('|')})`;
const NAMED = new RegExp(
	`(?<![\\p{L}\\p{N}.,:])(?:(\\d{1,2})(?:-?го|-?е)?(?: ?- ?| по | до | и |, ?))?(\\d{1,2})(?:-?го|-?е|-?ші|-?шы)?[ -](${MONTH})(?!ан)\\p{L}*`,
	'gu',
);
const DAY_ONLY = /(?<![\p{L}\p{N}.,:])([12]?\d|3[01])(?:-?го|-?е)? числ\p{L}*/gu;
const YEAR = /(?<![\p{L}\p{N}])(?:19|20)\d{2}(?:[- ]?(?:год\p{L}*|жыл\p{L}*|г\.))/gu;
const NUMERIC_FULL = /(?<![\p{L}\p{N}])(?:(\d{1,2})[./](\d{1,2})[./]\d{2,4}|\d{4}-(\d{2})-(\d{2}))(?!\d)/gu;
const NUMERIC_SHORT =
	/(?<![\p{L}\p{N}.,:])(0?[1-9]|[12]\d|3[01])\.(0[1-9]|1[0-2])(?!\d|[.,:]\d| ?(?:₸|тг|тенге|теңге|тыс|мың|час|сағат|%))/gu;

/** Dates that name their month; years alone are taken out and not returned. */
export function takeDates(spans: Spans): ReadonlyArray<Found<readonly CalendarDate[]>> {
	const numeric = spans.take(NUMERIC_FULL, (match) => dates([match[1] ?? match[4]], Number(match[2] ?? match[3])));
	const named = spans.take(NAMED, (match) => dates([match[1], match[2]], monthNumber(match[3] ?? '')));
	spans.take(YEAR, () => true);
	const days = spans.take(DAY_ONLY, (match) => [{ day: Number(match[1]), month: null }]);
	return [...numeric, ...named, ...days];
}

/** "12.12", read only after times of day ("до 12.30") were taken out. */
export function takeShortDates(spans: Spans): ReadonlyArray<Found<readonly CalendarDate[]>> {
	return spans.take(NUMERIC_SHORT, (match) => dates([match[1]], Number(match[2])));
}

function dates(days: ReadonlyArray<string | undefined>, month: number): CalendarDate[] | null {
	const read = days.flatMap((day) => (day === undefined ? [] : [{ day: Number(day), month }]));
	return read.every(({ day }) => day >= 1 && day <= 31) && month >= 1 && month <= 12 ? read : null;
}

function monthNumber(written: string): number {
	return MONTHS.findIndex((names) => names.some((name) => written.startsWith(name))) + 1;
}
