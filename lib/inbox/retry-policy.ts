import { type ErrorCode, ERRORS } from '../errors';

/** A turn that has had this many attempts without an outcome is parked: fallback text, handover, outcome. */
export const MAX_ATTEMPTS = 3;

const FIRST_BACKOFF_MS = 2_000;
const BACKOFF_FACTOR = 4;

/**
 * Milliseconds a turn waits after it failed on this attempt: 2 s, 8 s, and nothing after the last one, because then it
 * is parked and the customer has waited long enough.
 */
export function turnBackoffMs(attempt: number): number {
	return attempt >= MAX_ATTEMPTS ? 0 : FIRST_BACKOFF_MS * BACKOFF_FACTOR ** (attempt - 1);
}

/**
 * True when a turn that failed with this code should run again. What is invalid stays invalid, and a refusal for good
 * stays one; what could not be reached, and what we cannot name, may pass.
 */
export function isWorthAnotherAttempt(code: ErrorCode, attempt: number): boolean {
	return attempt < MAX_ATTEMPTS && ERRORS[code].retryable;
}
