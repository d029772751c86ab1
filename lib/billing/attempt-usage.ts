import type { BillingCall } from '../item/turn-item';
import { estimateUsage } from './estimate-usage';
import { readUsage, type TokenUsage } from './usage';

/** One attempt, as far as its bill depends on it. */
export interface FinishedCall {
	readonly status: BillingCall['status'];
	/** What the failure was called; `timeout` has a meaning here. */
	readonly errorCode: string | null;
	/** The provider's usage body, or its whole answer; null when there was none. */
	readonly body: unknown;
	/** Characters sent. */
	readonly inputChars: number;
	/** Characters received; 0 when no text came. */
	readonly outputChars: number;
}

export interface AttemptUsage {
	readonly usage: TokenUsage;
	/** True when no provider stated these tokens; the bill then says so in its error code. */
	readonly estimated: boolean;
}

/**
 * The tokens an attempt is billed with.
 *
 * - What the provider states counts, unless it states an answer that read nothing: then the tokens are estimated.
 * - An answer in a shape nobody knows is estimated from the texts, never free.
 * - A call that timed out was received and very probably read: its input is estimated. Its output is not guessed,
 *   because a provider stops generating for a closed connection. Input is most of what these calls cost.
 * - A refusal and a connection that never stood cost nothing: no provider charges for them.
 */
export function usageOfAttempt({ status, errorCode, body, inputChars, outputChars }: FinishedCall): AttemptUsage {
	const answered = status === 'ok' || status === 'malformed';
	const reported = readUsage(body);
	if (reported !== null && (reported.inputTokens > 0 || !answered)) return { usage: reported, estimated: false };
	if (answered) return { usage: estimateUsage(inputChars, outputChars), estimated: true };
	if (status === 'unreachable' && errorCode === 'timeout')
		return { usage: estimateUsage(inputChars, 0), estimated: true };
	return { usage: estimateUsage(0, 0), estimated: false };
}

/** Error code of an answer whose tokens were estimated. */
export const USAGE_ESTIMATED = 'usage_estimated';
