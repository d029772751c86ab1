import type { LlmResult } from '../ports/llm';
import { retryAfterMs, shouldRetry } from './retry-after';

/** An error of an SDK, as far as both SDKs call things alike. */
export interface SdkFailure {
	readonly error: unknown;
	/** The call's own time limit was reached, or the SDK says that one was. */
	readonly timedOut: boolean;
	/** Null when the endpoint did not answer. `code`: its own word for the refusal; empty or absent: its status. */
	readonly refusal: {
		readonly status: number;
		readonly code: string | null | undefined;
		readonly headers: unknown;
	} | null;
	readonly latencyMs: number;
}

/** What a failed call means for the router: refused, unreachable or malformed. */
export function toLlmFailure({ error, timedOut, refusal, latencyMs }: SdkFailure): LlmResult {
	if (timedOut) return { kind: 'unreachable', code: 'timeout', latencyMs };
	if (refusal !== null) {
		const headers = refusal.headers instanceof Headers ? refusal.headers : new Headers();
		const read = (name: string): string | null => headers.get(name);
		const retry = shouldRetry(read);
		return {
			kind: 'refused',
			status: refusal.status,
			code: refusal.code || `http_${refusal.status}`,
			retryAfterMs: retryAfterMs(read, Date.now()),
			...(retry === undefined ? {} : { shouldRetry: retry }),
			latencyMs,
		};
	}
	// By name: the error may come from another realm than this file's.
	if (isRecord(error) && error['name'] === 'SyntaxError')
		return { kind: 'malformed', code: 'broken_json', usage: null, latencyMs };
	return { kind: 'unreachable', code: 'connection', latencyMs };
}

/** True for an object that is no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value that a text holds as JSON; null when it holds none. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
