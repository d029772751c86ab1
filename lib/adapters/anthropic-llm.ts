import Anthropic, { APIConnectionTimeoutError, APIError } from '@anthropic-ai/sdk';
import type { Llm, LlmMessage, LlmRequest, LlmResult } from '../ports/llm';
import { outputLimitTokens, traitsOf } from '../router/model-traits';
import { isRecord, parseJson, toLlmFailure } from './llm-failure';

export interface AnthropicLlmOptions {
	readonly apiKey: string;
	/** Address without the version part: `https://api.anthropic.com`. */
	readonly baseUrl: string;
	/** Name in the bill; default `anthropic`. */
	readonly provider?: string;
	/** Milliseconds, monotonic; tests pass their own. */
	readonly nowMs?: () => number;
}

/** The API has no JSON mode that every model knows; the words do it. */
const JSON_ONLY = 'Answer with one JSON object and nothing else.';
/** The dialogue must begin with the user; ours may begin with a reply of the business. */
const OPENING = '…';
/** What an empty key is sent as: with none at all the SDK would look for one in the environment. */
const NO_KEY = 'none';

/**
 * Chat through Anthropic's Messages protocol.
 *
 * Never throws; one attempt per call (the router decides on retries). The timeout covers headers and body. Redirects are
 * refused, because they would carry the key to another host. A temperature is not sent: the API's version 2026-10-21,
 * which the SDK speaks, refuses it for every model. There are no embeddings.
 */
export class AnthropicLlm implements Llm {
	readonly provider: string;
	private readonly client: Anthropic;
	private readonly nowMs: () => number;

	constructor(options: AnthropicLlmOptions) {
		this.provider = options.provider ?? 'anthropic';
		this.nowMs = options.nowMs ?? (() => performance.now());
		this.client = new Anthropic({
			apiKey: options.apiKey === '' ? NO_KEY : options.apiKey,
			// Named, so that variables of the environment never change what a client's credential says.
			authToken: null,
			baseURL: options.baseUrl,
			maxRetries: 0,
			logLevel: 'off',
			fetchOptions: { redirect: 'manual' },
		});
	}

	async complete(request: LlmRequest): Promise<LlmResult> {
		const startedMs = this.nowMs();
		const signal = AbortSignal.timeout(request.timeoutMs);
		const { system, messages } = toDialogue(request.messages, request.jsonObject === true);
		const { effort } = traitsOf(request.model);
		try {
			// Not `messages.create`, which prints a warning at every call of an older model.
			const body: unknown = await this.client.post('/v1/messages', {
				body: {
					model: request.model,
					max_tokens: outputLimitTokens(request.model, request.maxOutputTokens),
					messages,
					...(system === '' ? {} : { system }),
					...(effort === 'low' ? { output_config: { effort } } : {}),
				},
				timeout: request.timeoutMs,
				maxRetries: 0,
				signal,
			});
			return readAnswer(body, this.elapsed(startedMs));
		} catch (error) {
			return this.failure(error, signal.aborted, this.elapsed(startedMs));
		}
	}

	/** Anthropic offers no embeddings. */
	async embed(): Promise<null> {
		return await Promise.resolve(null);
	}

	private failure(error: unknown, aborted: boolean, latencyMs: number): LlmResult {
		const answered = error instanceof APIError && typeof error.status === 'number';
		return toLlmFailure({
			error,
			timedOut: aborted || error instanceof APIConnectionTimeoutError,
			refusal: answered ? { status: error.status, code: error.errorCode ?? error.type, headers: error.headers } : null,
			latencyMs,
		});
	}

	private elapsed(startedMs: number): number {
		return Math.max(0, Math.round(this.nowMs() - startedMs));
	}
}

interface Dialogue {
	readonly system: string;
	readonly messages: Array<{ role: 'user' | 'assistant'; content: string }>;
}

/**
 * The leading system messages are the system prompt; one that comes later (why a draft was refused) is said by the
 * user, because the dialogue must end with the user. Empty messages are refused by the API and left out.
 */
function toDialogue(all: readonly LlmMessage[], asJson: boolean): Dialogue {
	const filled = all.filter(({ content }) => content.trim() !== '');
	const firstTurn = filled.findIndex(({ role }) => role !== 'system');
	const leading = firstTurn === -1 ? filled : filled.slice(0, firstTurn);
	const messages = filled.slice(leading.length).map(({ role, content }) => ({
		role: role === 'assistant' ? ('assistant' as const) : ('user' as const),
		content,
	}));
	if (messages[0]?.role !== 'user') messages.unshift({ role: 'user', content: OPENING });
	const system = [...leading.map(({ content }) => content), ...(asJson ? [JSON_ONLY] : [])].join('\n\n');
	return { system, messages };
}

function readAnswer(body: unknown, latencyMs: number): LlmResult {
	const parsed = typeof body === 'string' ? parseJson(body) : body;
	if (!isRecord(parsed)) return { kind: 'malformed', code: 'not_json', usage: null, latencyMs };
	const usage = parsed['usage'] ?? null;
	if (!Array.isArray(parsed['content'])) return { kind: 'malformed', code: 'no_content', usage, latencyMs };
	const text = (parsed['content'] as unknown[])
		.map((block) =>
			isRecord(block) && block['type'] === 'text' && typeof block['text'] === 'string' ? block['text'] : '',
		)
		.join('')
		.trim();
	const stop = parsed['stop_reason'];
	// A cut-off answer may end before the word "not": it is no answer.
	if (stop === 'max_tokens' || stop === 'model_context_window_exceeded')
		return { kind: 'malformed', code: 'cut_off', usage, latencyMs };
	if (stop === 'refusal') return { kind: 'malformed', code: 'declined', usage, latencyMs };
	if (text === '') return { kind: 'malformed', code: 'empty_text', usage, latencyMs };
	return { kind: 'ok', text, usage, latencyMs };
}
