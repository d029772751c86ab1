import { priceOf, type Price, type PriceTable } from '../billing/price';
import type { Llm } from '../ports/llm';

/** One model at one endpoint: what a fallback chain is made of. */
export interface ModelTarget {
	readonly llm: Llm;
	readonly model: string;
	/** Runs on machines of the business itself: personal data may be shown to it, and it costs nothing per token. */
	readonly isLocal: boolean;
	/** Longest wait for one answer of this endpoint. */
	readonly timeoutMs: number;
}

const FREE: Price = { kind: 'free', input: '0', cachedInput: '0', output: '0' };

/** Unit prices of a target. A local one is free, whatever its model is called. */
export function priceOfTarget(target: ModelTarget, at: Date, prices: PriceTable): Price {
	return target.isLocal ? FREE : priceOf(target.llm.provider, target.model, at, prices);
}

/** Name of the target in keys of breakers. */
export function serviceOf(target: ModelTarget, scope: string): string {
	return `${scope}:${target.llm.provider}:${target.model}`;
}
