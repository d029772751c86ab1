/** Everything in a text that a business must have said itself before we may say it. */
import { takeAmounts, type Amount } from './amounts';
import { takeDates, takeShortDates, type CalendarDate } from './calendar-dates';
import { takeTimes, type ClockTime } from './clock-times';
import { takeLinks, takeNumbers } from './contacts';
import { Spans, type Found } from './spans';

/** What can be checked in a text, each kind taken out before the next is looked for. */
export interface Quantities {
	readonly amounts: ReadonlyArray<Found<Amount>>;
	readonly percents: ReadonlyArray<Found<number>>;
	readonly times: ReadonlyArray<Found<ClockTime>>;
	readonly dates: ReadonlyArray<Found<CalendarDate>>;
	/** Minutes: hours and minutes as written, days and longer as whole days. */
	readonly durations: ReadonlyArray<Found<number>>;
	readonly phones: ReadonlyArray<Found<string>>;
	readonly links: ReadonlyArray<Found<string>>;
	/** The text with all of these replaced by `\u0001`, positions unchanged. */
	readonly rest: string;
}

const HOUR = 60;
const DAY = 24 * HOUR;
/** Calendar units as days; a month and a year only have to be the same in draft and source. */
const DAYS_OF: ReadonlyArray<readonly [RegExp, number]> = [
	[/^(?:недел|апта)/u, 7],
	[/^(?:месяц|мес|ай)/u, 30],
	[/^(?:год|лет|жыл|жас)/u, 365],
	[/^/u, 1],
];

const PERCENT =
	/(\d{1,3}(?:[.,]\d{1,2})?)(?: ?%)?(?: ?(?:-|до) ?(\d{1,3}(?:[.,]\d{1,2})?))? ?(?:%|процент\p{L}*|пайыз\p{L}*)/gu;
/** "24-48 часов", "от 10 до 15 минут": both ends are given. */
const DURATION_RANGE =
	/(?<![\d.,])(\d{1,3}) ?(?:-|до) ?(\d{1,3}) ?(?:(час\p{L}*|ч\.?|сағат\p{L}*)|мин(?:ут\p{L}*)?\.?)(?![\p{L}])/gu;
const DURATION =
	/(?<![\d.,])(?=\d)(?:(\d{1,2}(?:[.,]\d)?) ?(?:час\p{L}*|ч\.?|сағат\p{L}*)(?![\p{L}]))?(?: ?(?:и )?)?(?:(\d{1,3}) ?(?:мин(?:ут\p{L}*)?\.?)(?![\p{L}]))?/gu;
const PERIOD =
	/(?<![\d.,])(?:(\d{1,3}) ?(?:-|до) ?)?(\d{1,3}(?:[.,]5)?)(?:-?х)? ?(?:рабочих |календарных |жұмыс )?(дн(?:я|ей|ям)|день|сут(?:ки|ок)|недел\p{L}+|месяц\p{L}*|мес\.?|год(?:а|у|ов)?|лет|күн\p{L}*|апта\p{L}*|ай(?:ға|дан|дың|да|ы)?|жыл\p{L}*)(?!\p{L})/gu;

/** @param plain a text as {@link plainText} gives it */
export function readQuantities(plain: string): Quantities {
	const spans = new Spans(plain);
	const links = takeLinks(spans);
	const phones = takeNumbers(spans);
	const dates = takeDates(spans);
	const percents = spread(spans.take(PERCENT, (match) => decimals(match[1], match[2])));
	const times = takeTimes(spans);
	const shortDates = takeShortDates(spans);
	const ranges = spans.take(DURATION_RANGE, (match) =>
		[match[1], match[2]].map((end) => Number(end) * (match[3] === undefined ? 1 : HOUR)),
	);
	const single = spans.take(DURATION, (match) => {
		if (match[1] === undefined && match[2] === undefined) return null;
		return [Math.round((decimals(match[1])[0] ?? 0) * HOUR) + Number(match[2] ?? 0)];
	});
	const periods = spans.take(PERIOD, (match) => {
		const unit = DAYS_OF.find(([name]) => name.test(match[3] ?? ''))?.[1] ?? 1;
		return decimals(match[1], match[2]).map((count) => Math.round(count * unit * DAY));
	});
	const amounts = takeAmounts(spans);
	return {
		amounts,
		percents,
		times,
		dates: [...spread(dates), ...spread(shortDates)],
		durations: spread([...ranges, ...single, ...periods]),
		phones,
		links,
		rest: spans.text,
	};
}

/** Quantities of texts that stand one after another with `between` between them. */
export function joinQuantities(parts: readonly Quantities[], between: string): Quantities {
	let offset = 0;
	const offsets = parts.map(({ rest }) => {
		const start = offset;
		offset += rest.length + between.length;
		return start;
	});
	const moved = <T>(kind: (part: Quantities) => ReadonlyArray<Found<T>>): Array<Found<T>> =>
		parts.flatMap((part, index) => {
			const by = offsets[index] ?? 0;
			return kind(part).map(({ value, start, end }) => ({ value, start: start + by, end: end + by }));
		});
	return {
		amounts: moved(({ amounts }) => amounts),
		percents: moved(({ percents }) => percents),
		times: moved(({ times }) => times),
		dates: moved(({ dates }) => dates),
		durations: moved(({ durations }) => durations),
		phones: moved(({ phones }) => phones),
		links: moved(({ links }) => links),
		rest: parts.map(({ rest }) => rest).join(between),
	};
}

function spread<T>(found: ReadonlyArray<Found<readonly T[]>>): Array<Found<T>> {
	return found.flatMap(({ value, start, end }) => value.map((one) => ({ value: one, start, end })));
}

function decimals(...written: ReadonlyArray<string | undefined>): number[] {
	return written.flatMap((one) => (one === undefined ? [] : [Number(one.replace(',', '.'))]));
}
