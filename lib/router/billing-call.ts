import { USAGE_ESTIMATED, usageOfAttempt } from '../billing/attempt-usage';
import { costUsd, type PriceTable } from '../billing/price';
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
 * What the provider does not state is estimated (see `usageOfAttempt`), and `errorCode` says so.
 */
export function toBillingCall({ id, target, purpose, messages, result, at, prices }: FinishedAttempt): BillingCall {
	const { usage, estimated } = usageOfAttempt({
		status: result.kind,
		errorCode: result.kind === 'ok' ? null : result.code,
		body: result.kind === 'ok' || result.kind === 'malformed' ? result.usage : null,
		inputChars: inputChars(messages),
		outputChars: result.kind === 'ok' ? result.text.length : 0,
	});
	const code = result.kind === 'ok' ? null : result.code;
	return {
		id,
		provider: target.llm.provider,
		model: target.model,
		purpose,
		status: result.kind,
		errorCode: code ?? (estimated ? USAGE_ESTIMATED : null),
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
