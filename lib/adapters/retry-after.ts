/** A provider that asks for more is as good as down; the router goes to the next model instead of waiting. */
const MAX_RETRY_AFTER_MS = 60 * 60 * 1000;

/**
 * Reads how long the other side asks us to wait, from `retry-after-ms` or both forms of `Retry-After`
 * (seconds, or an HTTP date; RFC 9110 section 10.2.3).
 *
 * @param header reads one header by its lower-case name
 * @param nowMs  instant the date form is compared with
 * @returns milliseconds from 0 to one hour, or null when there is no header or it cannot be read
 */
export function retryAfterMs(header: (name: string) => string | null, nowMs: number): number | null {
	const millis = header('retry-after-ms')?.trim();
	if (millis !== undefined && /^\d+(?:\.\d+)?$/.test(millis)) return bounded(Number(millis));
	const value = header('retry-after')?.trim();
	if (value === undefined || value === '') return null;
	if (/^\d+(?:\.\d+)?$/.test(value)) return bounded(Number(value) * 1000);
	// Date.parse alone would read "-5" or "12 monkeys" as a year.
	if (!/^[A-Za-z]{3,9}, /.test(value)) return null;
	const at = Date.parse(value);
	return Number.isNaN(at) ? null : bounded(at - nowMs);
}

/** What `x-should-retry` says (OpenAI and Anthropic send it); undefined when it says nothing. */
export function shouldRetry(header: (name: string) => string | null): boolean | undefined {
	const value = header('x-should-retry')?.trim().toLowerCase();
	return value === 'true' ? true : value === 'false' ? false : undefined;
}

function bounded(value: number): number {
	return Math.min(MAX_RETRY_AFTER_MS, Math.max(0, Math.ceil(value)));
}
