/** Tokens of one call. `inputTokens` holds the whole input, cached part included; all are non-negative integers. */
export interface TokenUsage {
	readonly inputTokens: number;
	readonly cachedInputTokens: number;
	readonly outputTokens: number;
}

/** Characters per token assumed when a provider sent no usage: low for Cyrillic, so that the estimate is not too small. */
const CHARS_PER_TOKEN = 2.5;

/**
 * Normalises a provider's usage body: OpenAI (chat, responses), DeepSeek, Mistral, OpenRouter, Anthropic, Gemini, Ollama.
 *
 * Anthropic counts cached tokens beside the input, the others inside it; Gemini counts thoughts beside the output.
 * Anthropic's cache writes are counted as plain input (their surcharge is not modelled).
 *
 * @returns null when nothing in the body is a token count; then the caller estimates and says so
 */
export function readUsage(body: unknown): TokenUsage | null {
	const usage = unwrap(body);
	if (usage === null) return null;

	const anthropicRead = count(usage, 'cache_read_input_tokens');
	const anthropicWrite = count(usage, 'cache_creation_input_tokens');
	const promptTokens = first(usage, ['prompt_tokens', 'input_tokens', 'promptTokenCount', 'prompt_eval_count']);
	const candidates = first(usage, ['completion_tokens', 'output_tokens', 'candidatesTokenCount', 'eval_count']);
	if (promptTokens === null && candidates === null) return null;

	const beside = (anthropicRead ?? 0) + (anthropicWrite ?? 0);
	const inside =
		count(usage, 'prompt_tokens_details', 'cached_tokens') ??
		count(usage, 'input_tokens_details', 'cached_tokens') ??
		count(usage, 'prompt_cache_hit_tokens') ??
		count(usage, 'cachedContentTokenCount') ??
		0;
	const inputTokens = (promptTokens ?? 0) + beside;
	return {
		inputTokens,
		cachedInputTokens: Math.min(inputTokens, anthropicRead ?? inside),
		outputTokens: (candidates ?? 0) + (count(usage, 'thoughtsTokenCount') ?? 0),
	};
}

/** Estimate for an answer without a usage body, from the lengths of what was sent and received (characters). */
export function estimateUsage(inputChars: number, outputChars: number): TokenUsage {
	return {
		inputTokens: Math.ceil(inputChars / CHARS_PER_TOKEN),
		cachedInputTokens: 0,
		outputTokens: Math.ceil(outputChars / CHARS_PER_TOKEN),
	};
}

/** Accepts the usage object itself or a whole answer that holds it as `usage` or `usageMetadata`. */
function unwrap(body: unknown): Record<string, unknown> | null {
	if (!isRecord(body)) return null;
	for (const key of ['usage', 'usageMetadata']) {
		const inner = body[key];
		if (isRecord(inner)) return inner;
	}
	return body;
}

function first(usage: Record<string, unknown>, keys: readonly string[]): number | null {
	for (const key of keys) {
		const value = count(usage, key);
		if (value !== null) return value;
	}
	return null;
}

function count(usage: Record<string, unknown>, key: string, inner?: string): number | null {
	const outer = usage[key];
	const value = inner === undefined ? outer : isRecord(outer) ? outer[inner] : undefined;
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
