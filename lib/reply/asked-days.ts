/** Which days a question about opening hours means. */
import { DateTime } from 'luxon';

import { compilePattern, findPattern, type Pattern } from '../language/token-match';
import { daysUntilWeekday } from '../pack/opening-hours';

const list = (...sources: readonly string[]): readonly Pattern[] => sources.map(compilePattern);

const TODAY = list('сегодня', 'бүгін*', 'today', 'segodnya');
const TOMORROW = list('завтра', 'ертең*', 'tomorrow');
const AFTER_TOMORROW = list('послезавтра', 'арғы күн*', 'бүрсігүні');
const WEEKEND = list('в выходные', 'на выходн*', 'по выходным', 'выходные', 'демалыс күн*');
/** Monday first. */
const WEEKDAYS: ReadonlyArray<readonly Pattern[]> = [
	list('понедельник*', 'пн', 'дүйсенбі*', 'monday'),
	list('вторник*', 'вт', 'сейсенбі*', 'tuesday'),
	list('среда', 'среду', 'ср', 'сәрсенбі*', 'wednesday'),
	list('четверг*', 'чт', 'бейсенбі*', 'thursday'),
	list('пятниц*', 'пт', 'жұма', 'жұмада', 'жұмаға', 'friday'),
	list('суббот*', 'сб', 'сенбі', 'сенбіде', 'сенбіге', 'saturday'),
	list('воскресен*', 'вс', 'жексенбі*', 'sunday'),
];

/** Days ahead of `now` in the zone, each once, nearest first; empty when no day is named. */
export function askedDays(words: readonly string[], now: Date, zone: string): readonly number[] {
	const says = (patterns: readonly Pattern[]): boolean =>
		patterns.some((pattern) => findPattern(words, pattern)?.exact === true);
	const days = new Set<number>();
	if (says(TODAY)) days.add(0);
	if (says(TOMORROW)) days.add(1);
	if (says(AFTER_TOMORROW)) days.add(2);
	for (const [index, patterns] of WEEKDAYS.entries())
		if (says(patterns)) days.add(daysUntilWeekday(now, zone, index + 1));
	if (says(WEEKEND)) for (const weekday of [6, 7]) days.add(daysUntilWeekday(now, zone, weekday));
	for (const day of namedDates(words, now, zone)) days.add(day);
	return [...days].sort((a, b) => a - b);
}

/** Folded beginnings of the months' names, January first. */
const MONTHS: ReadonlyArray<readonly string[]> = [
	['январ', 'кантар'],
	['феврал', 'акпан'],
	['март', 'науриз'],
	['апрел', 'сауир'],
	['мая', 'маи', 'мамир'],
	['июн', 'маусим'],
	['июл', 'шилде'],
	['август', 'тамиз'],
	['сентябр', 'киркуиек'],
	['октябр', 'казан'],
	['ноябр', 'караша'],
	['декабр', 'желтоксан'],
];

/** "22 марта", "8 наурыз": the next such date, as days ahead; an impossible date is left out. */
function namedDates(words: readonly string[], now: Date, zone: string): readonly number[] {
	const today = DateTime.fromJSDate(now, { zone }).startOf('day');
	return words.flatMap((word, index) => {
		const month = MONTHS.findIndex((names) => names.some((name) => (words[index + 1] ?? '').startsWith(name))) + 1;
		if (!/^\d{1,2}$/u.test(word) || month === 0) return [];
		const thisYear = today.set({ month, day: 1 });
		const date = thisYear.set({ day: Number(word) });
		if (date.month !== month || Number(word) === 0) return [];
		return [Math.round((date < today ? date.plus({ years: 1 }) : date).diff(today, 'days').days)];
	});
}
