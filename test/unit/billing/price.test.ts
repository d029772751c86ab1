import fc from 'fast-check';
import { divideHalfUp, divideUp, formatDecimal, parseDecimal } from '../../../lib/billing/decimal';
import {
	admitModel,
	canonicalModel,
	costKzt,
	costTiyn,
	costUsd,
	PRICE_TABLE,
	priceOf,
	sumUsd,
} from '../../../lib/billing/price';
import { assertPriceTable, parsePriceTable } from '../../../lib/billing/dated-prices';
import type { TokenUsage } from '../../../lib/billing/usage';

const DAY = new Date('2026-11-21T12:00:00Z');
const usageOf = (over: Partial<TokenUsage>): TokenUsage => ({
	inputTokens: 0,
	cachedInputTokens: 0,
	cacheWriteTokens: 0,
	outputTokens: 0,
	reasoningTokens: 0,
	tier: null,
	...over,
});
const tokens = fc.nat({ max: 2_000_000 });
const model = fc.constantFrom(...PRICE_TABLE.rows.map((row) => row.model), 'unheard-of');

test.each([
	{ model: 'gpt-4.1', usage: [1_000_000, 0, 0], usd: '2.000000000' },
	{ model: 'gpt-4.1', usage: [1_000_000, 1_000_000, 0], usd: '0.500000000' },
	{ model: 'gpt-4.1', usage: [0, 0, 1_000_000], usd: '8.000000000' },
	{ model: 'gpt-4.1-mini', usage: [1_000, 400, 100], usd: '0.000440000' },
	{ model: 'gpt-5-mini', usage: [1, 1, 0], usd: '0.000000025' },
	{ model: 'gpt-4o-mini', usage: [3, 1, 1], usd: '0.000000975' },
	{ model: 'text-embedding-3-small', usage: [1, 0, 0], usd: '0.000000020' },
	{ model: 'unheard-of', usage: [1_000_000, 0, 1_000_000], usd: '90.000000000' },
])('$model with $usage tokens costs $usd', ({ model: name, usage, usd }) => {
	const [inputTokens = 0, cachedInputTokens = 0, outputTokens = 0] = usage;
	expect(costUsd(usageOf({ inputTokens, cachedInputTokens, outputTokens }), priceOf('openai', name, DAY))).toBe(usd);
});

test.each([
	{ provider: 'openai', model: 'gpt-4.1-mini-2025-04-14', kind: 'listed' },
	{ provider: 'openrouter.ai', model: 'openai/gpt-4.1-mini', kind: 'listed' },
	{ provider: 'google', model: 'models/gemini-2.5-flash-001', kind: 'listed' },
	{ provider: 'google', model: 'gemini-2.0-flash', kind: 'retired' },
	{ provider: 'anthropic', model: 'claude-sonnet-4-20250514', kind: 'retired' },
	{ provider: 'ollama', model: 'qwen3:8b', kind: 'free' },
	{ provider: 'openai', model: 'qwen3:8b', kind: 'ceiling' },
	{ provider: 'openai', model: 'gpt-4.1-nano', kind: 'ceiling' },
])('$provider/$model is $kind', ({ provider, model: name, kind }) => {
	expect(priceOf(provider, name, DAY).kind).toBe(kind);
});

test('a model is retired from its day on, not before', () => {
	expect(priceOf('google', 'gemini-2.0-flash', new Date('2026-05-31T23:59:59Z')).kind).toBe('listed');
	expect(priceOf('google', 'gemini-2.0-flash', new Date('2026-06-01T00:00:00Z')).kind).toBe('retired');
});

test('a snapshot date is no part of the name, a size is', () => {
	expect(canonicalModel('gpt-4.1-mini')).toBe('gpt-4.1-mini');
	expect(canonicalModel(' OpenAI/GPT-4.1-2025-04-14 ')).toBe('gpt-4.1');
});

