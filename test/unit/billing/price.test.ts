import fc from 'fast-check';
import { divideHalfUp, divideUp, formatDecimal, parseDecimal } from '../../../lib/billing/decimal';
import { canonicalModel, costKzt, costUsd, PRICE_TABLE, priceOf, sumUsd } from '../../../lib/billing/price';

const DAY = new Date('2026-11-21T12:00:00Z');
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
	expect(costUsd({ inputTokens, cachedInputTokens, outputTokens }, priceOf('openai', name, DAY))).toBe(usd);
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
			const usage = { inputTokens: input, cachedInputTokens: cached, outputTokens: output };
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
			const one = costUsd({ inputTokens: a, cachedInputTokens: 0, outputTokens: 0 }, price);
			const two = costUsd({ inputTokens: b, cachedInputTokens: 0, outputTokens: 0 }, price);
			expect(sumUsd([one, two])).toBe(costUsd({ inputTokens: a + b, cachedInputTokens: 0, outputTokens: 0 }, price));
		}),
	);
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
