/** What models refuse or need beyond the common request, by their names. Pure; used by the adapters and for reservations. */

export interface ModelTraits {
	/** False: the field `temperature` is refused with 400, so it is left out. */
	readonly takesTemperature: boolean;
	/** False: the limit of tokens is called `max_completion_tokens` (OpenAI). */
	readonly takesMaxTokens: boolean;
	/** How hard to think (`reasoning_effort`, `output_config.effort`): short answers from given text need little. Null: not sent. */
	readonly effort: 'none' | 'minimal' | 'low' | null;
	/** Tokens that thinking may take; the limit of output counts them, so they are added to it. */
	readonly thinkingTokens: number;
}

const PLAIN: ModelTraits = { takesTemperature: true, takesMaxTokens: true, effort: null, thinkingTokens: 0 };
const MINIMAL_THINKING_TOKENS = 256;
const LOW_THINKING_TOKENS = 1_024;

/** Plain, mini and nano of a generation; other variants (pro, codex, chat, names of their own) know other efforts. */
const SIZE_AND_DATE = '(?:-(?:mini|nano))?(?:-\\d{4}-\\d{2}-\\d{2})?$';
const FIRST_GPT_5 = new RegExp(`^gpt-5${SIZE_AND_DATE}`);
const LATER_GPT_5 = new RegExp(`^gpt-5\\.\\d+${SIZE_AND_DATE}`);

/**
 * Traits of a model as an OpenAI-compatible endpoint or Anthropic serves it. Vendor prefixes (`openai/`) are ignored.
 *
 * Sources, checked 2026-11-21: OpenAI, "Reasoning models"; Google, "OpenAI compatibility" (thinking of Gemini 2.5);
 * Anthropic, "Migrating to API version 2026-10-21" (no temperature for any model) and the Claude 5.5 guides (thinking is
 * on by default and counts towards the limit). An unknown name gets the plain request.
 */
export function traitsOf(model: string): ModelTraits {
	const name = model.trim().toLowerCase().split('/').at(-1) ?? '';
	if (/^o\d/.test(name)) return openAiThinking('low', LOW_THINKING_TOKENS);
	if (FIRST_GPT_5.test(name)) return openAiThinking('minimal', MINIMAL_THINKING_TOKENS);
	if (LATER_GPT_5.test(name)) return openAiThinking('none', 0);
	if (/^gpt-(?:[5-9]|\d{2})/.test(name)) return openAiThinking(null, LOW_THINKING_TOKENS);
	if (/^gemini-2\.5-flash/.test(name)) return { ...PLAIN, effort: 'none' };
	if (/^gemini-(?:2\.5-pro|[3-9])/.test(name)) return { ...PLAIN, effort: 'low', thinkingTokens: LOW_THINKING_TOKENS };
	if (/^claude-[a-z]+-[5-9]/.test(name))
		return { ...PLAIN, takesTemperature: false, effort: 'low', thinkingTokens: LOW_THINKING_TOKENS };
	if (name.startsWith('claude-')) return { ...PLAIN, takesTemperature: false };
	return PLAIN;
}

/** The limit to send for an answer of `maxOutputTokens`, thoughts included. */
export function outputLimitTokens(model: string, maxOutputTokens: number): number {
	return maxOutputTokens + traitsOf(model).thinkingTokens;
}

function openAiThinking(effort: ModelTraits['effort'], thinkingTokens: number): ModelTraits {
	return { takesTemperature: false, takesMaxTokens: false, effort, thinkingTokens };
}