test('the ceiling is above every listed price', () => {
	const nano = (price: string): bigint => parseDecimal(price, 9) ?? -1n;
	for (const row of PRICE_TABLE.rows) {
		for (const part of ['input', 'cachedInput', 'output'] as const) {
			expect(nano(row[part])).toBeGreaterThanOrEqual(0n);
			expect(nano(row[part]) <= nano(PRICE_TABLE.ceiling[part])).toBe(true);
		}
	}
});

test('more tokens never cost less, and the cost is never below the exact one', () => {
	fc.assert(
		fc.property(model, tokens, tokens, tokens, tokens, (name, input, cached, output, more) => {
			const price = priceOf('openai', name, DAY);
			const usage = usageOf({ inputTokens: input, cachedInputTokens: cached, outputTokens: output });
			const cost = parseDecimal(costUsd(usage, price), 9) ?? -1n;
			const larger = parseDecimal(costUsd({ ...usage, outputTokens: output + more }, price), 9) ?? -1n;
			expect(larger).toBeGreaterThanOrEqual(cost);
			const exactMillionths =
				BigInt(input - Math.min(cached, input)) * (parseDecimal(price.input, 9) ?? 0n) +
				BigInt(Math.min(cached, input)) * (parseDecimal(price.cachedInput, 9) ?? 0n) +
				BigInt(output) * (parseDecimal(price.output, 9) ?? 0n);
			expect(cost * 1_000_000n >= exactMillionths && cost * 1_000_000n - exactMillionths < 1_000_000n).toBe(true);
		}),
	);
});

test('a listed unit price of up to three decimals is charged without any rounding', () => {
	fc.assert(
		fc.property(tokens, tokens, (a, b) => {
			const price = priceOf('openai', 'gpt-5-mini', DAY);
			const one = costUsd(usageOf({ inputTokens: a }), price);
			const two = costUsd(usageOf({ inputTokens: b }), price);
			expect(sumUsd([one, two])).toBe(costUsd(usageOf({ inputTokens: a + b }), price));
		}),
	);
});

test('cached, written and plain input never cost less together than the cheapest of them, and parts never go below zero', () => {
	fc.assert(
		fc.property(tokens, tokens, tokens, tokens, (input, cached, writes, longWrites) => {
			const price = priceOf('anthropic', 'claude-haiku-4-5', DAY);
			const nano = (usage: Partial<TokenUsage>): bigint => parseDecimal(costUsd(usageOf(usage), price), 9) ?? -1n;
			const cost = nano({
				inputTokens: input,
				cachedInputTokens: cached,
				cacheWriteTokens: writes,
				longCacheWriteTokens: longWrites,
			});
			expect(cost).toBeGreaterThanOrEqual(nano({ inputTokens: input, cachedInputTokens: input }));
			expect(cost).toBeLessThanOrEqual(
				nano({ inputTokens: input, cacheWriteTokens: input, longCacheWriteTokens: input }),
			);
		}),
	);
});

test.each([
	{
		name: 'writes for five minutes cost a quarter more than input, for an hour twice as much',
		model: 'claude-haiku-4-5',
		usage: { inputTokens: 1_000, cacheWriteTokens: 900, longCacheWriteTokens: 400 },
		usd: '0.001525000',
	},
	{
		name: 'a provider without a surcharge: writes are input',
		model: 'gpt-4.1-mini',
		usage: { inputTokens: 1_000, cacheWriteTokens: 900 },
		usd: '0.000400000',
	},
	{
		name: 'the priority tier costs its own price',
		model: 'gpt-4.1',
		usage: { inputTokens: 1_000, cachedInputTokens: 400, outputTokens: 100, tier: 'priority' },
		usd: '0.003850000',
	},
	{
		name: 'a batch is half',
		model: 'gpt-5-mini',
		usage: { inputTokens: 1_000, outputTokens: 100, tier: 'batch' },
		usd: '0.000225000',
	},
	{
		name: 'a tier without prices costs the standard price',
		model: 'gemini-2.5-flash',
		usage: { inputTokens: 1_000, tier: 'provisioned_throughput' },
		usd: '0.000300000',
	},
	{
		name: 'reasoning is output and is not paid twice',
		model: 'gpt-5-mini',
		usage: { outputTokens: 100, reasoningTokens: 90 },
		usd: '0.000200000',
	},
])('$name', ({ model: name, usage, usd }) => {
	expect(costUsd(usageOf(usage), priceOf('openai', name, DAY))).toBe(usd);
});

