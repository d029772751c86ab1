import type { Amount } from './amounts';
import type { GuardTexts } from './guard-text';
import { sentenceAround, sentencesOf } from './plain-text';
import { contentWords, labelPrices, sameWord, type PricedLabel } from './price-labels';
import { isDenied } from './clauses';

/** Words that say that an amount is not the exact price. */
const HEDGE =
	/(?<!\p{L})(?:от|до|начин\p{L}*|старт\p{L}*|миним\p{L}*|максим\p{L}*|пример\p{L}*|около|завис\p{L}*|базов\p{L}*|диапазон\p{L}*|в пределах|самы[йе]|сам(?:ая|ое)|бастап|баста\p{L}*|дейін|байланысты|шамамен|кемінде|ең)(?!\p{L})|-(?:ден|дан|тен|тан|нен|нан)(?!\p{L})/u;
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
	const words = new Vocabulary(given);
	const earlier = new LastNamed(words, customer.plain, draft.quantities.rest);
	let isOther = false;
	let isInexact = false;
	for (const label of told) {
		const holders = given.filter(({ amount }) => amount.value === label.amount.value);
		const named = earlier.namedBy(label);
		if (holders.length === 0 || isDenied(draft.plain, label.start)) continue;
		const fitting = named.map((part) => words.candidates(part)).filter((candidates) => candidates.length > 0);
		const fits =
			fitting.some((candidates) => candidates.some(({ amount }) => amount.value === label.amount.value)) ||
			holders.some((holder) => named.some((part) => mentions(holder, part)));
		if (fitting.length > 0 && !fits) isOther = true;
		const meant = fits
			? holders.filter((holder) => fitting.some((candidates) => candidates.includes(holder)))
			: holders;
		if (isToldAsExact(label.amount, label.start, draft.plain) && meant.every((holder) => isLimit(holder, source.plain)))
			isInexact = true;
	}
	if (isOther) violations.push('amount_of_other_service');
	if (isInexact) violations.push('amount_not_exact');
	if (told.some(({ amount }) => isForeignMoney(amount, given))) violations.push('wrong_currency');
	return violations;
}

/** Finds the price entries whose labels hold given words. */
class Vocabulary {
	private readonly entriesOf = new Map<string, PricedLabel[]>();

	constructor(entries: readonly PricedLabel[]) {
		for (const entry of entries) {
			for (const word of new Set([...entry.own, ...entry.inherited, ...entry.after])) {
				const known = this.entriesOf.get(word);
				if (known === undefined) this.entriesOf.set(word, [entry]);
				else known.push(entry);
			}
		}
	}

	/** Those of the words that some label of the sources holds. */
	known(words: readonly string[]): string[] {
		return [...new Set(words)].filter((word) => this.holders(word).size > 0);
	}

	/** Entries that hold all the words; when none does, those that hold the most telling ones. */
	candidates(words: readonly string[]): readonly PricedLabel[] {
		const scores = new Map<PricedLabel, number>();
		let all = 0;
		for (const word of words) {
			const holders = this.holders(word);
			const weight = 1 / Math.max(1, holders.size);
			all += weight;
			for (const entry of holders) scores.set(entry, (scores.get(entry) ?? 0) + weight);
		}
		const best = Math.max(0, ...scores.values());
		const wanted = best >= all - ROUNDING ? all : best;
		return [...scores].filter(([, score]) => score >= wanted - ROUNDING).map(([entry]) => entry);
	}

	private holders(word: string): Set<PricedLabel> {
		const found = new Set(this.entriesOf.get(word) ?? []);
		if (found.size > 0) return found;
		for (const [other, entries] of this.entriesOf) {
			if (sameWord(word, other)) for (const entry of entries) found.add(entry);
		}
		return found;
	}
}

const ROUNDING = 1e-9;

/** Remembers which service was named last, for amounts that stand alone. */
class LastNamed {
	private last: readonly string[];
	private read = 0;

	/** @param text the draft without its quantities */
	constructor(
		private readonly words: Vocabulary,
		customer: string,
		private readonly text: string,
	) {
		this.last = words.known(contentWords(customer).folded);
	}

	/** The readings of a label: words before the amount, words after it; empty when it names nothing that is known. */
	namedBy(label: PricedLabel): ReadonlyArray<readonly string[]> {
		const ahead = this.words.known([...label.own, ...label.inherited]);
		const after = this.words.known(label.after);
		const own = [ahead, after].filter((part) => part.length > 0);
		if (own.length > 0) {
			this.last = own[0] ?? [];
			this.read = label.start;
			return own;
		}
		if (label.hasOwnWords || label.after.length > 0) return [];
		const before = this.namedIn(this.text.slice(this.read, label.start));
		this.read = label.start;
		if (before.length > 0) this.last = before;
		return this.last.length === 0 ? [] : [this.last];
	}

	/** The last sentence that names anything known. */
	private namedIn(passage: string): readonly string[] {
		for (const sentence of sentencesOf(passage).reverse()) {
			const known = this.words.known(contentWords(sentence).folded);
			if (known.length > 0) return known;
		}
		return [];
	}
}

/** True when a source speaks of these words around the amount, in whatever order: enough to be unsure, so it passes. */
function mentions({ own, inherited, after, tail }: PricedLabel, words: readonly string[]): boolean {
	const around = [...own, ...inherited, ...after, ...tail];
	return words.every((word) => around.some((other) => sameWord(word, other)));
}

function isToldAsExact(amount: Amount, at: number, text: string): boolean {
	if (amount.bound !== 'exact') return false;
	const { start, end } = sentenceAround(text, at);
	const following = sentenceAround(text, Math.min(text.length, end + 1));
	return !HEDGE.test(text.slice(start, following.end));
}

function isLimit({ amount, start }: PricedLabel, text: string): boolean {
	if (amount.bound !== 'from' && amount.bound !== 'low' && amount.bound !== 'high') return false;
	const around = sentenceAround(text, start);
	return !THRESHOLD.test(text.slice(around.start, around.end));
}

function isForeignMoney(amount: Amount, given: readonly PricedLabel[]): boolean {
	if (amount.currency === null) return false;
	const same = given.filter((entry) => entry.amount.value === amount.value).map((entry) => entry.amount.currency);
	if (same.length === 0 || same.includes(amount.currency)) return false;
	return amount.currency === 'tenge' ? !same.includes(null) : true;
}
