import type { LlmResult } from '../ports/llm';

type Failure = Exclude<LlmResult, { kind: 'ok' }>;

/** Waited before a repeat when the other side did not say how long. */
const PAUSE_MS = 300;

/** Codes by which providers say that the account may not call any more, whatever the model. */
const ACCOUNT_CODES: ReadonlySet<string> = new Set([
	'insufficient_quota',
	'billing_hard_limit_reached',
	'credit_balance_exhausted',
	'enforced_spend_limit_reached',
	'contract_spend_limit_reached',
	'linked_organization_spend_limit_reached',
	'organization_on_hold',
	'billing_error',
]);

/** Failures that say the service is in trouble; a refused request of ours (400, 401, 404) says nothing about it. */
export function countsAsOutage(result: LlmResult): boolean {
	if (result.kind === 'unreachable') return true;
	// A cut-off answer is our own limit of tokens; a declined one is the model's choice.
	if (result.kind === 'malformed') return result.code !== 'cut_off' && result.code !== 'declined';
	return result.kind === 'refused' && (result.status === 408 || result.status === 429 || result.status >= 500);
}

/** True when no model of the same endpoint would answer: a wrong key, an account without money. */
export function endsEndpoint(result: Failure): boolean {
	if (result.kind !== 'refused') return false;
	return result.status === 401 || result.status === 402 || result.status === 403 || ACCOUNT_CODES.has(result.code);
}

/**
 * How long to wait before the same model is asked once more; null when a repeat is useless.
 *
 * What the other side says wins: `x-should-retry`, then `Retry-After`. Source of the defaults: what OpenAI's and
 * Anthropic's own clients repeat (408, 409, 429, 5xx, connection failures).
 */
export function repeatAfterMs(result: Failure): number | null {
	if (endsEndpoint(result)) return null;
	if (result.kind !== 'refused') return countsAsOutage(result) ? 0 : null;
	if (result.shouldRetry === false) return null;
	if (result.shouldRetry !== true && !countsAsOutage(result) && result.status !== 409) return null;
	return result.retryAfterMs ?? PAUSE_MS;
}

/** Says what failed, for people; holds no text of the conversation. */
export function describeFailure(result: Failure): string {
	return result.kind === 'refused'
		? `refused with ${result.status} (${result.code})`
		: `${result.kind} (${result.code})`;
}
