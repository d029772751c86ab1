import { findSpelledNumbers } from './number-words';
import { plainText } from './plain-text';
import { Spans } from './spans';

/** A time of day in minutes since midnight. `loose` = only an hour up to 12 was written, so "до 9" may mean 21:00. */
export interface ClockTime {
	readonly minutes: number;
	readonly loose: boolean;
}

/** What can be checked in a text, each kind taken out before the next is looked for. */
export interface Quantities {
	/** Tenge. Numbers with a currency, with "тыс"/"мың", and bare numbers from 100. */
	readonly amounts: readonly number[];
	readonly percents: readonly number[];
	readonly times: readonly ClockTime[];
	/** Minutes. */
	readonly durations: readonly number[];
	/** Digits only, without the country code 7 or 8. */
	readonly phones: readonly string[];
	/** Host and path in lower case, without scheme and closing slash; e-mail addresses and @names too. */
	readonly links: readonly string[];
}

const LEFT = '(?<![\\p{L}\\p{N}])';
const RIGHT = '(?![\\p{L}\\p{N}])';
const re = (source: string): RegExp => new RegExp(source, 'gu');

const EMAIL = re(`${LEFT}[a-z0-9._%+-]+@[a-z0-9-]+(?:\\.[a-z0-9-]+)+`);
const HANDLE = re('(?<![\\p{L}\\p{N}.])@[a-z0-9_.]{3,}');
const LINK = re(
	`(?:https?:\\/\\/|www\\.)[^\\s<>()]+|${LEFT}(?:[a-z0-9-]+\\.)+(?:kz|com|ru|net|org|me|io|app|link|site|online|shop|store|pro|info|biz|ly|to|cc|gl|top|xyz|su|рф|қаз)${RIGHT}(?:[\\/?][^\\s<>()]*)?`,
);

const PHONE = re(
	'(?<![\\p{N}])(?:(?:\\+?7|8)[ \\-(]{0,2}\\d{3}[ \\-)]{0,2}\\d{3}[ \\-]?\\d{2}[ \\-]?\\d{2}|\\+\\d[\\d \\-()]{8,16}\\d|\\d{9,19}|\\d{4}(?:[ -]\\d{4}){3}|\\d{2,3}-\\d{2}-\\d{2})(?!\\d)',
);

/** "21 ноября", "1-маусым", "12.03.2026", "2026 год": dates are not checked, but must not be read as amounts or times. */
const DATE = re(
	`${LEFT}(?:\\d{1,2}[./]\\d{1,2}[./]\\d{2,4}|\\d{4}-\\d{2}-\\d{2}|(?:19|20)\\d{2}(?:[- ]?(?:год\\p{L}*|жыл\\p{L}*|г\\.)))|${LEFT}\\d{1,2}[- ](?:январ|феврал|март|апрел|мая|май|июн|июл|август|сентябр|октябр|ноябр|декабр|қаңтар|ақпан|наурыз|сәуір|мамыр|маусым|шілде|тамыз|қыркүйек|қазан|қараша|желтоқсан)\\p{L}*`,
);

const CURRENCY = '(?:₸|тг|тнг|тенге|теңге|kzt|тен\\.|₽|руб|\\$|долл|евро|€)';
const PERCENT = re(
	'(\\d{1,3}(?:[.,]\\d+)?)(?: ?%)?(?: ?(?:-|до) ?(\\d{1,3}(?:[.,]\\d+)?))? ?(?:%|процент\\p{L}*|пайыз\\p{L}*)',
);