test.each([
	{ day: '2026-10-06T23:59:59Z', usd: '0.000200000' },
	{ day: '2026-10-07T00:00:00Z', usd: '0.000100000' },
])('a call of $day is paid at the price of its day', ({ day, usd }) => {
	const usage = usageOf({ inputTokens: 1_000, cachedInputTokens: 1_000 });
	expect(costUsd(usage, priceOf('anthropic', 'claude-sonnet-5-5', new Date(day)))).toBe(usd);
});

describe("a provider's own statement of the cost", () => {
	const usage = (providerCostUsd: string) => usageOf({ inputTokens: 1_000, providerCostUsd });
	test.each([
		{
			name: 'counts for OpenRouter',
			provider: 'openrouter.ai',
			model: 'vendor/new',
			cost: '0.000123456',
			usd: '0.000123456',
		},
		{
			name: 'of zero is not believed',
			provider: 'openrouter.ai',
			model: 'openai/gpt-4.1-mini',
			cost: '0.000000000',
			usd: '0.000400000',
		},
		{
			name: 'of zero counts for a model that is called free',
			provider: 'openrouter.ai',
			model: 'vendor/new:free',
			cost: '0.000000000',
			usd: '0.000000000',
		},
		{
			name: 'of an unknown endpoint is not believed',
			provider: 'proxy.example',
			model: 'gpt-4.1-mini',
			cost: '0.000000001',
			usd: '0.000400000',
		},
	])('$name', ({ provider, model: name, cost, usd }) => {
		expect(costUsd(usage(cost), priceOf(provider, name, DAY))).toBe(usd);
	});
});

describe('before a call', () => {
	test('a listed, a local and an unknown model may be called, the unknown one at the ceiling', () => {
		expect(admitModel('openai', 'gpt-4.1', DAY)).toMatchObject({ kind: 'priced', price: { kind: 'listed' } });
		expect(admitModel('ollama', 'qwen3:8b', DAY, 'refuse')).toMatchObject({ kind: 'priced', price: { kind: 'free' } });
		expect(admitModel('openai', 'unheard-of', DAY)).toMatchObject({ kind: 'priced', price: { kind: 'ceiling' } });
	});

	test('an unknown model is refused where no guess is wanted', () => {
		expect(admitModel('openai', 'unheard-of', DAY, 'refuse')).toEqual({ kind: 'unknown' });
	});

	test('a retired model is answered with what replaces it', () => {
		expect(admitModel('google', 'models/gemini-2.0-flash-001', DAY)).toEqual({
			kind: 'retired',
			retiredOn: '2026-06-01',
			replacement: 'gemini-2.5-flash',
		});
	});
});

