import type { Llm, LlmRequest, LlmResult } from '../../../lib/ports/llm';
import type { ModelTarget } from '../../../lib/router/model-target';

export const OK: LlmResult = {
	kind: 'ok',
	text: 'Да',
	usage: { prompt_tokens: 1_000, completion_tokens: 100 },
	latencyMs: 5,
};
export const TIMEOUT = { kind: 'unreachable', code: 'timeout', latencyMs: 8_000 } as const satisfies LlmResult;

export const refused = (status: number, retryAfterMs: number | null = null, code = `http_${status}`): LlmResult => ({
	kind: 'refused',
	status,
	code,
	retryAfterMs,
	latencyMs: 5,
});

/** A clock that only moves when told. */
export class ManualClock {
	ms = Date.parse('2026-11-21T10:00:00Z');

	now(): Date {
		return new Date(this.ms);
	}
}

/** A model endpoint that gives these results in turn, the last one for ever, and lets the clock run as long. */
export class FakeLlm implements Llm {
	readonly asked: LlmRequest[] = [];

	constructor(
		private readonly clock: ManualClock,
		public results: LlmResult[],
		readonly provider = 'openai',
	) {}

	async complete(request: LlmRequest): Promise<LlmResult> {
		this.asked.push(request);
		const result = this.results[Math.min(this.asked.length, this.results.length) - 1] ?? OK;
		this.clock.ms += Math.min(result.latencyMs, request.timeoutMs);
		return await Promise.resolve(result);
	}

	async embed(): Promise<null> {
		return await Promise.resolve(null);
	}
}

export const target = (llm: Llm, model: string, over: Partial<ModelTarget> = {}): ModelTarget => ({
	llm,
	model,
	isLocal: false,
	timeoutMs: 8_000,
	...over,
});
