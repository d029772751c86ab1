import { canonicalModel, costKzt, costUsd, priceOf, PRICE_TABLE, type PriceTable, sumUsd } from './price';
import type { TokenUsage } from './usage';
import type { CallGroup, UsageFacts } from './usage-facts';

/**
 * Tokens of one reply when the month has no paid reply to learn from: instructions, facts of the business, ten earlier
 * messages and a few passages on the one side, two or three sentences on the other.
 */
export const ASSUMED_REPLY = { inputTokens: 1_500, outputTokens: 120 } as const;

/** The strong model of an installation that names none. */
export const DEFAULT_STRONG_MODEL = 'gpt-4.1';

/** What the month would have cost if the strongest model had done everything. */
export interface StrongestOnly {
	readonly model: string;
	readonly costUsd: string;
	readonly costKzt: string;
	/** Free replies that a model would have written too, and the tokens assumed for each. */
	readonly addedReplies: number;
	readonly addedReplyTokens: { readonly input: number; readonly output: number };
	readonly addedRepliesFrom: 'mean_of_paid_replies' | 'assumed';
}

/** True when this model has a price of its own in the table. */
export function isListed(model: string, prices: PriceTable = PRICE_TABLE): boolean {
	return prices.rows.some((row) => row.model === canonicalModel(model));
}

/** Work that a chat model cannot do; it costs what it cost. */
const OTHER_WORK: ReadonlySet<string> = new Set(['embedding', 'transcription']);

/**
 * Estimates the month on the strongest model only.
 *
 * Every recorded call of a chat model is priced again with its own tokens; every answered turn whose reply no model
 * wrote gets one reply of mean size (the month's successful paid replies, rounded up, else `ASSUMED_REPLY`).
 * Embeddings and transcriptions stay as they are. Prices are those of `at`, the standard tier.
 *
 * @param usdKztRate tenge per dollar, decimal string
 */
export function estimateStrongestOnly(
	facts: UsageFacts,
	model: string,
	at: Date,
	usdKztRate: string,
	prices: PriceTable = PRICE_TABLE,
): StrongestOnly {
	// A name of the table, whoever serves it: the price does not depend on the provider.
	const price = priceOf('', model, at, prices);
	const { calls, inputTokens, outputTokens } = facts.replyCalls;
	const added =
		calls > 0
			? { input: Math.ceil(inputTokens / calls), output: Math.ceil(outputTokens / calls) }
			: { input: ASSUMED_REPLY.inputTokens, output: ASSUMED_REPLY.outputTokens };
	const replies = facts.answeredWithoutReplyCall;
	const usd = sumUsd([
		...facts.groups.map((group) => (OTHER_WORK.has(group.purpose) ? group.costUsd : costUsd(tokensOf(group), price))),
		costUsd(
			tokensOf({ ...NO_TOKENS, inputTokens: replies * added.input, outputTokens: replies * added.output }),
			price,
		),
	]);
	return {
		model,
		costUsd: usd,
		costKzt: costKzt(usd, usdKztRate),
		addedReplies: replies,
		addedReplyTokens: added,
		addedRepliesFrom: calls > 0 ? 'mean_of_paid_replies' : 'assumed',
	};
}

type Tokens = Pick<
	CallGroup,
	'inputTokens' | 'cachedInputTokens' | 'cacheWriteTokens' | 'outputTokens' | 'reasoningTokens'
>;

const NO_TOKENS: Tokens = {
	inputTokens: 0,
	cachedInputTokens: 0,
	cacheWriteTokens: 0,
	outputTokens: 0,
	reasoningTokens: 0,
};

function tokensOf(tokens: Tokens): TokenUsage {
	const { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens } = tokens;
	return { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens, tier: null };
}
