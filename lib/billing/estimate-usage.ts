import type { TokenUsage } from './usage';

/** Characters per token assumed when a provider sent no usage: low for Cyrillic, so that the estimate is not too small. */
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
