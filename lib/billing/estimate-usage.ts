import type { TokenUsage } from './usage';

/**
 * Characters per token assumed when a provider sent no usage. The demo salon's Russian has 3.0 and Kazakh customer
 * messages 2.9 with the tokenizer of gpt-4.1 and gpt-5 (o200k, measured 2026-11-21); 2.5 leaves a sixth to spare.
 */
const CHARS_PER_TOKEN = 2.5;

/** Estimate for an answer without a usage body, from the lengths of what was sent and received (characters). */
export function estimateUsage(inputChars: number, outputChars: number): TokenUsage {
	return {
		inputTokens: Math.ceil(inputChars / CHARS_PER_TOKEN),
		cachedInputTokens: 0,
		cacheWriteTokens: 0,
		outputTokens: Math.ceil(outputChars / CHARS_PER_TOKEN),
		reasoningTokens: 0,
		tier: null,
	};
}
