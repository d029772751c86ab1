/** Which days a question about opening hours means. */
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
	const says = (patterns: readonly Pattern[]): boolean => patterns.some((pattern) => findPattern(words, pattern)?.exact === true);
	const days = new Set<number>();
	if (says(TODAY)) days.add(0);
	if (says(TOMORROW)) days.add(1);
	if (says(AFTER_TOMORROW)) days.add(2);
	for (const [index, patterns] of WEEKDAYS.entries()) if (says(patterns)) days.add(daysUntilWeekday(now, zone, index + 1));
	if (says(WEEKEND)) for (const weekday of [6, 7]) days.add(daysUntilWeekday(now, zone, weekday));
	return [...days].sort((a, b) => a - b);
}
