import { sameTime, type ClockTime } from './clock-times';
import { clauseAround, isDenied } from './clauses';
import { samePhone } from './contacts';
import type { GuardTexts } from './guard-text';
import { sentenceAround } from './plain-text';
import type { Quantities } from './quantities';
import type { Found } from './spans';

/** "узнаю", "уточните у администратора": what is named there is not promised. */
const UNCERTAIN =
	/(?<!\p{L})(?:уточн\p{L}+|не знаю|не уверен\p{L}*|вопрос|спрашива\p{L}*|бюджет\p{L}*|нақтыла\p{L}*|білмейм\p{L}*|сұра\p{L}*)/u;
/** Sentences about when the business is open: there the customer's own time proves nothing. */
const OPENING =
	/(?<!\p{L})(?:работа(?:ем|ет|ют|л)|открыт\p{L}*|открыва\p{L}*|закрыва\p{L}*|график|режим|жұмыс (?:істе|уақыт|кесте)\p{L}*|ашық\p{L}*|ашыл\p{L}*|жабыл\p{L}*)/u;
/** Sentences in which the beginning and the end of a time must not be mixed up. */
const BOUNDED = new RegExp(`${OPENING.source}|(?<!\\p{L})(?:заезд|выезд|check)`, 'u');
const CLOSED = /закрыт|не работа|жабық|жұмыс істемей/u;
/** Sentences that send money or people somewhere: there the customer's own number proves nothing. */
const DESTINATION =
	/(?<!\p{L})(?:переве\p{L}+|перевод\p{L}*|оплат\p{L}*|оплач\p{L}*|kaspi|каспи|карт\p{L}*|реквизит\p{L}*|звоните|позвоните|наш\p{L}*|аудар\p{L}*|төле\p{L}*|қоңырау шал\p{L}*)/u;

/**
 * Compares everything countable of a draft with what the business gave.
 *
 * The customer's own times, dates, durations, numbers of orders and phones may be repeated to them; amounts and percents
 * only where the draft refuses them ("за 5 000 не получится").
 *
 * @returns `amount|percent|time|date|duration|phone|link_not_in_facts`
 */
export function quantityViolations({ draft, source, customer }: GuardTexts): string[] {
	const said = draft.quantities;
	if (isEmpty(said)) return [];
	const given = source.quantities;
	const asked = customer.quantities;
	const text = draft.plain;
	const violations: string[] = [];
	const require = <T>(violation: string, found: ReadonlyArray<Found<T>>, isGiven: (one: Found<T>) => boolean): void => {
		if (!found.every(isGiven)) violations.push(violation);
	};
	const givenAmounts = new Set(given.amounts.map(({ value }) => value.value));
	const askedAmounts = new Set(asked.amounts.map(({ value }) => value.value));
	require('amount_not_in_facts', said.amounts, ({ value: amount, start }) =>
		givenAmounts.has(amount.value) ||
		(askedAmounts.has(amount.value) && (amount.kind !== 'price' || isRefused(text, start))));
	require('percent_not_in_facts', said.percents, ({ value, start }) =>
		given.percents.some((known) => known.value === value) ||
		(asked.percents.some((known) => known.value === value) && isRefused(text, start)));
	require('time_not_in_facts', said.times, ({ value, start }) => isTimeGiven(value, start, text, given, asked));
	require('date_not_in_facts', said.dates, ({ value: { day, month } }) =>
		[...given.dates, ...asked.dates].some(
			({ value: known }) => known.day === day && (month === null || known.month === null || known.month === month),
		));
	require('duration_not_in_facts', said.durations, ({ value }) =>
		[...given.durations, ...asked.durations].some((known) => known.value === value));
	require('phone_not_in_facts', said.phones, ({ value, start }) =>
		given.phones.some((known) => samePhone(value, known.value)) ||
		(asked.phones.some((known) => samePhone(value, known.value)) && !DESTINATION.test(sentence(text, start))));
	require('link_not_in_facts', said.links, ({ value }) => given.links.some((known) => known.value === value));
	return violations;
}

function isEmpty({ amounts, percents, times, dates, durations, phones, links }: Quantities): boolean {
	return [amounts, percents, times, dates, durations, phones, links].every((found) => found.length === 0);
}

function isTimeGiven(time: ClockTime, at: number, text: string, given: Quantities, asked: Quantities): boolean {
	const isOpening = OPENING.test(sentence(text, at));
	const known = given.times.filter((candidate) => sameTime(time, candidate.value));
	if (known.length > 0) {
		// "с 21:00" is wrong where the business only closes at 21:00, unless it tells when it is closed.
		if (time.role === null || !BOUNDED.test(sentence(text, at)) || CLOSED.test(sentence(text, at))) return true;
		return known.some(({ value }) => value.role === null || value.role === time.role);
	}
	if (!asked.times.some(({ value }) => sameTime(time, value))) return false;
	return !isOpening || isRefused(text, at) || new RegExp(`${CLOSED.source}|\\?$`, 'u').test(sentence(text, at).trim());
}

function isRefused(text: string, at: number): boolean {
	return isDenied(text, at) || UNCERTAIN.test(clauseAround(text, at));
}

function sentence(text: string, at: number): string {
	const { start, end } = sentenceAround(text, at);
	return text.slice(start, end);
}
