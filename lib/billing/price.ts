import { divideHalfUp, divideUp, formatDecimal, parseDecimal } from './decimal';
import { PRICE_TABLE, type PriceRow, type PriceTable, type UnitPrices } from './dated-prices';
import type { TokenUsage } from './usage';

export { PRICE_TABLE, type PriceRow, type PriceTable, type UnitPrices } from './dated-prices';

/** Places of a cost in USD: one nano-dollar. */
export const USD_PLACES = 9;
/** Places of a cost in tenge in `billing_events.cost_kzt`. */
export const KZT_PLACES = 6;
/** Places of `billing_events.usd_kzt_rate`. */
const RATE_PLACES = 4;
const TOKENS_PER_PRICE = 1_000_000n;

/** Unit prices found for one call. `ceiling` = the model is unknown and is charged as the dearest; `retired` = do not call it. */
export interface Price extends UnitPrices {
	readonly kind: 'listed' | 'free' | 'ceiling' | 'retired';
	readonly tiers?: Readonly<Record<string, UnitPrices>>;
	/** What the provider says it charged counts instead; `aboveZero`: a zero is not believed. Absent: never. */
	readonly providerCost?: 'always' | 'aboveZero';
}

/**
 * Finds what a model costs on a day. Snapshot dates (`-2025-04-14`) and vendor prefixes (`openai/`) are ignored.
 *
 * A provider that reports its own cost is believed, because its price depends on where it sent the call; a reported
 * zero only for models it calls free (`…:free`).
 *
 * @returns never a zero price for an unknown model: the ceiling instead
 */
export function priceOf(provider: string, model: string, at: Date, prices: PriceTable = PRICE_TABLE): Price {
	if (prices.freeProviders.includes(provider)) return { kind: 'free', input: '0', cachedInput: '0', output: '0' };
	const row = findRow(model, at, prices);
	const reports = prices.providersThatReportCost?.includes(provider) === true;
	const providerCost = model.trim().endsWith(':free') ? ('always' as const) : ('aboveZero' as const);
	return {
		kind: row === null ? 'ceiling' : isRetired(row, at) ? 'retired' : 'listed',
		...unitPrices(row ?? prices.ceiling),
		...(row?.tiers === undefined ? {} : { tiers: row.tiers }),
		...(reports ? { providerCost } : {}),
	};
}

/** What to do with a model before it is called. */
export type ModelAdmission =
	| { readonly kind: 'priced'; readonly price: Price }
	/** The provider no longer serves it; `replacement` is the model to call instead, or null. */
	| { readonly kind: 'retired'; readonly retiredOn: string; readonly replacement: string | null }
	/** Not in the table, and `unknownModels` says not to guess. */
	| { readonly kind: 'unknown' };

/**
 * Decides whether a model may be called on a day, and at which price.
 *
 * @param unknownModels `ceiling` charges a model without a row as the dearest; `refuse` does not call it
 */
export function admitModel(
	provider: string,
	model: string,
	at: Date,
	unknownModels: 'ceiling' | 'refuse' = 'ceiling',
	prices: PriceTable = PRICE_TABLE,
): ModelAdmission {
	const price = priceOf(provider, model, at, prices);
	if (price.kind === 'ceiling' && unknownModels === 'refuse') return { kind: 'unknown' };
	if (price.kind !== 'retired') return { kind: 'priced', price };
	const row = findRow(model, at, prices);
	return { kind: 'retired', retiredOn: row?.retiredOn ?? dayOf(at), replacement: row?.replacement ?? null };
}

/** `models/gemini-2.5-flash-001` -> `gemini-2.5-flash`, `openai/gpt-4.1-mini-2025-04-14` -> `gpt-4.1-mini`. */
export function canonicalModel(model: string): string {
	const name = model.trim().toLowerCase().split('/').at(-1) ?? '';
	return name.replace(/-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{3}|latest)$/, '');
}

/**
 * Cost of one call in USD, nine places, rounded up to the next nano-dollar (never below the provider's bill).
 *
 * Cache writes without a price of their own cost what input costs; a tier without prices costs the standard ones.
 *
 * @throws RangeError when a unit price is no decimal
 */
export function costUsd(usage: TokenUsage, price: Price): string {
	const reported = reportedCost(usage, price);
	if (reported !== null) return reported;
	const units = (usage.tier === null ? undefined : price.tiers?.[usage.tier]) ?? price;
	const writes = Math.min(usage.cacheWriteTokens, usage.inputTokens);
	const longWrites = Math.min(usage.longCacheWriteTokens ?? 0, writes);
	const cached = Math.min(usage.cachedInputTokens, usage.inputTokens - writes);
	const total =
		BigInt(usage.inputTokens - cached - writes) * unit(units.input) +
		BigInt(cached) * unit(units.cachedInput) +
		BigInt(writes - longWrites) * unit(units.cacheWrite ?? units.input) +
		BigInt(longWrites) * unit(units.cacheWriteLong ?? units.cacheWrite ?? units.input) +
		BigInt(usage.outputTokens) * unit(units.output);
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

/**
 * The same in tiyn, rounded up, at least 1: what a budget reserves for a call that may cost this much.
 *
 * @throws RangeError as `costKzt`
 */
export function costTiyn(usd: string, rate: string): number {
	const amount = parseDecimal(usd, USD_PLACES);
	const perDollar = parseDecimal(rate, RATE_PLACES);
	if (amount === null || perDollar === null) throw new RangeError(`Not a decimal: cost ${usd}, rate ${rate}.`);
	return Math.max(1, Number(divideUp(amount * perDollar * 100n, 10n ** BigInt(USD_PLACES + RATE_PLACES))));
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

function reportedCost(usage: TokenUsage, price: Price): string | null {
	if (price.providerCost === undefined || usage.providerCostUsd === undefined) return null;
	return price.providerCost === 'always' || unit(usage.providerCostUsd) > 0n ? usage.providerCostUsd : null;
}

function findRow(model: string, at: Date, prices: PriceTable): PriceRow | null {
	const [name, day] = [canonicalModel(model), dayOf(at)];
	return (
		prices.rows.find(
			(row) => row.model === name && row.validFrom <= day && (row.validTo === null || day <= row.validTo),
		) ?? null
	);
}

function isRetired(row: PriceRow, at: Date): boolean {
	return row.retiredOn !== null && row.retiredOn <= dayOf(at);
}

function dayOf(at: Date): string {
	return at.toISOString().slice(0, 10);
}

function unit(price: string): bigint {
	const value = parseDecimal(price, USD_PLACES);
	if (value === null) throw new RangeError(`Not a unit price: ${price}.`);
	return value;
}

function unitPrices({ input, cachedInput, cacheWrite, cacheWriteLong, output }: UnitPrices): UnitPrices {
	return {
		input,
		cachedInput,
		...(cacheWrite === undefined ? {} : { cacheWrite }),
		...(cacheWriteLong === undefined ? {} : { cacheWriteLong }),
		output,
	};
}