describe('the price table', () => {
	const row = PRICE_TABLE.rows[0];
	const tableOf = (...rows: object[]) => ({ ceiling: PRICE_TABLE.ceiling, freeProviders: [], rows });

	test('all problems are reported together', () => {
		const parsed = parsePriceTable({
			...tableOf({ ...row, input: '2,00', colour: 'red' }, { ...row, output: 8 }),
			surprise: 1,
		});
		const problems = parsed.ok ? [] : parsed.problems;
		expect(problems).toHaveLength(4);
		expect(problems.join(' | ')).toMatch(/colour.*known: model, input/);
		expect(problems.join(' | ')).toMatch(/rows\/0\/input/);
		expect(problems.join(' | ')).toMatch(/rows\/1\/output/);
		expect(problems.join(' | ')).toMatch(/surprise/);
	});

	test.each([
		{
			name: 'rows of one model that overlap',
			rows: [{ ...row }, { ...row, validFrom: '2026-01-01' }],
			problem: 'overlaps row 0',
		},
		{
			name: 'a row that ends before it begins',
			rows: [{ ...row, validTo: '2020-01-01' }],
			problem: 'ends (2020-01-01) before',
		},
		{ name: 'a day that does not exist', rows: [{ ...row, validFrom: '2026-02-30' }], problem: '2026-02-30 is no day' },
		{ name: 'a replacement without a price', rows: [{ ...row, replacement: 'nothing' }], problem: 'which has no row' },
		{ name: 'a negative price', rows: [{ ...row, input: '-1' }], problem: 'input' },
		{ name: 'an exponent', rows: [{ ...row, input: '1e-3' }], problem: 'input' },
		{ name: 'no rows', rows: [], problem: 'fewer than 1' },
	])('$name is refused', ({ rows, problem }) => {
		expect(() => assertPriceTable(tableOf(...rows))).toThrow(problem);
	});

	test('rows that follow one another are accepted', () => {
		const parsed = parsePriceTable(tableOf({ ...row, validTo: '2026-01-31' }, { ...row, validFrom: '2026-02-01' }));
		expect(parsed.ok).toBe(true);
	});
});

describe('decimals', () => {
	test('writing and reading gives the same value', () => {
		fc.assert(
			fc.property(fc.bigInt({ min: 0n, max: 10n ** 17n }), fc.integer({ min: 0, max: 12 }), (value, places) => {
				expect(parseDecimal(formatDecimal(value, places), places)).toBe(value);
			}),
		);
	});

	test.each(['', '-1', '1e3', '1.', '.5', '1,5', 'NaN', '0.1234567891', '1 000'])(
		'"%s" is no decimal with nine places',
		(text) => {
			expect(parseDecimal(text, 9)).toBeNull();
		},
	);

	test('halves go up, and division up never loses a unit', () => {
		expect(divideHalfUp(5n, 10n)).toBe(1n);
		expect(divideHalfUp(4n, 10n)).toBe(0n);
		fc.assert(
			fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.bigInt({ min: 1n, max: 10n ** 6n }), (value, by) => {
				const up = divideUp(value, by);
				expect(up * by >= value && (up === 0n || (up - 1n) * by < value)).toBe(true);
			}),
		);
	});
});

describe('tenge', () => {
	test.each([
		{ usd: '0.000440000', rate: '520.5', kzt: '0.229020' },
		{ usd: '1.000000000', rate: '519.1234', kzt: '519.123400' },
		{ usd: '0.000000001', rate: '500', kzt: '0.000001' },
		{ usd: '0.000000000', rate: '500', kzt: '0.000000' },
	])('$usd at $rate is $kzt', ({ usd, rate, kzt }) => {
		expect(costKzt(usd, rate)).toBe(kzt);
	});

	test.each([
		{ usd: '0.1', rate: '' },
		{ usd: 'x', rate: '500' },
		{ usd: '0.1', rate: '1.23456' },
		{ usd: '-1', rate: '500' },
	])('$usd at "$rate" is refused, not taken as zero', ({ usd, rate }) => {
		expect(() => costKzt(usd, rate)).toThrow(RangeError);
	});
});

test('what a budget holds for a call is never below its cost, and at least one tiyn', () => {
	expect(costTiyn('0.000000000', '500')).toBe(1);
	expect(costTiyn('0.001000000', '520.5')).toBe(53);
	fc.assert(
		fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.integer({ min: 1, max: 9_999_999 }), (nano, rate) => {
			const [usd, perDollar] = [formatDecimal(nano, 9), formatDecimal(BigInt(rate), 4)];
			const kzt = parseDecimal(costKzt(usd, perDollar), 6) ?? -1n;
			expect(BigInt(costTiyn(usd, perDollar)) * 10_000n + 1n).toBeGreaterThanOrEqual(kzt);
		}),
	);
});
