import fc from 'fast-check';
import { estimateUsage, readUsage, type TokenUsage } from '../../../lib/billing/usage';

interface Shape {
	readonly name: string;
	readonly body: unknown;
	/** input, cached, cache writes, output, reasoning */
	readonly tokens: readonly [number, number, number, number, number];
	readonly extras?: Partial<TokenUsage>;
}

const shapes: readonly Shape[] = [
	{
		name: 'OpenAI chat: cached inside the input, reasoning inside the output',
		body: {
			prompt_tokens: 2_006,
			completion_tokens: 300,
			total_tokens: 2_306,
			prompt_tokens_details: { cached_tokens: 1_920, audio_tokens: 0 },
			completion_tokens_details: { reasoning_tokens: 256, audio_tokens: 0, rejected_prediction_tokens: 0 },
		},
		tokens: [2_006, 1_920, 0, 300, 256],
	},
	{
		name: 'OpenAI chat, whole answer: the tier stands beside the usage',
		body: { service_tier: 'priority', usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 } },
		tokens: [3, 0, 0, 1, 0],
		extras: { tier: 'priority' },
	},
	{
		name: 'OpenAI: the default tier is no tier',
		body: { service_tier: 'default', usage: { prompt_tokens: 3, completion_tokens: 1 } },
		tokens: [3, 0, 0, 1, 0],
	},
	{
		name: 'OpenAI responses, whole answer',
		body: {
			object: 'response',
			service_tier: 'flex',
			usage: {
				input_tokens: 328,
				input_tokens_details: { cached_tokens: 128 },
				output_tokens: 52,
				output_tokens_details: { reasoning_tokens: 40 },
				total_tokens: 380,
			},
		},
		tokens: [328, 128, 0, 52, 40],
		extras: { tier: 'flex' },
	},
	{
		name: 'OpenAI embedding: no output',
		body: { prompt_tokens: 9, total_tokens: 9 },
		tokens: [9, 0, 0, 0, 0],
	},
	{
		name: 'Anthropic: cached and written beside the input, writes split by how long they are kept',
		body: {
			input_tokens: 50,
			cache_read_input_tokens: 1_800,
			cache_creation_input_tokens: 248,
			cache_creation: { ephemeral_5m_input_tokens: 148, ephemeral_1h_input_tokens: 100 },
			output_tokens: 503,
			service_tier: 'standard',
		},
		tokens: [2_098, 1_800, 248, 503, 0],
		extras: { longCacheWriteTokens: 100 },
	},
	{
		name: 'Anthropic: without the split, writes are for five minutes; thinking is inside the output',
		body: {
			input_tokens: 10,
			cache_read_input_tokens: 0,
			cache_creation_input_tokens: 5,
			cache_creation: null,
			output_tokens: 70,
			output_tokens_details: { thinking_tokens: 60 },
			service_tier: 'batch',
		},
		tokens: [15, 0, 5, 70, 60],
		extras: { tier: 'batch' },
	},
	{
		name: 'Anthropic without a cache',
		body: { type: 'message', usage: { input_tokens: 10, output_tokens: 7 } },
		tokens: [10, 0, 0, 7, 0],
	},
	{
		name: 'Gemini: thoughts beside the output, tool prompts beside the input',
		body: {
			usageMetadata: {
				promptTokenCount: 50,
				cachedContentTokenCount: 20,
				candidatesTokenCount: 10,
				thoughtsTokenCount: 15,
				toolUsePromptTokenCount: 5,
				totalTokenCount: 80,
				trafficType: 'ON_DEMAND',
			},
		},
		tokens: [55, 20, 0, 25, 15],
	},
	{
		name: 'Gemini that thought and said nothing',
		body: { promptTokenCount: 21, thoughtsTokenCount: 60, totalTokenCount: 81, serviceTier: 'FLEX' },
		tokens: [21, 0, 0, 60, 60],
		extras: { tier: 'flex' },
	},
	{
		name: "Gemini in OpenAI's shape: thoughts are only in the total",
		body: { prompt_tokens: 20, completion_tokens: 198, total_tokens: 623 },
		tokens: [20, 0, 0, 603, 405],
	},
	{
		name: 'Mistral',
		body: { prompt_tokens: 16, completion_tokens: 34, total_tokens: 50, prompt_audio_seconds: null },
		tokens: [16, 0, 0, 34, 0],
	},
	{
		name: 'Mistral with a cached prefix',
		body: { prompt_tokens: 16, completion_tokens: 34, total_tokens: 50, num_cached_tokens: 8 },
		tokens: [16, 8, 0, 34, 0],
	},
	{
		name: 'DeepSeek: hits and misses make the input',
		body: {
			prompt_tokens: 30,
			prompt_cache_hit_tokens: 10,
			prompt_cache_miss_tokens: 20,
			completion_tokens: 40,
			total_tokens: 70,
			completion_tokens_details: { reasoning_tokens: 30 },
		},
		tokens: [30, 10, 0, 40, 30],
	},
	{
		name: 'OpenRouter: writes inside the input, its own cost',
		body: {
			prompt_tokens: 194,
			completion_tokens: 2,
			total_tokens: 196,
			prompt_tokens_details: { cached_tokens: 50, cache_write_tokens: 100, audio_tokens: 0 },
			completion_tokens_details: { reasoning_tokens: 0 },
			cost: 0.000056,
			is_byok: false,
			cost_details: { upstream_inference_cost: null },
		},
		tokens: [194, 50, 100, 2, 0],
		extras: { providerCostUsd: '0.000056000' },
	},
	{
		name: "OpenRouter with the business's own key: the fee and the model's price",
		body: {
			prompt_tokens: 10,
			completion_tokens: 1,
			cost: 0.0000011,
			is_byok: true,
			cost_details: { upstream_inference_cost: 0.000022 },
		},
		tokens: [10, 0, 0, 1, 0],
		extras: { providerCostUsd: '0.000023100' },
	},
	{
		name: 'Ollama, own shape',
		body: { model: 'qwen3', done: true, prompt_eval_count: 12, eval_count: 8, eval_duration: 999 },
		tokens: [12, 0, 0, 8, 0],
	},
	{
		name: "Ollama in OpenAI's shape",
		body: { prompt_tokens: 12, completion_tokens: 8, total_tokens: 20 },
		tokens: [12, 0, 0, 8, 0],
	},
	{
		name: 'more cached than input is cut to the input',
		body: { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 9 } },
		tokens: [5, 5, 0, 1, 0],
	},
];

