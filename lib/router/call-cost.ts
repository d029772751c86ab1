/** What a question can cost at most: the amount that is reserved before it is asked. */
import { parseDecimal } from '../billing/decimal';
import { costTiyn, costUsd, type PriceTable, sumUsd, USD_PLACES } from '../billing/price';
import { estimateUsage } from '../billing/estimate-usage';
import type { LlmMessage } from '../ports/llm';
import { type ModelTarget, priceOfTarget } from './model-target';
import { outputLimitTokens } from './model-traits';

/** Tokens that the protocol adds to each message, and to the whole. */
const FRAME_TOKENS = 8;

export interface PossibleCost {
	readonly targets: readonly ModelTarget[];
	readonly mayRepeat: boolean;
	readonly messages: readonly LlmMessage[];
	readonly maxOutputTokens: number;
	/** Tenge per dollar, decimal string. */
	readonly usdKztRate: string;
	readonly at: Date;
	readonly prices: PriceTable;
}

/**
 * The most that a chain can cost, in tiyn, rounded up: every model once and the dearest of them twice, each with its
 * longest answer. Zero when every model is free, else at least 1.
 *
 * @throws RangeError when the rate is no decimal
 */
export function maxCostTiyn(cost: PossibleCost): number {
	const inputTokens = maxInputTokens(cost.messages);
	const prices = cost.targets.map((target) => ({ target, price: priceOfTarget(target, cost.at, cost.prices) }));
	if (prices.every(({ price }) => price.kind === 'free')) return 0;
	const each = prices.map(({ target, price }) => {
		const outputTokens = outputLimitTokens(target.model, cost.maxOutputTokens);
		return costUsd({ ...estimateUsage(0, 0), inputTokens, outputTokens }, price);
	});
	const dearest = each.reduce((most, usd) => (isMore(usd, most) ? usd : most), '0');
	return costTiyn(sumUsd(cost.mayRepeat ? [...each, dearest] : each), cost.usdKztRate);
}

function isMore(usd: string, than: string): boolean {
	return (parseDecimal(usd, USD_PLACES) ?? 0n) > (parseDecimal(than, USD_PLACES) ?? 0n);
}

/**
 * Tokens that the messages can be at most: one for every two bytes of UTF-8, so one for each Cyrillic letter. What
 * tokenizers make of such text is about half of it; a limit that is too high only frees the rest after the call.
 */
export function maxInputTokens(messages: readonly LlmMessage[]): number {
	return messages.reduce(
		(sum, { content }) => sum + Math.ceil(Buffer.byteLength(content, 'utf8') / 2) + FRAME_TOKENS,
		FRAME_TOKENS,
	);
}
