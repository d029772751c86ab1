import type { BillingCall } from '../item/turn-item';
import { costKzt } from './price';

/** One call as the SQL functions of the bill read it (migration 0011): ids, names and numbers, nothing of a customer. */
export interface BillingRow {
	readonly id: string;
	readonly purpose: string;
	readonly provider: string;
	readonly model: string;
	readonly status: string;
	readonly error_code: string | null;
	readonly input_tokens: number;
	readonly cached_input_tokens: number;
	readonly cache_write_tokens: number;
	readonly output_tokens: number;
	readonly reasoning_tokens: number;
	readonly tier: string | null;
	readonly cost_usd: string;
	readonly cost_kzt: string;
	readonly latency_ms: number;
}

/**
 * The rows of the bill for these calls; each keeps the id that was chosen before the call, which makes writing it
 * again harmless.
 *
 * @param usdKztRate tenge per dollar, decimal string with at most four places
 * @throws RangeError when a cost or the rate is no decimal
 */
export function toBillingRows(calls: readonly BillingCall[], usdKztRate: string): BillingRow[] {
	return calls.map((call) => ({
		id: call.id,
		purpose: call.purpose,
		provider: call.provider,
		model: call.model,
		status: call.status,
		error_code: call.errorCode,
		input_tokens: call.inputTokens,
		cached_input_tokens: call.cachedInputTokens,
		cache_write_tokens: call.cacheWriteTokens,
		output_tokens: call.outputTokens,
		reasoning_tokens: call.reasoningTokens,
		tier: call.tier,
		cost_usd: call.costUsd,
		cost_kzt: costKzt(call.costUsd, usdKztRate),
		latency_ms: Math.round(call.latencyMs),
	}));
}