const CLOCK = re('(?<![\\d.,:])([01]?\\d|2[0-4])[:]([0-5]\\d)(?![\\d:])(?: ?(вечера|дня|утра|ночи))?');
/** "10.00-21.00", "с 9.30": a point is read as a clock only beside words or marks of time. */
const DOTTED_RANGE = re(
	'(?<![\\d.,])([01]?\\d|2[0-4])\\.([0-5]\\d) ?(?:-|до) ?([01]?\\d|2[0-4])\\.([0-5]\\d)(?![\\d.])',
);
const DOTTED = re(
	`${LEFT}(?:с|до|в|к|после|сағат|ч\\.) ([01]?\\d|2[0-4])\\.([0-5]\\d)(?![\\d.]| ?${CURRENCY}| ?(?:тыс|мың))`,
);
const HOUR_RANGE = re(
	`${LEFT}(?:с|от) (\\d{1,2}) (?:до|и до) (\\d{1,2})(?: ?(?:час\\p{L}*|ч\\.?))?(?: (вечера|дня|утра|ночи))?(?![\\p{L}\\p{N}]|[.,:]\\d| ?(?:${CURRENCY}|%|тыс|мин|\\p{L}))`,
);
const HOUR_WITH_WORD = re(
	`${LEFT}(?:(в|до|к|с|после|около) )?(\\d{1,2}) ?(?:(час\\p{L}*|ч\\.?)(?: (утра|вечера|дня|ночи))?|(утра|вечера|дня|ночи))${RIGHT}`,
);
const UNTIL_HOUR = re(`${LEFT}(?:до|к) (\\d{1,2})(?= ?(?:$|[.!?,;)\\n]))`);
const KAZAKH_HOUR = re(
	`(?:${LEFT}(?:сағат|(таңғы|таңертеңгі|кешкі|түскі|түнгі)(?: сағат)?) (\\d{1,2})(?![\\d:.])(?:-?\\p{L}+)?)|(?:${LEFT}(\\d{1,2})-?(?:ден|дан|нан|нен|тен|тан) (\\d{1,2})-?(?:ге|ға|ке|қа)(?: дейін)?)|(?:${LEFT}(\\d{1,2})-?(?:ге|ға|ке|қа) дейін)`,
);
/** "24-48 часов", "от 10 до 15 минут": both ends are given. */
const DURATION_RANGE = re(
	'(?<![\\d.,])(\\d{1,3}) ?(?:-|до) ?(\\d{1,3}) ?(?:(час\\p{L}*|сағат\\p{L}*)|мин(?:ут\\p{L}*)?\\.?)(?![\\p{L}])',
);
const DURATION = re(
	'(?<![\\d.,])(?=\\d)(?:(\\d{1,2}(?:[.,]\\d)?) ?(?:час\\p{L}*|ч\\.?|сағат\\p{L}*)(?![\\p{L}]))?(?: ?(?:и )?)?(?:(\\d{1,3}) ?(?:мин(?:ут\\p{L}*)?\\.?)(?![\\p{L}]))?',
);

const NUMBER = "\\d{1,3}(?:[ .,']\\d{3})+(?!\\d)|\\d+(?:[.,]\\d{1,2}(?!\\d))?";
const THOUSAND = '(?:тыс(?:\\.|яч\\p{L}*)?|мың\\p{L}*|к|k|т\\.р|млн\\.?)';
const AMOUNT = re(`(?<![\\d])(${NUMBER})(?: ?- ?(${NUMBER}))?(?: ?(${THOUSAND})(?!\\p{L}))?(?: ?(${CURRENCY}))?`);
/** Bare numbers below this are counts ("3 мастера"), not prices. */
const BARE_AMOUNT_FROM = 100;

/** Reads everything in a text that a business must have said itself before we may say it. */
export function readQuantities(text: string): Quantities {
	const spans = new Spans(plainText(text));
	const links = [
		...spans.take(EMAIL, (match) => match[0]),
		...spans.take(LINK, (match) => canonicalLink(match[0])),
		...spans.take(HANDLE, (match) => match[0].replace(/\.+$/, '')),
	].map(({ value }) => value);
	const phones = spans.take(PHONE, (match) => canonicalPhone(match[0])).map(({ value }) => value);
	spans.take(DATE, () => true);
	const percents = spans.take(PERCENT, (match) => [match[1], match[2]].flatMap(decimal)).flatMap(({ value }) => value);
	const times = readTimes(spans);
	const ranges = spans.take(DURATION_RANGE, (match) =>
		[match[1], match[2]].map((end) => Number(end) * (match[3] === undefined ? 1 : 60)),
	);
	const single = spans
		.take(DURATION, (match) => {
			if (match[1] === undefined && match[2] === undefined) return null;
			return Math.round((decimal(match[1])[0] ?? 0) * 60) + Number(match[2] ?? 0);
		})
		.map(({ value }) => value);
	const durations = [...ranges.flatMap(({ value }) => value), ...single];
	return { amounts: readAmounts(spans), percents, times, durations, phones, links };
}

