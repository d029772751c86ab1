import { TrufflesError } from '../errors';
import type { SendResult } from '../ports/channel-sender';
import type { AfterCrash } from '../tenant/delivery-settings';

/** After this many attempts a message is given up and a manager is asked. */
export const MAX_SEND_ATTEMPTS = 8;

const FIRST_BACKOFF_MS = 2_000;
const LONGEST_BACKOFF_MS = 10 * 60_000;
const SHORTEST_RETRY_AFTER_MS = 1_000;

/** What one attempt means for the outbox row. */
export type SendDecision =
	| { readonly kind: 'sent' }
	| { readonly kind: 'repeat'; readonly delayMs: number; readonly code: string }
	/** Given up: the other side refuses for good, or repeats were in vain. */
	| { readonly kind: 'failed'; readonly code: string }
	/** It may have arrived, and is not sent again. */
	| { readonly kind: 'unknown'; readonly code: string };

/** A decision about a message that did not go out. */
export type UnsentDecision = Exclude<SendDecision, { readonly kind: 'sent' }>;

/**
 * Decides after one attempt. A connection that was never made is repeated. What timed out, or broke off before the answer,
 * may have been sent: with `prefer-once` it is not repeated (promise 2: nobody is answered twice), with `prefer-delivery` it is.
 *
 * @param attempts how often this message was tried, this time included
 */
export function decideAfterSend(result: SendResult, attempts: number, afterCrash: AfterCrash): SendDecision {
	if (result.kind === 'sent') return { kind: 'sent' };
	const isUncertain = result.kind === 'unreachable' && result.code !== 'connection';
	if (isUncertain && (afterCrash === 'prefer-once' || attempts >= MAX_SEND_ATTEMPTS))
		return { kind: 'unknown', code: result.code };
	if (result.kind === 'refused' && !result.retryable) return { kind: 'failed', code: result.code };
	if (attempts >= MAX_SEND_ATTEMPTS) return { kind: 'failed', code: result.code };
	const asked = result.kind === 'refused' ? result.retryAfterMs : null;
	const delayMs = asked === null ? backoffMs(attempts) : Math.max(asked, SHORTEST_RETRY_AFTER_MS);
	return { kind: 'repeat', delayMs, code: result.code };
}

/**
 * Decides about a message whose sender could not be made: nothing was sent. A database that is away passes; a channel
 * that is not configured, or a secret that cannot be read, stays until a person mends it.
 */
export function decideWithoutSender(error: unknown, attempts: number): SendDecision {
	const code = error instanceof TrufflesError ? error.code : 'not_configured';
	const mayPass = error instanceof TrufflesError && error.retryable && attempts < MAX_SEND_ATTEMPTS;
	return mayPass ? { kind: 'repeat', delayMs: backoffMs(attempts), code } : { kind: 'failed', code };
}

/**
 * Decides about a message whose process died while sending it.
 *
 * @returns null when it is sent again, with the same key
 */
export function decideAfterCrash(attempts: number, afterCrash: AfterCrash): SendDecision | null {
	const sendAgain = afterCrash === 'prefer-delivery' && attempts <= MAX_SEND_ATTEMPTS;
	return sendAgain ? null : { kind: 'unknown', code: 'interrupted' };
}

function backoffMs(attempts: number): number {
	return Math.min(FIRST_BACKOFF_MS * 2 ** (attempts - 1), LONGEST_BACKOFF_MS);
}
