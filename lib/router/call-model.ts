import { costUsd, priceOf, PRICE_TABLE, type PriceTable } from '../billing/price';
import { estimateUsage, readUsage } from '../billing/usage';
import type { BillingCall } from '../item/turn-item';
import type { Clock } from '../ports/clock';
import type { Kv } from '../ports/kv';
import type { Llm, LlmMessage, LlmResult } from '../ports/llm';
import { CircuitBreaker, type Admission } from './circuit-breaker';

const ATTEMPT_TIMEOUT_MS = 8_000;
const TOTAL_TIMEOUT_MS = 12_000;
/** The first call and one more: a retry of the same model or its fallback. */
const MAX_ATTEMPTS = 2;
/** A longer Retry-After is not waited for; the fallback is asked instead. */
const MAX_WAIT_MS = 2_000;
/** With less time than this left an attempt would only be cut off. */
const MIN_ATTEMPT_MS = 500;
/** While every breaker is open one model is asked all the same, but the customer does not wait long for it. */
const OPEN_TIMEOUT_MS = 3_000;

export interface ModelCall {
	readonly llm: Llm;
	readonly kv: Kv;
	readonly clock: Clock;
	/** Row id for each attempt. */
	readonly uuid: () => string;
	readonly sleep: (ms: number) => Promise<void>;
	readonly clientId: string;
	readonly model: string;
	readonly fallback: readonly string[];
	readonly messages: readonly LlmMessage[];
	readonly purpose: BillingCall['purpose'];
	readonly temperature?: number;
	readonly maxOutputTokens: number;
	readonly jsonObject?: boolean;
	readonly prices?: PriceTable;
	readonly attemptTimeoutMs?: number;
	readonly totalTimeoutMs?: number;
}

export interface ModelAnswer {
	/** Null when no model gave a readable answer. */
	readonly text: string | null;
	/** The model that wrote `text`. */
	readonly model: string | null;
	/** One per attempt, also for failed ones: each becomes a billing event. */
	readonly calls: readonly BillingCall[];
	/** For people who read the execution. No texts, no addresses. */
	readonly notes: readonly string[];
}

/**
 * Asks a model, at most twice in all: after a failure the fallback, or the same model again when there is none.
 *
 * Never throws for what the other side does. Bounded by `totalTimeoutMs` (default 12 s). Retired models are skipped.
 * A breaker that is open skips its model; when all are open the first one is asked anyway, briefly.
 */
export async function callModel(call: ModelCall): Promise<ModelAnswer> {
	const deadlineMs = call.clock.now().getTime() + (call.totalTimeoutMs ?? TOTAL_TIMEOUT_MS);
	const calls: BillingCall[] = [];
	const notes: string[] = [];
	const { candidates, allOpen } = await admitted(call, notes);
	let waitMs = 0;
	for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
		const candidate = candidates[attempt] ?? (allOpen ? undefined : candidates.at(-1));
		if (candidate === undefined) break;
		const sameModel = attempt > 0 && candidates[attempt] === undefined;
		if (sameModel && waitMs > 0) await call.sleep(waitMs);
		const remainingMs = deadlineMs - call.clock.now().getTime();
		if (remainingMs < MIN_ATTEMPT_MS) {
			notes.push('model: no time left for another attempt');
			break;
		}
		const limitMs = allOpen ? OPEN_TIMEOUT_MS : (call.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS);
		const result = await call.llm.complete({
			model: candidate.model,
			messages: call.messages,
			...(call.temperature === undefined ? {} : { temperature: call.temperature }),
			maxOutputTokens: call.maxOutputTokens,
			timeoutMs: Math.min(limitMs, remainingMs),
			...(call.jsonObject === undefined ? {} : { jsonObject: call.jsonObject }),
		});
		calls.push(toBillingCall(call, candidate.model, result));
		const breaker = new CircuitBreaker(call.kv, call.clientId, service(call, candidate.model));
		if (result.kind === 'ok') {
			await breaker.succeeded();
			return { text: result.text, model: candidate.model, calls, notes };
		}
		notes.push(`model ${candidate.model}: ${describe(result)}`);
		if (countsAsOutage(result)) await breaker.failed(call.clock.now(), candidate.admission);
		// A wrong key is wrong for every model of this endpoint; a bad request for this model only when another one follows.
		if (result.kind === 'refused' && (result.status === 401 || result.status === 403)) break;
		if (!countsAsOutage(result) && candidates[attempt + 1] === undefined) break;
		waitMs = result.kind === 'refused' ? (result.retryAfterMs ?? 0) : 0;
		if (waitMs > MAX_WAIT_MS && candidates[attempt + 1] === undefined) break;
	}
	return { text: null, model: null, calls, notes };
}

interface Candidate {
	readonly model: string;
	readonly admission: Admission;
}

async function admitted(call: ModelCall, notes: string[]): Promise<{ candidates: Candidate[]; allOpen: boolean }> {
	const now = call.clock.now();
	const known = [...new Set([call.model, ...call.fallback])].filter((model) => {
		const retired = priceOf(call.llm.provider, model, now, call.prices ?? PRICE_TABLE).kind === 'retired';
		if (retired) notes.push(`model ${model}: retired by its provider, not called`);
		return !retired;
	});
	const candidates: Candidate[] = [];
	for (const model of known) {
		const admission = await new CircuitBreaker(call.kv, call.clientId, service(call, model)).admission(now);
		if (admission === 'open') notes.push(`model ${model}: breaker open`);
		else candidates.push({ model, admission });
	}
	const [first] = known;
	if (candidates.length > 0 || first === undefined) return { candidates, allOpen: false };
	return { candidates: [{ model: first, admission: 'open' }], allOpen: true };
}

function toBillingCall(call: ModelCall, model: string, result: LlmResult): BillingCall {
	const body = result.kind === 'ok' || result.kind === 'malformed' ? result.usage : null;
	const reported = readUsage(body);
	// An answer whose provider sent no usage was paid for all the same.
	const estimated = reported === null && (result.kind === 'ok' || result.kind === 'malformed');
	const usage =
		reported ??
		(estimated
			? estimateUsage(inputChars(call.messages), result.kind === 'ok' ? result.text.length : 0)
			: estimateUsage(0, 0));
	const price = priceOf(call.llm.provider, model, call.clock.now(), call.prices ?? PRICE_TABLE);
	const code = result.kind === 'ok' ? null : result.code;
	return {
		id: call.uuid(),
		provider: call.llm.provider,
		model,
		purpose: call.purpose,
		status: result.kind,
		errorCode: code ?? (estimated ? 'usage_estimated' : null),
		...usage,
		costUsd: costUsd(usage, price),
		latencyMs: result.latencyMs,
	};
}

/** Failures that say the service is in trouble; a refused request of ours (400, 401, 404) says nothing about it. */
function countsAsOutage(result: LlmResult): boolean {
	if (result.kind === 'unreachable') return true;
	// A cut-off answer is our own limit of tokens.
	if (result.kind === 'malformed') return result.code !== 'cut_off';
	return result.kind === 'refused' && (result.status === 408 || result.status === 429 || result.status >= 500);
}

function describe(result: Exclude<LlmResult, { kind: 'ok' }>): string {
	return result.kind === 'refused'
		? `refused with ${result.status} (${result.code})`
		: `${result.kind} (${result.code})`;
}

function service(call: ModelCall, model: string): string {
	return `model:${call.llm.provider}:${model}`;
}

function inputChars(messages: readonly LlmMessage[]): number {
	return messages.reduce((total, { content }) => total + content.length, 0);
}
