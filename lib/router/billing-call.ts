import { costUsd, type PriceTable } from '../billing/price';
import { estimateUsage, readUsage } from '../billing/usage';
import type { BillingCall } from '../item/turn-item';
import type { LlmMessage, LlmResult } from '../ports/llm';
import { type ModelTarget, priceOfTarget } from './model-target';

export interface FinishedAttempt {
	/** Row id, chosen by the caller. */
	readonly id: string;
	readonly target: ModelTarget;
	readonly purpose: BillingCall['purpose'];
	readonly messages: readonly LlmMessage[];
	readonly result: LlmResult;
	readonly at: Date;
	readonly prices: PriceTable;
}

/**
 * The bill of one attempt, failed ones included.
 *
 * An answer whose provider sent no usage was paid for all the same: its tokens are estimated from the texts, and
 * `errorCode` says so.
 */
export function toBillingCall({ id, target, purpose, messages, result, at, prices }: FinishedAttempt): BillingCall {
	const answered = result.kind === 'ok' || result.kind === 'malformed';
	const reported = readUsage(answered ? result.usage : null);
	const estimated = reported === null && answered;
	const usage =
		reported ??
		(estimated
			? estimateUsage(inputChars(messages), result.kind === 'ok' ? result.text.length : 0)
			: estimateUsage(0, 0));
	const code = result.kind === 'ok' ? null : result.code;
	return {
		id,
		provider: target.llm.provider,
		model: target.model,
		purpose,
		status: result.kind,
		errorCode: code ?? (estimated ? 'usage_estimated' : null),
		inputTokens: usage.inputTokens,
		cachedInputTokens: usage.cachedInputTokens,
		cacheWriteTokens: usage.cacheWriteTokens,
		outputTokens: usage.outputTokens,
		reasoningTokens: usage.reasoningTokens,
		tier: usage.tier,
		costUsd: costUsd(usage, priceOfTarget(target, at, prices)),
		latencyMs: result.latencyMs,
	};
}

function inputChars(messages: readonly LlmMessage[]): number {
	return messages.reduce((total, { content }) => total + content.length, 0);
}
