/** Amounts of money in a plain text, and the bare numbers that a reader takes for money. */
import type { Found, Spans } from './spans';

export type Currency = 'tenge' | 'rouble' | 'dollar' | 'euro';

export interface Amount {
	/** In whole units of its currency; tenge when none is written. */
	readonly value: number;
	/** Null when only a number is written. */
	readonly currency: Currency | null;
	/** `from`: "от 5 000"; `low` and `high`: the ends of a range; `to`: "до 5 000". */
	readonly bound: 'exact' | 'from' | 'low' | 'high' | 'to';
	/**
	 * `price`: money or a bare number from 100; `measure`: a number with another unit ("500 г", "120 человек");
	 * `identifier`: a number of an order, a room, a house.
	 */
	readonly kind: 'price' | 'measure' | 'identifier';
}

const TENGE = '₸|тг|тнг|тенге|теңге|kzt|тен\\.';
const ROUBLE = '₽|руб\\p{L}*\\.?|rub';
const DOLLAR = '\\$|долл\\p{L}*|usd|у\\.е\\.?|бакс\\p{L}*';
const EURO = '€|евро|eur';
const CURRENCY = `${TENGE}|${ROUBLE}|${DOLLAR}|${EURO}`;
const NUMBER = "\\d{1,3}(?:[ .,']\\d{3})+(?!\\d)|\\d{1,12}(?:[.,]\\d{1,2}(?!\\d))?";
const THOUSAND = '(?:тыс(?:\\.|яч\\p{L}*)?|тыщ\\p{L}*|косар\\p{L}*|мың\\p{L}*|к|k|т\\.р|млн\\.?|миллион\\p{L}*)';
const AMOUNT = new RegExp(
	`(?<![\\d])(?:(₸|\\$|€|₽) ?)?(${NUMBER})(?: ?(${THOUSAND})(?!\\p{L}))?(?: ?(${CURRENCY}))?(?: ?(?:-|до) ?(?:(?:₸|\\$|€|₽) ?)?(${NUMBER})(?: ?(${THOUSAND})(?!\\p{L}))?(?: ?(${CURRENCY}))?)?`,
	'gu',
);
/** Bare numbers below this are counts ("3 мастера"), not prices. */
const BARE_FROM = 100;

const MEASURE_AFTER =
	/^ ?(?:г|гр|кг|мл|л|литр\p{L}*|см|мм|м|км|метр\p{L}*|м2|м²|кв|шт|дана|штук\p{L}*|человек\p{L}*|адам\p{L}*|гост\p{L}*|персон\p{L}*|порци\p{L}*|ккал|лет|дюйм\p{L}*|квт|вт|гб|мб|клиент\p{L}*|отзыв\p{L}*|ед\.?|иу|iu|мг)(?!\p{L})/u;
const IDENTIFIER_BEFORE =
	/(?:№|#|номер\p{L}*|заказ\p{L}*|тапсырыс\p{L}*|кабинет\p{L}*|каб\.?|офис\p{L}*|оф\.|кв\.|квартир\p{L}*|дом|д\.|код\p{L}*|индекс\p{L}*|артикул\p{L}*|бутик\p{L}*|павильон\p{L}*|автобус\p{L}*|маршрут\p{L}*)[ :№-]*$/u;
const FROM_BEFORE = /(?:от|начиная (?:от|с)|минимум|не менее|кемінде)\s$/u;
const TO_BEFORE = /(?:до|максимум|не (?:более|дороже))\s$/u;
const FROM_AFTER =
	/^-?(?:ден|дан|тен|тан|нан|нен)(?!\p{L})|^ ?(?:тг|теңге|₸)?(?:-?(?:ден|дан|тен|тан|нан|нен))? ?(?:бастап|басталады|\+|и выше|и более)/u;
const TO_AFTER = /^-?(?:ге|ға|ке|қа)? ?дейін/u;

/** Takes every amount out of the text; numbers below 100 without currency or thousands stay. */
export function takeAmounts(spans: Spans): ReadonlyArray<Found<Amount>> {
	const text = spans.text;
	const found: Array<Found<Amount>> = [];
	spans.take(AMOUNT, (match) => {
		const [whole, sign, first = '', firstThousand, firstMoney, second, secondThousand, secondMoney] = match;
		const start = match.index;
		const end = start + whole.length;
		const currency = currencyOf(secondMoney ?? firstMoney ?? sign);
		const before = text.slice(Math.max(0, start - 24), start);
		const after = text.slice(end, end + 24);
		const isBare = currency === null && firstThousand === undefined && /^\d+$/u.test(first);
		const kind =
			isBare && IDENTIFIER_BEFORE.test(before)
				? 'identifier'
				: currency === null && MEASURE_AFTER.test(after)
					? 'measure'
					: 'price';
		const isRange = second !== undefined;
		const low = scaled(first, firstThousand ?? secondThousand);
		const high = second === undefined ? null : scaled(second, secondThousand);
		const counts = (value: number, thousand: string | undefined): boolean =>
			thousand !== undefined || currency !== null || value >= BARE_FROM;
		const bound = isRange
			? 'low'
			: FROM_BEFORE.test(before) || FROM_AFTER.test(after)
				? 'from'
				: TO_BEFORE.test(before) || TO_AFTER.test(after)
					? 'to'
					: 'exact';
		// "на 2 - 8 000" is a small number and a price, not a range.
		const amounts: Amount[] = [];
		if (counts(low, firstThousand ?? secondThousand)) amounts.push({ value: low, currency, kind, bound });
		if (high !== null && counts(high, secondThousand)) amounts.push({ value: high, currency, kind, bound: 'high' });
		if (amounts.length === 0) return null;
		found.push(...amounts.map((value) => ({ value, start, end })));
		return true;
	});
	return found;
}

/** "8 000", "8.000", "8,000" and "8'000" are eight thousand; "8,5" is eight and a half. */
function scaled(written: string, thousand: string | undefined): number {
	const value = /^\d{1,3}(?:[ .,']\d{3})+$/u.test(written)
		? Number(written.replace(/[ .,']/gu, ''))
		: Number(written.replace(',', '.'));
	const multiplier = thousand === undefined ? 1 : /^(?:млн|миллион)/u.test(thousand) ? 1_000_000 : 1000;
	return Math.round(value * multiplier * 100) / 100;
}

function currencyOf(written: string | undefined): Currency | null {
	if (written === undefined) return null;
	if (new RegExp(`^(?:${ROUBLE})$`, 'u').test(written)) return 'rouble';
	if (new RegExp(`^(?:${DOLLAR})$`, 'u').test(written)) return 'dollar';
	return new RegExp(`^(?:${EURO})$`, 'u').test(written) ? 'euro' : 'tenge';
}
