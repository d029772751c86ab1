/** Times of day in a plain text, with what they are the beginning or the end of. */
import { sentenceAround } from './plain-text';
import type { Found, Spans } from './spans';

export interface ClockTime {
	/** Minutes since midnight. */
	readonly minutes: number;
	/** Only an hour up to 12 was written, so "до 9" may mean 21:00. */
	readonly loose: boolean;
	readonly role: 'start' | 'end' | null;
}

const LEFT = '(?<![\\p{L}\\p{N}])';
const RIGHT = '(?![\\p{L}\\p{N}])';
const re = (source: string): RegExp => new RegExp(source, 'gu');
const MONEY = '(?:₸|тг|тнг|тенге|теңге|kzt|тен\\.|₽|руб|\\$|долл|евро|€)';
const ENDING_FROM = '(?:ден|дан|нан|нен|тен|тан)';
const ENDING_TO = '(?:ге|ға|ке|қа)';

const CLOCK = re('(?<![\\d.,:])([01]?\\d|2[0-4])[:]([0-5]\\d)(?![\\d:])(?: ?(вечера|дня|утра|ночи))?');
/** A point is read as a clock only beside words or marks of time, and when it is no "12.11" of a date. */
const MINUTES = '(00|1[3-9]|[2-5]\\d)';
const DOTTED_RANGE = re(
	'(?<![\\d.,])([01]?\\d|2[0-4])\\.([0-5]\\d) ?(?:-|до) ?([01]?\\d|2[0-4])\\.([0-5]\\d)(?![\\d.])',
);
const DOTTED = re(
	`${LEFT}(?:с|до|в|к|после|сағат|ч\\.) ([01]?\\d|2[0-4])\\.${MINUTES}(?![\\d.]| ?${MONEY}| ?(?:тыс|мың))`,
);
/** "09.00-ден 18.00-ге дейін". */
const DOTTED_KAZAKH = re(
	`(?<![\\d.,])([01]?\\d|2[0-4])\\.([0-5]\\d)-?(?:${ENDING_FROM}|(${ENDING_TO}|де|да|те|та))(?!\\p{L})`,
);
/** "с 10-00 до 20-00". */
const HYPHENED = re(`(?<=${LEFT}(?:с|до|в|к|после) )([01]?\\d|2[0-4])-(00|15|30|45)(?![\\d-])`);
const NAMED = re(
	'(?<!\\p{L})(?:(полуноч\\p{L}+|түн ортас\\p{L}+)|(?:полдень|полудня|полдня(?= дня)|тал түс\\p{L}*))(?!\\p{L})',
);
const HOUR_RANGE = re(
	`${LEFT}(?:с|от) (\\d{1,2})(?: (утра|вечера|дня))? (?:до|и до) (\\d{1,2})(?: ?(?:час\\p{L}*|ч\\.?))?(?: (вечера|дня|утра|ночи))?(?![\\p{L}\\p{N}]|[.,:]\\d| ?(?:${MONEY}|%|тыс|мин|год|лет|\\p{L}))`,
);
/** "9-18", "10–22" beside days or words of opening; elsewhere it may be anything. Digits first: looking back is dear. */
const BARE_RANGE = re(
	`(?=\\d{1,2}-\\d)(?<=(?:${LEFT}(?:пн|вт|ср|чт|пт|сб|вс|дс|сс|бс|жм|жс|понедельник\\p{L}*|вторник\\p{L}*|сред[ауы]|четверг\\p{L}*|пятниц\\p{L}*|суббот\\p{L}*|воскресен\\p{L}*|дүйсенбі\\p{L}*|жұма\\p{L}*|сенбі\\p{L}*|жексенбі\\p{L}*|ежедневно|выходн\\p{L}*|будн\\p{L}*|работаем|открыты|график|режим|часы|күн сайын|hours|open)|:)[^\\d\\n]{0,20})(\\d{1,2})-(\\d{1,2})(?![\\d:]|\\.\\d| ?(?:${MONEY}|%|тыс|мың|мин|\\p{L}))`,
);
const HOUR_WITH_WORD = re(
	`${LEFT}(?:(в|до|к|с|после|около) )?(\\d{1,2}) ?(?:(час\\p{L}*|ч\\.?)(?: (утра|вечера|дня|ночи))?|(утра|вечера|дня|ночи))${RIGHT}`,
);
const UNTIL_HOUR = re(`${LEFT}(до|к) (\\d{1,2})(?= ?(?:$|[.!?,;)\\n]))`);
const KAZAKH_HOUR = re(
	`(?:${LEFT}(?:сағат|(таңғы|таңертеңгі|кешкі|түскі|түнгі)(?: сағат)?) (\\d{1,2})(?![\\d:.])(-?\\p{L}+)?)|(?:${LEFT}(\\d{1,2})-?${ENDING_FROM} (?:(таңғы|кешкі|түнгі) )?(\\d{1,2})-?${ENDING_TO}(?: дейін)?)|(?:${LEFT}(\\d{1,2})-?${ENDING_TO} дейін)`,
);

const BY_THE_CLOCK =
	/(?<!\p{L})(?:работа|открыт|закр|прием|прин|заказ|ждем|ждать|запис|звон|успе|приход|приезж|достав|завтрак|обед|выезд|график|режим)\p{L}*/u;

