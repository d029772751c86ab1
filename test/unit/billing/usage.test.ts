import fc from 'fast-check';
import { estimateUsage, readUsage } from '../../../lib/billing/usage';

test.each([
	{
		name: 'OpenAI chat: cached inside the input',
		body: {
			prompt_tokens: 100,
			completion_tokens: 20,
			total_tokens: 120,
			prompt_tokens_details: { cached_tokens: 60 },
		},
		expected: [100, 60, 20],
	},
	{
		name: 'OpenAI chat: reasoning is inside the output',
		body: { prompt_tokens: 10, completion_tokens: 50, completion_tokens_details: { reasoning_tokens: 40 } },
		expected: [10, 0, 50],
	},
	{
		name: 'OpenAI responses',
		body: { input_tokens: 100, output_tokens: 20, input_tokens_details: { cached_tokens: 30 } },
		expected: [100, 30, 20],
	},
	{
		name: 'Anthropic: cached beside the input',
		body: { input_tokens: 10, cache_read_input_tokens: 90, cache_creation_input_tokens: 5, output_tokens: 7 },
		expected: [105, 90, 7],
	},
	{
		name: 'Gemini: thoughts beside the output',
		body: { promptTokenCount: 50, cachedContentTokenCount: 20, candidatesTokenCount: 10, thoughtsTokenCount: 15 },
		expected: [50, 20, 25],
	},
	{
		name: 'Gemini inside a whole answer',
		body: { usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 1 } },
		expected: [5, 0, 1],
	},
	{
		name: 'DeepSeek',
		body: { prompt_tokens: 30, prompt_cache_hit_tokens: 10, prompt_cache_miss_tokens: 20, completion_tokens: 4 },
		expected: [30, 10, 4],
	},
	{ name: 'Ollama', body: { prompt_eval_count: 12, eval_count: 8 }, expected: [12, 0, 8] },
	{ name: 'an embedding has no output', body: { prompt_tokens: 9, total_tokens: 9 }, expected: [9, 0, 0] },
	{
		name: 'a whole OpenAI answer',
		body: { choices: [], usage: { prompt_tokens: 3, completion_tokens: 1 } },
		expected: [3, 0, 1],
	},
	{
		name: 'more cached than input is cut to the input',
		body: { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 9 } },
		expected: [5, 5, 1],
	},
])('$name', ({ body, expected }) => {
	const [inputTokens, cachedInputTokens, outputTokens] = expected;
	expect(readUsage(body)).toEqual({ inputTokens, cachedInputTokens, outputTokens });
});

test.each([
	[null],
	['12'],
	[[]],
	[{}],
	[{ usage: null }],
	[{ prompt_tokens: -1 }],
	[{ prompt_tokens: '5' }],
	[{ prompt_tokens: 1.5 }],
	[{ prompt_tokens: NaN }],
])('%j holds no usage', (body) => {
	expect(readUsage(body)).toBeNull();
});

test('whatever a provider sends, the counts are whole, not negative, and cached is part of the input', () => {
	const value = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.constant(null));
	const body = fc.record(
		{
			prompt_tokens: value,
			completion_tokens: value,
			input_tokens: value,
			output_tokens: value,
			cache_read_input_tokens: value,
			prompt_tokens_details: fc.oneof(value, fc.record({ cached_tokens: value })),
			promptTokenCount: value,
			thoughtsTokenCount: value,
		},
		{ requiredKeys: [] },
	);
	fc.assert(
		fc.property(body, (given) => {
			const usage = readUsage(given);
			if (usage === null) return;
			for (const count of Object.values(usage)) expect(Number.isInteger(count) && count >= 0).toBe(true);
			expect(usage.cachedInputTokens).toBeLessThanOrEqual(usage.inputTokens);
		}),
	);
});

test('an answer without usage is estimated above zero', () => {
	expect(estimateUsage(1_000, 100)).toEqual({ inputTokens: 400, cachedInputTokens: 0, outputTokens: 40 });
});