function readTimes(spans: Spans): ClockTime[] {
	const times: ClockTime[][] = [];
	const add = (pattern: RegExp, read: (match: RegExpExecArray) => ClockTime[] | null): void => {
		for (const { value } of spans.take(pattern, read)) times.push(value);
	};
	add(CLOCK, (match) => [clock(match[1], match[2], match[3])]);
	add(DOTTED_RANGE, (match) => [clock(match[1], match[2]), clock(match[3], match[4])]);
	add(DOTTED, (match) => [clock(match[1], match[2])]);
	add(HOUR_RANGE, (match) => hourRange(match[1], match[2], match[3]));
	add(KAZAKH_HOUR, (match) => {
		if (match[3] !== undefined) return hourRange(match[3], match[4], undefined);
		const opening = /-?(?:ден|дан|нан|нен|тен|тан)$/u.test(match[0]);
		return hours([match[2], match[5]], match[1], opening);
	});
	add(HOUR_WITH_WORD, (match) => {
		const partOfDay = match[4] ?? match[5];
		// "2 часа" and "за 2 часа" are durations, "за 3 дня" are days; "в 2 часа", "2 часа дня" and "в 2 дня" are times.
		if (match[1] === undefined && (partOfDay === undefined || match[5] === 'дня')) return null;
		return hours([match[2]], partOfDay, match[1] === 'с');
	});
	add(UNTIL_HOUR, (match) => hours([match[1]], undefined));
	return times.flat();
}

function hours(
	written: ReadonlyArray<string | undefined>,
	partOfDay: string | undefined,
	opening = false,
): ClockTime[] | null {
	const present = written.filter((hour): hour is string => hour !== undefined);
	if (present.some((hour) => Number(hour) > 24)) return null;
	return present.map((hour) => clock(hour, undefined, partOfDay, opening));
}

/** In "с 10 до 9" the end is in the evening; "с 9 до 21" is written in 24 hours and means what it says. */
function hourRange(
	from: string | undefined,
	to: string | undefined,
	partOfDay: string | undefined,
): ClockTime[] | null {
	if (Number(from) > 24 || Number(to) > 24) return null;
	return [clock(from, undefined, undefined, true), clock(to, undefined, partOfDay, Number(to) > Number(from))];
}

/** @param exact an hour that cannot be twelve hours later: an opening time, for example */
function clock(hour: string | undefined, minute: string | undefined, partOfDay?: string, exact = false): ClockTime {
	let value = Number(hour ?? 0);
	const afternoon = partOfDay !== undefined && /^(?:вечера|дня|кешкі|түскі)$/u.test(partOfDay);
	if (afternoon && value < 12) value += 12;
	const loose = !exact && minute === undefined && partOfDay === undefined && value <= 12;
	return { minutes: (value % 24) * 60 + Number(minute ?? 0), loose };
}

function readAmounts(spans: Spans): number[] {
	const amounts: number[] = [];
	for (const { value, start, end } of findSpelledNumbers(spans.text)) {
		// "8 тысяч" is read below with its digit; only numbers wholly in words are added here.
		if (!/\d ?$/u.test(spans.text.slice(0, start)) && end > start) amounts.push(value);
	}
	const found = spans.take(AMOUNT, (match) => {
		const multiplier = match[3] === undefined ? 1 : match[3].startsWith('млн') ? 1_000_000 : 1000;
		const hasCurrency = match[4] !== undefined;
		const values = [match[1], match[2]].filter((written): written is string => written !== undefined).map(amountValue);
		const scaled = values.map((value) => Math.round(value * multiplier * 100) / 100);
		return scaled.filter((value) => multiplier > 1 || hasCurrency || value >= BARE_AMOUNT_FROM);
	});
	return [...amounts, ...found.flatMap(({ value }) => value)];
}

/** "8 000", "8.000", "8,000" and "8'000" are eight thousand; "8,5" is eight and a half. */
function amountValue(written: string): number {
	if (/^\d{1,3}(?:[ .,']\d{3})+$/u.test(written)) return Number(written.replace(/[ .,']/gu, ''));
	return Number(written.replace(',', '.'));
}

function decimal(written: string | undefined): number[] {
	return written === undefined ? [] : [Number(written.replace(',', '.'))];
}

function canonicalLink(written: string): string {
	return written
		.replace(/^https?:\/\//u, '')
		.replace(/^www\./u, '')
		.replace(/[.,;:!?)»"']+$/u, '')
		.replace(/\/+$/u, '');
}

function canonicalPhone(written: string): string {
	const digits = written.replace(/\D/gu, '');
	return digits.length === 11 && /^[78]/.test(digits) ? digits.slice(1) : digits;
}