/** All times of the text; "2 часа" and "за 3 дня" are durations and stay in it. */
export function takeTimes(spans: Spans): ReadonlyArray<Found<ClockTime>> {
	const times: Array<Found<ClockTime>> = [];
	const text = spans.text;
	const add = (pattern: RegExp, read: (match: RegExpExecArray) => ClockTime[] | null): void => {
		for (const { value, start, end } of spans.take(pattern, read))
			times.push(...value.map((time) => ({ value: time, start, end })));
	};
	add(CLOCK, (match) => {
		const role = roleAt(text, match.index, match.index + match[0].length);
		return [clock(match[1], match[2], role, match[3])];
	});
	add(DOTTED_RANGE, (match) => [clock(match[1], match[2], 'start'), clock(match[3], match[4], 'end')]);
	add(DOTTED, (match) => [clock(match[1], match[2], roleOfPreposition(match[0]))]);
	add(DOTTED_KAZAKH, (match) => [
		clock(match[1], match[2], match[3] === undefined ? 'start' : /^(?:ге|ға|ке|қа)$/u.test(match[3]) ? 'end' : null),
	]);
	add(HYPHENED, (match) => [clock(match[1], match[2], roleAt(text, match.index, match.index + match[0].length))]);
	add(NAMED, (match) => [clock(match[1] === undefined ? '12' : '0', '00', null)]);
	add(HOUR_RANGE, (match) => hourRange(match[1], match[3], match[4], match[2]));
	add(BARE_RANGE, (match) => (Number(match[1]) < Number(match[2]) ? hourRange(match[1], match[2], undefined) : null));
	add(KAZAKH_HOUR, (match) => {
		if (match[4] !== undefined) return hourRange(match[4], match[6], match[5]);
		const hour = match[2] ?? match[7];
		const opening = match[3] !== undefined && re(`^-?${ENDING_FROM}$`).test(match[3]);
		const role =
			match[7] !== undefined || /^-?(?:ге|ға|ке|қа)$/u.test(match[3] ?? '') ? 'end' : opening ? 'start' : null;
		return oneHour(hour, role, match[1], opening);
	});
	add(HOUR_WITH_WORD, (match) => {
		const partOfDay = match[4] ?? match[5];
		// "2 часа" and "за 2 часа" are durations, "за 3 дня" are days; "в 2 часа", "2 часа дня" and "в 2 дня" are times.
		if (match[1] === undefined && (partOfDay === undefined || match[5] === 'дня')) return null;
		// "Занимает до 5 часов" and "около 2 часов" are durations; "принимаем заказы до 5 часов" is a time.
		if (partOfDay === undefined && match[3] !== undefined && lasts(match[1], text, match.index)) return null;
		return oneHour(match[2], roleOfPreposition(match[0]), partOfDay, match[1] === 'с');
	});
	add(UNTIL_HOUR, (match) => oneHour(match[2], match[1] === 'до' ? 'end' : null, undefined));
	return times;
}

/** True when both can be the same time of day. */
export function sameTime(a: ClockTime, b: ClockTime): boolean {
	if (a.minutes === b.minutes) return true;
	return (a.loose || b.loose) && a.minutes % HALF_DAY_MINUTES === b.minutes % HALF_DAY_MINUTES;
}

const HALF_DAY_MINUTES = 12 * 60;

function oneHour(
	hour: string | undefined,
	role: ClockTime['role'],
	partOfDay: string | undefined,
	opening = false,
): ClockTime[] | null {
	if (hour === undefined || Number(hour) > 24) return null;
	return [clock(hour, undefined, role, partOfDay, opening)];
}

/** In "с 10 до 9" the end is in the evening; "с 9 до 21" is written in 24 hours and means what it says. */
function hourRange(
	from: string | undefined,
	to: string | undefined,
	partOfDayTo: string | undefined,
	partOfDayFrom?: string,
): ClockTime[] | null {
	if (Number(from) > 24 || Number(to) > 24) return null;
	return [
		clock(from, undefined, 'start', partOfDayFrom, true),
		clock(to, undefined, 'end', partOfDayTo, Number(to) > Number(from)),
	];
}

/** @param exact an hour that cannot be twelve hours later: an opening time, for example */
function clock(
	hour: string | undefined,
	minute: string | undefined,
	role: ClockTime['role'],
	partOfDay?: string,
	exact = false,
): ClockTime {
	let value = Number(hour ?? 0);
	const afternoon = partOfDay !== undefined && /^(?:вечера|дня|кешкі|түскі)$/u.test(partOfDay);
	if (afternoon && value < 12) value += 12;
	const loose = !exact && minute === undefined && partOfDay === undefined && value <= 12;
	return { minutes: (value % 24) * 60 + Number(minute ?? 0), loose, role };
}

function lasts(preposition: string | undefined, text: string, at: number): boolean {
	if (preposition === 'около') return true;
	const { start, end } = sentenceAround(text, at);
	return preposition === 'до' && !BY_THE_CLOCK.test(text.slice(start, end));
}

function roleOfPreposition(written: string): ClockTime['role'] {
	if (written.startsWith('до ')) return 'end';
	return written.startsWith('с ') ? 'start' : null;
}

function roleAt(text: string, start: number, end: number): ClockTime['role'] {
	const before = text.slice(Math.max(0, start - 28), start);
	const after = text.slice(end, end + 28);
	if (/^-?(?:ге|ға|ке|қа)?(?: дейін)/u.test(after) || /(?:^|[^\p{L}])до $|\d ?- ?$/u.test(before)) return 'end';
	if (/^ ?(?:-(?:ден|дан|нан|нен|тен|тан)(?!\p{L})|- ?\d| до )/u.test(after)) return 'start';
	if (/(?:^|[^\p{L}])(?:с|от) $/u.test(before) || /^-?\p{L}* (?:ашыл|бастап)/u.test(after)) return 'start';
	if (/(?:открыва|начина|открытие)[^.,\n]{0,20}$/u.test(before)) return 'start';
	if (/закрыва[^.,\n]{0,20}$|закрытие[^.,\n]{0,12}$/u.test(before) || /^-?\p{L}* жабыл/u.test(after)) return 'end';
	return null;
}
