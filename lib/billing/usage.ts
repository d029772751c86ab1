import { readProviderCostUsd, readTier } from './usage-extras';
import { type Body, count, firstCount, isRecord, part } from './usage-fields';

/**
 * Tokens of one call, all of them non-negative integers. A part lies inside its whole:
 * `cachedInputTokens + cacheWriteTokens <= inputTokens`, `longCacheWriteTokens <= cacheWriteTokens`,
 * `reasoningTokens <= outputTokens`.
 */
export interface TokenUsage {
	/** The whole input: what was read from a cache and written into one included. */
	readonly inputTokens: number;
	readonly cachedInputTokens: number;
	readonly cacheWriteTokens: number;
	/** Cache writes kept for an hour, which cost more than those for five minutes; absent when there are none. */
	readonly longCacheWriteTokens?: number;
	/** The whole output, reasoning included. */
	readonly outputTokens: number;
	readonly reasoningTokens: number;
	/** The provider's service tier, lower case (`flex`, `priority`, `batch`); null for the standard one. */
	readonly tier: string | null;
	/** What the provider itself says the call cost, USD, nine places, rounded up; absent when it does not say. */
	readonly providerCostUsd?: string;
}

/**
 * Normalises a provider's usage body, or a whole answer that holds one. Shapes looked up in November 2026:
 *
 * | shape | cached input | cache writes | reasoning |
 * |---|---|---|---|
 * | OpenAI chat and responses, Mistral | inside the input | not said | inside the output |
 * | DeepSeek | `prompt_cache_hit_tokens`, inside | not said | inside |
 * | OpenRouter | inside | `cache_write_tokens`, inside | inside |
 * | Anthropic | beside the input | beside, split by 5 minutes and 1 hour | inside |
 * | Gemini `usageMetadata` | inside | not said | beside; tool prompts beside the input |
 * | Gemini in OpenAI's shape | inside | not said | beside, seen only as a larger total |
 * | Ollama, own and OpenAI's shape | none | none | inside |
 *
 * What a total counts beyond input and output is billed as output: the only such tokens known are hidden reasoning.
 *
 * @returns null when nothing in the body is a token count; then the caller estimates and says so
 */
export function readUsage(body: unknown): TokenUsage | null {
	const usage = unwrap(body);
	if (usage === null) return null;
	const tokens = isAnthropic(usage) ? readAnthropic(usage) : readCommon(usage);
	if (tokens === null) return null;
	const cost = readProviderCostUsd(usage);
	return { ...tokens, tier: readTier(body, usage), ...(cost === null ? {} : { providerCostUsd: cost }) };
}

type Tokens = Omit<TokenUsage, 'tier' | 'providerCostUsd'>;

const INPUT = ['prompt_tokens', 'input_tokens', 'promptTokenCount', 'prompt_eval_count', 'total_input_tokens'];
const OUTPUT = ['completion_tokens', 'output_tokens', 'candidatesTokenCount', 'responseTokenCount', 'eval_count'];

function isAnthropic(usage: Body): boolean {
	return 'input_tokens' in usage && ('cache_read_input_tokens' in usage || 'cache_creation_input_tokens' in usage);
}

function readAnthropic(usage: Body): Tokens | null {
	const [plain, output] = [count(usage, 'input_tokens'), count(usage, 'output_tokens')];
	if (plain === null && output === null) return null;
	const split = part(usage, 'cache_creation');
	const shortWrites = count(split, 'ephemeral_5m_input_tokens') ?? 0;
	const longWrites = count(split, 'ephemeral_1h_input_tokens') ?? 0;
	// The larger of the two statements: a write that only one of them names was paid for all the same.
	const writes = Math.max(count(usage, 'cache_creation_input_tokens') ?? 0, shortWrites + longWrites);
	const reads = count(usage, 'cache_read_input_tokens') ?? 0;
	return build({
		input: (plain ?? 0) + reads + writes,
		cached: reads,
		writes,
		longWrites,
		output: output ?? 0,
		reasoning: count(part(usage, 'output_tokens_details'), 'thinking_tokens') ?? 0,
	});
}

function readCommon(usage: Body): Tokens | null {
	const input = firstCount(usage, INPUT);
	const visible = firstCount(usage, OUTPUT);
	const total = firstCount(usage, ['total_tokens', 'totalTokenCount']);
	if (input === null && visible === null) return null;
	const inputDetails = part(usage, 'prompt_tokens_details') ?? part(usage, 'input_tokens_details');
	const outputDetails = part(usage, 'completion_tokens_details') ?? part(usage, 'output_tokens_details');

	const wholeInput = (input ?? 0) + (count(usage, 'toolUsePromptTokenCount') ?? 0);
	const beside = count(usage, 'thoughtsTokenCount') ?? 0;
	const output = Math.max((visible ?? 0) + beside, (total ?? 0) - wholeInput);
	const hidden = output - (visible ?? 0);
	return build({
		input: wholeInput,
		cached:
			count(inputDetails, 'cached_tokens') ??
			firstCount(usage, ['prompt_cache_hit_tokens', 'cachedContentTokenCount', 'num_cached_tokens', 'cached_tokens']) ??
			0,
		writes: count(inputDetails, 'cache_write_tokens') ?? 0,
		longWrites: 0,
		output,
		reasoning: Math.max(hidden, count(outputDetails, 'reasoning_tokens') ?? 0),
	});
}

interface Counts {
	readonly input: number;
	readonly cached: number;
	readonly writes: number;
	readonly longWrites: number;
	readonly output: number;
	readonly reasoning: number;
}

/** Cuts parts to their whole, so that a contradictory body is never charged below zero. */
function build({ input, cached, writes, longWrites, output, reasoning }: Counts): Tokens {
	const cacheWriteTokens = Math.min(writes, input);
	return {
		inputTokens: input,
		cachedInputTokens: Math.min(cached, input - cacheWriteTokens),
		cacheWriteTokens,
		...(longWrites > 0 ? { longCacheWriteTokens: Math.min(longWrites, cacheWriteTokens) } : {}),
		outputTokens: output,
		reasoningTokens: Math.min(reasoning, output),
	};
}

/** Accepts the usage object itself or a whole answer that holds it as `usage` or `usageMetadata`. */
function unwrap(body: unknown): Body | null {
	if (!isRecord(body)) return null;
	for (const key of ['usage', 'usageMetadata', 'usage_metadata']) {
		const inner = body[key];
		if (isRecord(inner)) return inner;
	}
	const response = body['response'];
	return isRecord(response) && isRecord(response['usage']) ? response['usage'] : body;
}

export { estimateUsage } from './estimate-usage';
