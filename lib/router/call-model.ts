import { PRICE_TABLE, type PriceTable } from '../billing/price';
import type { BillingCall } from '../item/turn-item';
import type { Clock } from '../ports/clock';
import type { Kv } from '../ports/kv';
import type { LlmMessage, LlmResult } from '../ports/llm';
import { countsAsOutage, describeFailure, endsEndpoint, repeatAfterMs } from './attempt-outcome';
import { toBillingCall } from './billing-call';
import { type Admission, CircuitBreaker } from './circuit-breaker';
import { type ModelTarget, serviceOf } from './model-target';

/** All attempts of one question together. */
export const TOTAL_TIMEOUT_MS = 12_000;
/** A longer Retry-After is not waited for: the customer waits too. */
const MAX_WAIT_MS = 2_000;
/** With less time than this left an attempt would only be cut off. */
const MIN_ATTEMPT_MS = 500;
/** While every breaker is open one model is asked all the same, but the customer does not wait long for it. */
const OPEN_TIMEOUT_MS = 3_000;

export interface ModelCall {
	readonly kv: Kv;
	readonly clock: Clock;
	/** Row id for each attempt. */
	readonly uuid: () => string;
	readonly sleep: (ms: number) => Promise<void>;
	readonly clientId: string;
	/** The chain, in the order in which it is tried. */
	readonly targets: readonly ModelTarget[];
	readonly messages: readonly LlmMessage[];
	readonly purpose: BillingCall['purpose'];
	readonly temperature?: number;
	readonly maxOutputTokens: number;
	readonly jsonObject?: boolean;
	readonly prices?: PriceTable;
	/** Lowers the limit of each target. */
	readonly attemptTimeoutMs?: number;
	readonly totalTimeoutMs?: number;
	/** False: every model is asked at most once. */
	readonly mayRepeat?: boolean;
	/** Part of the breakers' keys; questions with a limit of time of their own have breakers of their own. */
	readonly breakerScope?: string;
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

/** Most attempts that a chain of this length can take: each model once, and one repeat. */
export function maxAttempts(targets: number, mayRepeat = true): number {
	return targets === 0 ? 0 : targets + (mayRepeat ? 1 : 0);
}

/**
 * Asks the models of a chain, one after another, until one answers.
 *
 * After the last one a single repeat is made: of a lone model, or of one that said when to come back (`Retry-After`),
 * if that moment is near. Never throws for what the other side does; bounded by `totalTimeoutMs` (default 12 s). A
 * breaker that is open skips its model; when all are open the first one is asked anyway, briefly.
 */
export async function callModel(call: ModelCall): Promise<ModelAnswer> {
	return await new Chain(call).run();
}

interface Repeat {
	readonly target: ModelTarget;
	readonly waitMs: number;
}

/** State of one run through a chain. */
class Chain {
	private readonly calls: BillingCall[] = [];
	private readonly notes: string[] = [];
	private readonly deadEndpoints = new Set<ModelTarget['llm']>();
	private readonly deadlineMs: number;
	private repeat: Repeat | null = null;

	constructor(private readonly call: ModelCall) {
		this.deadlineMs = call.clock.now().getTime() + (call.totalTimeoutMs ?? TOTAL_TIMEOUT_MS);
	}

	async run(): Promise<ModelAnswer> {
		for (const target of this.call.targets) {
			if (this.deadEndpoints.has(target.llm)) continue;
			const admission = await this.breaker(target).admission(this.call.clock.now());
			if (admission === 'open') {
				this.notes.push(`model ${target.model}: breaker open`);
				continue;
			}
			const text = await this.attempt(target, admission, target.timeoutMs);
			if (text !== null) return this.answer(text, target);
		}
		const [first] = this.call.targets;
		if (this.calls.length === 0 && first !== undefined) {
			const text = await this.attempt(first, 'open', Math.min(OPEN_TIMEOUT_MS, first.timeoutMs));
			return text === null ? this.noAnswer() : this.answer(text, first);
		}
		return await this.repeatOnce();
	}

	private async repeatOnce(): Promise<ModelAnswer> {
		const again = this.repeat;
		if (again === null || this.call.mayRepeat === false) return this.noAnswer();
		if (again.waitMs > Math.min(MAX_WAIT_MS, this.remainingMs() - MIN_ATTEMPT_MS)) return this.noAnswer();
		if (again.waitMs > 0) await this.call.sleep(again.waitMs);
		const text = await this.attempt(again.target, 'closed', again.target.timeoutMs);
		return text === null ? this.noAnswer() : this.answer(text, again.target);
	}

	/** One call; the text, or null after a failure, which is then in the bill, the notes and the breaker. */
	private async attempt(target: ModelTarget, admission: Admission, limitMs: number): Promise<string | null> {
		const { call } = this;
		const remainingMs = this.remainingMs();
		if (remainingMs < MIN_ATTEMPT_MS) {
			this.notes.push('model: no time left for another attempt');
			return null;
		}
		const result = await target.llm.complete({
			model: target.model,
			messages: call.messages,
			...(call.temperature === undefined ? {} : { temperature: call.temperature }),
			maxOutputTokens: call.maxOutputTokens,
			timeoutMs: Math.min(limitMs, call.attemptTimeoutMs ?? limitMs, remainingMs),
			...(call.jsonObject === undefined ? {} : { jsonObject: call.jsonObject }),
		});
		this.calls.push(
			toBillingCall({
				id: call.uuid(),
				target,
				purpose: call.purpose,
				messages: call.messages,
				result,
				at: call.clock.now(),
				prices: call.prices ?? PRICE_TABLE,
			}),
		);
		if (countsAsOutage(result)) await this.breaker(target).failed(call.clock.now(), admission);
		else await this.breaker(target).succeeded(admission);
		if (result.kind === 'ok') return result.text;
		this.notes.push(`model ${target.model}: ${describeFailure(result)}`);
		this.remember(target, result);
		return null;
	}

	private remember(target: ModelTarget, result: Exclude<LlmResult, { kind: 'ok' }>): void {
		if (endsEndpoint(result)) this.deadEndpoints.add(target.llm);
		const waitMs = repeatAfterMs(result);
		if (waitMs === null) return;
		const isInvited = result.kind === 'refused' && result.retryAfterMs !== null;
		if (this.call.targets.length > 1 && !isInvited) return;
		if (this.repeat === null || waitMs < this.repeat.waitMs) this.repeat = { target, waitMs };
	}

	private breaker(target: ModelTarget): CircuitBreaker {
		return new CircuitBreaker(this.call.kv, this.call.clientId, serviceOf(target, this.call.breakerScope ?? 'model'));
	}

	private remainingMs(): number {
		return this.deadlineMs - this.call.clock.now().getTime();
	}

	private answer(text: string, { model }: ModelTarget): ModelAnswer {
		return { text, model, calls: this.calls, notes: this.notes };
	}

	private noAnswer(): ModelAnswer {
		return { text: null, model: null, calls: this.calls, notes: this.notes };
	}
}