test.each(shapes)('$name', ({ body, tokens, extras }) => {
	const [inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens] = tokens;
	expect(readUsage(body)).toEqual({
		inputTokens,
		cachedInputTokens,
		cacheWriteTokens,
		outputTokens,
		reasoningTokens,
		tier: null,
		...extras,
	});
});

test.each([
	[null],
	['12'],
	[[]],
	[{}],
	[{ usage: null }],
	[{ prompt_tokens: -1 }],
	[{ total_tokens: 9 }],
	[{ prompt_tokens: 4e15 }],
	[{ tokens: { in: 5, out: 6 } }],
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
			cache_creation_input_tokens: value,
			cache_creation: fc.record({ ephemeral_1h_input_tokens: value, ephemeral_5m_input_tokens: value }),
			total_tokens: value,
			promptTokenCount: value,
			thoughtsTokenCount: value,
			cost: value,
			service_tier: value,
		},
		{ requiredKeys: [] },
	);
	fc.assert(
		fc.property(body, (given) => {
			const usage = readUsage(given);
			if (usage === null) return;
			const { tier: _tier, providerCostUsd, ...counts } = usage;
			for (const count of Object.values(counts)) expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
			expect(usage.cachedInputTokens + usage.cacheWriteTokens).toBeLessThanOrEqual(usage.inputTokens);
			expect(usage.longCacheWriteTokens ?? 0).toBeLessThanOrEqual(usage.cacheWriteTokens);
			expect(usage.reasoningTokens).toBeLessThanOrEqual(usage.outputTokens);
			if (providerCostUsd !== undefined) expect(providerCostUsd).toMatch(/^\d+\.\d{9}$/);
		}),
	);
});

test('an answer without usage is estimated above zero', () => {
	expect(estimateUsage(1_000, 100)).toMatchObject({ inputTokens: 400, cachedInputTokens: 0, outputTokens: 40 });
});
