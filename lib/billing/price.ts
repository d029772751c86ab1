import { divideHalfUp, divideUp, formatDecimal, parseDecimal } from './decimal';
import table from './price-table.json';
import type { TokenUsage } from './usage';

/** Places of a cost in USD: one nano-dollar. */
export const USD_PLACES = 9;
/** Places of a cost in tenge in `billing_events.cost_kzt`. */
export const KZT_PLACES = 6;
/** Places of `billing_events.usd_kzt_rate`. */
const RATE_PLACES = 4;
const TOKENS_PER_PRICE = 1_000_000n;

/** One dated row: USD per million tokens as decimal strings; days are `YYYY-MM-DD`, UTC, both ends included. */
export interface PriceRow {
	readonly model: string;
	readonly input: string;
	readonly cachedInput: string;
	readonly output: string;
	readonly validFrom: string;
	readonly validTo: string | null;
	/** From this day the provider no longer serves the model. */
	readonly retiredOn: string | null;
	readonly source: string;
}

export interface PriceTable {
	readonly ceiling: { readonly input: string; readonly cachedInput: string; readonly output: string };
	/** Providers that run on the business's own machine: nothing to pay per token. */
	readonly freeProviders: readonly string[];
	readonly rows: readonly PriceRow[];
}

/** The table shipped with the package; unit prices checked when issue 3 was written. */
export const PRICE_TABLE: PriceTable = table;

/** Unit prices found for one call. `ceiling` = the model is unknown and is charged as the dearest; `retired` = do not call it. */
export interface Price {
	readonly kind: 'listed' | 'free' | 'ceiling' | 'retired';
	readonly input: string;
	readonly cachedInput: string;
	readonly output: string;
}

/**
 * Finds what a model costs on a day. Snapshot dates (`-2025-04-14`) and vendor prefixes (`openai/`) are ignored.
 *
 * @returns never a zero price for an unknown model: the ceiling instead
 */
export function priceOf(provider: string, model: string, at: Date, prices: PriceTable = PRICE_TABLE): Price {
	if (prices.freeProviders.includes(provider)) return { kind: 'free', input: '0', cachedInput: '0', output: '0' };
	const day = at.toISOString().slice(0, 10);
	const name = canonicalModel(model);
	const rows = prices.rows.filter((row) => row.model === name);
	const current = rows.find((row) => row.validFrom <= day && (row.validTo === null || day <= row.validTo));
	if (current === undefined) return { kind: 'ceiling', ...pick(prices.ceiling) };
	return { kind: current.retiredOn !== null && current.retiredOn <= day ? 'retired' : 'listed', ...pick(current) };
}

/** `models/gemini-2.5-flash-001` -> `gemini-2.5-flash`, `openai/gpt-4.1-mini-2025-04-14` -> `gpt-4.1-mini`. */
export function canonicalModel(model: string): string {
	const name = model.trim().toLowerCase().split('/').at(-1) ?? '';
	return name.replace(/-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{3}|latest)$/, '');
}

/**
 * Cost of one call in USD, nine places, rounded up to the next nano-dollar (never below the provider's bill).
 *
 * Throws when a unit price is no decimal: a broken table must not become a free call.
 */
export function costUsd(usage: TokenUsage, price: Price): string {
	const cached = Math.min(usage.cachedInputTokens, usage.inputTokens);
	const total =
		BigInt(usage.inputTokens - cached) * unit(price.input) +
		BigInt(cached) * unit(price.cachedInput) +
		BigInt(usage.outputTokens) * unit(price.output);
	return formatDecimal(divideUp(total, TOKENS_PER_PRICE), USD_PLACES);
}

/**
 * Converts a cost to tenge with six places, rounded half up.
 *
 * @param usd  decimal string with at most nine places
 * @param rate tenge per dollar, decimal string with at most four places (as the column keeps)
 * @throws RangeError when either is no such decimal
 */
export function costKzt(usd: string, rate: string): string {
	const amount = parseDecimal(usd, USD_PLACES);
	const perDollar = parseDecimal(rate, RATE_PLACES);
	if (amount === null || perDollar === null) throw new RangeError(`Not a decimal: cost ${usd}, rate ${rate}.`);
	return formatDecimal(
		divideHalfUp(amount * perDollar, 10n ** BigInt(USD_PLACES + RATE_PLACES - KZT_PLACES)),
		KZT_PLACES,
	);
}

/** Sum of costs in USD, nine places. Throws RangeError when one is no decimal. */
export function sumUsd(costs: readonly string[]): string {
	let total = 0n;
	for (const cost of costs) {
		const value = parseDecimal(cost, USD_PLACES);
		if (value === null) throw new RangeError(`Not a decimal with ${USD_PLACES} places: ${cost}.`);
		total += value;
	}
	return formatDecimal(total, USD_PLACES);
}

function unit(price: string): bigint {
	const value = parseDecimal(price, USD_PLACES);
	if (value === null) throw new RangeError(`Not a unit price: ${price}.`);
	return value;
}

function pick({ input, cachedInput, output }: Omit<Price, 'kind'>): Omit<Price, 'kind'> {
	return { input, cachedInput, output };
}
