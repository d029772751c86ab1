/** Usage bodies as OpenAI sends them, with prompt caching: a long prefix that was seen before is cheaper. */
import { countTokens, isReasoning } from './openai-request';
import type { ChatRequest } from './openai-request';

/** Caching starts at this many tokens and counts in these steps (OpenAI, "Prompt caching"). */
const CACHE_FROM_TOKENS = 1_024;
const CACHE_STEP_TOKENS = 128;
const MAX_REMEMBERED = 20;
const REASONING_TOKENS = 64;

export interface ChatUsage {
	readonly prompt_tokens: number;
	readonly completion_tokens: number;
	readonly total_tokens: number;
	readonly prompt_tokens_details: { readonly cached_tokens: number; readonly audio_tokens: number };
	readonly completion_tokens_details: {
		readonly reasoning_tokens: number;
		readonly audio_tokens: number;
		readonly accepted_prediction_tokens: number;
		readonly rejected_prediction_tokens: number;
	};
}

/** Remembers the latest prompts per model. */
export class UsageMeter {
	private readonly prompts: { model: string; prompt: string }[] = [];

	read(request: ChatRequest, answer: string): ChatUsage {
		const prompt = request.messages.map((message) => `${message.role}\n${message.text}`).join('\n');
		const promptTokens = countTokens(prompt) + request.messages.length * 4;
		const cachedTokens = this.cached(request.model, prompt);
		this.prompts.push({ model: request.model, prompt });
		if (this.prompts.length > MAX_REMEMBERED) this.prompts.shift();
		const reasoningTokens = isReasoning(request.model) ? REASONING_TOKENS : 0;
		const completionTokens = countTokens(answer) * request.choices + reasoningTokens;
		return {
			prompt_tokens: promptTokens,
			completion_tokens: completionTokens,
			total_tokens: promptTokens + completionTokens,
			prompt_tokens_details: { cached_tokens: Math.min(cachedTokens, promptTokens), audio_tokens: 0 },
			completion_tokens_details: {
				reasoning_tokens: reasoningTokens,
				audio_tokens: 0,
				accepted_prediction_tokens: 0,
				rejected_prediction_tokens: 0,
			},
		};
	}

	private cached(model: string, prompt: string): number {
		const longest = this.prompts
			.filter((old) => old.model === model)
			.reduce((most, old) => Math.max(most, commonPrefix(old.prompt, prompt)), 0);
		const tokens = countTokens(prompt.slice(0, longest));
		return tokens < CACHE_FROM_TOKENS ? 0 : Math.floor(tokens / CACHE_STEP_TOKENS) * CACHE_STEP_TOKENS;
	}
}

function commonPrefix(a: string, b: string): number {
	const limit = Math.min(a.length, b.length);
	let index = 0;
	while (index < limit && a.charCodeAt(index) === b.charCodeAt(index)) index += 1;
	return index;
}
