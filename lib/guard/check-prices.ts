import type { Amount } from './amounts';
import type { GuardText, GuardTexts } from './guard-text';
import { isDenied } from './clauses';
import { LabelIndex, LastNamed, mentions } from './label-index';
import { sentenceAround } from './plain-text';
import { unitsBeside } from './price-units';
import { labelQuantities, type Label } from './quantity-labels';

/** Words that say that an amount is not the exact price. */
const HEDGE =
	/(?<!\p{L})(?:начин\p{L}*|старт\p{L}*|миним\p{L}*|максим\p{L}*|пример\p{L}*|около|завис\p{L}*|базов\p{L}*|диапазон\p{L}*|в пределах|самы[йе]|сам(?:ая|ое)|после осмотра|точн\p{L}+ (?:цен|сумм|стоимост)\p{L}*|уточн\p{L}*|баста\p{L}*|байланысты|шамамен|кемінде|ең|нақты|может|могут|обычно|в среднем|средн\p{L}+|мүмкін|әдетте|орташа|дейін)(?!\p{L})/u;
/** A lower limit of an order or a voucher is no price: "бесплатно от 10 000". */
const THRESHOLD =
	/(?<!\p{L})(?:заказ\p{L}*|сумм\p{L}*|чек\p{L}*|сертификат\p{L}*|покупк\p{L}*|доставк\p{L}*|бесплатн\p{L}*|скидк\p{L}*|кредит\p{L}*|тапсырыс\p{L}*|сома\p{L}*|тегін|жеңілдік\p{L}*|жеткізу\p{L}*|подар\p{L}*)/u;

/**
 * Compares what each amount of the draft is the price of with what it is the price of in the sources.
 *
 * Stopped only when it is sure: the amount stands in the sources, but for a service other than the one the draft names,
 * and the named service has another price there. An amount with no service beside it belongs to the one named last in
 * the draft, or else to the one the customer asked about.
 *
 * @returns `amount_of_other_service`, `amount_not_exact` ("от 15 000" told as "15 000"), `wrong_currency`
 */
export function priceViolations({ draft, source, customer }: GuardTexts): string[] {
	const told = labelPrices(draft);
	if (told.length === 0) return [];
	const given = labelPrices(source);
	if (given.length === 0) return [];
	const violations: string[] = [];
	const words = new LabelIndex(given);
	const earlier = new LastNamed(words, customer.plain, draft.quantities.rest);
	let isOther = false;
	let isInexact = false;
	for (const label of told) {
		const holders = given.filter(({ value }) => value.value === label.value.value);
		const named = earlier.namedBy(label);
		if (holders.length === 0 || isDenied(draft.plain, label.start)) continue;
		const fitting = named.map((part) => words.candidates(part)).filter((candidates) => candidates.length > 0);
		const fits =
			fitting.some((candidates) => candidates.some(({ value }) => value.value === label.value.value)) ||
			holders.some((holder) => named.some((part) => mentions(holder, part)));
		if (fitting.length > 0 && !fits) isOther = true;
		if (isPerOther(label, holders, draft.plain, source.plain)) isOther = true;
		const meant = fits
			? holders.filter((holder) => fitting.some((candidates) => candidates.includes(holder)))
			: holders;
		if (meant.length > 0 && meant.every((holder) => isOtherEnd(label.value, holder.value))) isInexact = true;
		if (isToldAsExact(label.value, label.start, draft.plain) && meant.every((holder) => isLimit(holder, source.plain)))
			isInexact = true;
	}
	if (isOther) violations.push('amount_of_other_service');
	if (isInexact) violations.push('amount_not_exact');
	if (told.some(({ value }) => isForeignMoney(value, given))) violations.push('wrong_currency');
	return violations;
}

const labelled = new WeakMap<GuardText, ReadonlyArray<Label<Amount>>>();

function labelPrices(text: GuardText): Array<Label<Amount>> {
	return text
		.gather(labelled, labelPart)
		.flatMap(({ value, offset }) =>
			offset === 0 ? value : value.map((label) => ({ ...label, start: label.start + offset, end: label.end + offset })),
		);
}

/** Measures ("350 мл") are no prices but tell one service from another, so labels keep them. */
function labelPart({ plain, quantities: { amounts, rest } }: GuardText): ReadonlyArray<Label<Amount>> {
	let readable = rest;
	for (const { value, start, end } of amounts) {
		if (value.kind === 'measure') readable = readable.slice(0, start) + plain.slice(start, end) + readable.slice(end);
	}
	return labelQuantities(
		readable,
		amounts.filter(({ value }) => value.kind === 'price'),
	);
}

/** "900 за килограмм" where the business says "900 за штуку"; a source without a unit leaves it open. */
function isPerOther(
	told: Label<Amount>,
	holders: ReadonlyArray<Label<Amount>>,
	draft: string,
	source: string,
): boolean {
	const units = unitsBeside(draft, told.start, told.end);
	if (units.size === 0) return false;
	const given = holders.map(({ start, end }) => unitsBeside(source, start, end));
	return given.every((known) => known.size > 0 && ![...units].some((unit) => known.has(unit)));
}

/** "До 12 000" where the business says "от 12 000", and the reverse. */
function isOtherEnd(told: Amount, given: Amount): boolean {
	return (told.bound === 'to' && given.bound === 'from') || (told.bound === 'from' && given.bound === 'to');
}

function isToldAsExact(amount: Amount, at: number, text: string): boolean {
	if (amount.bound !== 'exact') return false;
	const { start, end } = sentenceAround(text, at);
	const following = sentenceAround(text, Math.min(text.length, end + 1));
	return !HEDGE.test(text.slice(start, following.end));
}

function isLimit({ value: amount, start }: Label<Amount>, text: string): boolean {
	if (amount.bound !== 'from' && amount.bound !== 'low' && amount.bound !== 'high') return false;
	const around = sentenceAround(text, start);
	return !THRESHOLD.test(text.slice(around.start, around.end));
}

function isForeignMoney(amount: Amount, given: readonly Label<Amount>[]): boolean {
	if (amount.currency === null) return false;
	const same = given.filter((entry) => entry.value.value === amount.value).map((entry) => entry.value.currency);
	if (same.length === 0 || same.includes(amount.currency)) return false;
	return amount.currency === 'tenge' ? !same.includes(null) : true;
}
