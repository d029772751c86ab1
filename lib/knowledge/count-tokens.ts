import { countTokens as count } from 'gpt-tokenizer';

/** Marks such as `<|endoftext|>` are ordinary text in a document. */
const NO_SPECIAL = { disallowedSpecial: new Set<string>() };

/**
 * Number of tokens of a text for today's OpenAI models (o200k). Other models differ a little, which does not matter for
 * sizes of chunks. Loading the table takes a quarter of a second: not for the nodes' hot path.
 */
export function countTokens(text: string): number {
	return count(text, NO_SPECIAL);
}
