import OpenAI, { APIConnectionTimeoutError, APIError } from 'openai';
import type { Llm, LlmRequest, LlmResult } from '../ports/llm';
import { outputLimitTokens, traitsOf } from '../router/model-traits';
import { isRecord, parseJson, toLlmFailure } from './llm-failure';

export interface OpenAiLlmOptions {
	readonly apiKey: string;
	/** Any OpenAI-compatible endpoint, with its version part: `https://api.openai.com/v1`. */
	readonly baseUrl: string;
	/** Name in the bill; default: `openai`, `ollama` or the host of the address. */
	readonly provider?: string;
	/** Milliseconds, monotonic; tests pass their own. */
	readonly nowMs?: () => number;
}

/** What an empty key is sent as: the SDK insists on one, local endpoints (Ollama) ignore it. */
const NO_KEY = 'none';

/**
 * Chat and embeddings through the OpenAI protocol (OpenAI, Gemini, Ollama, OpenRouter, any base address).
 *
 * Never throws; one attempt per call (the router decides on retries). The timeout covers headers and body.
 * Redirects are refused, because they would carry the key to another host.
 */
export class OpenAiLlm implements Llm {
	readonly provider: string;
	private readonly client: OpenAI;
	private readonly nowMs: () => number;

	constructor(options: OpenAiLlmOptions) {
		this.provider = options.provider ?? providerOf(options.baseUrl);
		this.nowMs = options.nowMs ?? (() => performance.now());
		this.client = new OpenAI({
			apiKey: options.apiKey === '' ? NO_KEY : options.apiKey,
			baseURL: options.baseUrl,
			// Named, so that variables of the environment never change what a client's credential says.
			organization: null,
			project: null,
			maxRetries: 0,
			logLevel: 'off',
			fetchOptions: { redirect: 'manual' },
		});
	}

	async complete(request: LlmRequest): Promise<LlmResult> {
		const startedMs = this.nowMs();
		const signal = AbortSignal.timeout(request.timeoutMs);
		const traits = traitsOf(request.model);
		const limitTokens = outputLimitTokens(request.model, request.maxOutputTokens);
		try {
			const body: unknown = await this.client.chat.completions.create(
				{
					model: request.model,
					messages: request.messages.map(({ role, content }) => ({ role, content })),
					...(traits.takesMaxTokens ? { max_tokens: limitTokens } : { max_completion_tokens: limitTokens }),
					...(traits.effort === null ? {} : { reasoning_effort: traits.effort }),
					...(request.temperature === undefined || !traits.takesTemperature
						? {}
						: { temperature: request.temperature }),
					...(request.jsonObject === true ? { response_format: { type: 'json_object' as const } } : {}),
				},
				{ timeout: request.timeoutMs, maxRetries: 0, signal },
			);
			return readAnswer(body, this.elapsed(startedMs));
		} catch (error) {
			return this.failure(error, signal.aborted, this.elapsed(startedMs));
		}
	}

	async embed(
		model: string,
		texts: readonly string[],
		timeoutMs: number,
	): Promise<{ vectors: number[][]; usage: unknown } | null> {
		try {
			const body: unknown = await this.client.embeddings.create(
				// Named, because the SDK would ask for base64, which compatible endpoints often do not know.
				{ model, input: [...texts], encoding_format: 'float' },
				{ timeout: timeoutMs, maxRetries: 0, signal: AbortSignal.timeout(timeoutMs) },
			);
			return readVectors(body, texts.length);
		} catch {
			return null;
		}
	}

	private failure(error: unknown, aborted: boolean, latencyMs: number): LlmResult {
		const answered = error instanceof APIError && typeof error.status === 'number';
		return toLlmFailure({
			error,
			timedOut: aborted || error instanceof APIConnectionTimeoutError,
			refusal: answered
				? { status: error.status, code: typeof error.code === 'string' ? error.code : null, headers: error.headers }
				: null,
			latencyMs,
		});
	}

	private elapsed(startedMs: number): number {
		return Math.max(0, Math.round(this.nowMs() - startedMs));
	}
}

function readAnswer(body: unknown, latencyMs: number): LlmResult {
	const parsed = typeof body === 'string' ? parseJson(body) : body;
	if (!isRecord(parsed)) return { kind: 'malformed', code: 'not_json', usage: null, latencyMs };
	const usage = parsed['usage'] ?? null;
	const choice: unknown = Array.isArray(parsed['choices']) ? parsed['choices'][0] : undefined;
	if (!isRecord(choice)) return { kind: 'malformed', code: 'no_choices', usage, latencyMs };
	const message = isRecord(choice['message']) ? choice['message'] : {};
	const text = typeof message['content'] === 'string' ? message['content'].trim() : '';
	// A cut-off answer may end before the word "not": it is no answer.
	if (choice['finish_reason'] === 'length') return { kind: 'malformed', code: 'cut_off', usage, latencyMs };
	if (text === '') return { kind: 'malformed', code: 'empty_text', usage, latencyMs };
	return { kind: 'ok', text, usage, latencyMs };
}

function readVectors(body: unknown, expected: number): { vectors: number[][]; usage: unknown } | null {
	if (!isRecord(body) || !Array.isArray(body['data']) || body['data'].length !== expected) return null;
	const vectors: number[][] = [];
	for (const entry of body['data'] as unknown[]) {
		const embedding = isRecord(entry) ? entry['embedding'] : null;
		if (!Array.isArray(embedding) || embedding.length === 0 || !embedding.every((value) => Number.isFinite(value)))
			return null;
		vectors.push(embedding as number[]);
	}
	return { vectors, usage: body['usage'] ?? null };
}

function providerOf(baseUrl: string): string {
	const { hostname, port } = new URL(baseUrl);
	if (hostname === 'api.openai.com') return 'openai';
	if (port === '11434') return 'ollama';
	return hostname;
}
