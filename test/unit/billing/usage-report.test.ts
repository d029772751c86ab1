import fc from 'fast-check';
import { parseDecimal } from '../../../lib/billing/decimal';
import { monthOf, parseMonth } from '../../../lib/billing/month-range';
import { ASSUMED_REPLY, estimateStrongestOnly, isListed } from '../../../lib/billing/strongest-only';
import type { CallGroup, UsageFacts } from '../../../lib/billing/usage-facts';
import { buildUsageReport } from '../../../lib/billing/usage-report';

const NOW = new Date('2026-11-21T07:00:00Z');
const RANGE = monthOf(NOW, 'Asia/Almaty');

const group = (over: Partial<CallGroup> = {}): CallGroup => ({
	purpose: 'reply',
	provider: 'openai',
	model: 'gpt-4.1-mini',
	calls: 1,
	failedCalls: 0,
	inputTokens: 1_000,
	cachedInputTokens: 0,
	cacheWriteTokens: 0,
	outputTokens: 100,
	reasoningTokens: 0,
	costUsd: '0.000560000',
	costKzt: '0.280000',
	...over,
});
const facts = (over: Partial<UsageFacts> = {}): UsageFacts => ({
	messagesIn: 0,
	messagesOut: 0,
	turns: 0,
	answered: 0,
	handedOver: 0,
	held: 0,
	ignored: 0,
	answeredWithoutModel: 0,
	answeredWithoutReplyCall: 0,
	conversations: 0,
	handovers: 0,
	groups: [],
	replyCalls: { calls: 0, inputTokens: 0, outputTokens: 0 },
	...over,
});

test.each([
	{ text: '2026-11', zone: 'Asia/Almaty', from: '2026-10-31T19:00:00.000Z', to: '2026-11-30T19:00:00.000Z' },
	{ text: '2026-12', zone: 'UTC', from: '2026-12-01T00:00:00.000Z', to: '2027-01-01T00:00:00.000Z' },
	// Clocks go forward inside this month.
	{ text: '2026-03', zone: 'Europe/Berlin', from: '2026-02-28T23:00:00.000Z', to: '2026-03-31T22:00:00.000Z' },
])('$text in $zone', ({ text, zone, from, to }) => {
	const range = parseMonth(text, zone);
	expect({ from: range?.from.toISOString(), to: range?.to.toISOString() }).toEqual({ from, to });
});

test.each(['2026', '2026-00', '2026-13', '2026-1', '26-11', '', 'November', '2026-11-01'])(
	'"%s" is no month',
	(text) => {
		expect(parseMonth(text, 'UTC')).toBeNull();
	},
);

test('without a paid reply the size of a free one is assumed, and said so', () => {
	const strongest = estimateStrongestOnly(facts({ answered: 3, answeredWithoutReplyCall: 3 }), 'gpt-4.1', NOW, '500');
	// 3 × (1 500 × 2.00 + 120 × 8.00) dollars per million
	expect(strongest).toMatchObject({
		costUsd: '0.011880000',
		costKzt: '5.940000',
		addedReplyTokens: { input: ASSUMED_REPLY.inputTokens, output: ASSUMED_REPLY.outputTokens },
		addedRepliesFrom: 'assumed',
	});
});

test('a local model is compared with what the strong one would have charged', () => {
	const local = group({ provider: 'ollama', model: 'qwen3:8b', costUsd: '0.000000000', costKzt: '0.000000' });
	expect(estimateStrongestOnly(facts({ groups: [local] }), 'gpt-4.1', NOW, '500').costUsd).toBe('0.002800000');
});

test('spending more than the strongest model would have is a negative saving', () => {
	const given = facts({ groups: [group({ model: 'dear', costUsd: '0.005600000' })] });
	const strongest = estimateStrongestOnly(given, 'gpt-4.1', NOW, '500');
	const report = buildUsageReport({ slug: 'x', timeZone: 'UTC' }, RANGE, given, strongest);
	expect(report.strongestOnly.savedShare).toBe(-1);
});

test('a model is listed under any of its names', () => {
	expect([isListed('openai/gpt-4.1-2025-04-14'), isListed('GPT-4.1'), isListed('gpt-9')]).toEqual([true, true, false]);
});

test('whatever the calls, the lines by model and by purpose add up to the total', () => {
	const nano = fc.bigInt({ min: 0n, max: 10n ** 10n }).map((value) => {
		const digits = String(value).padStart(10, '0');
		return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
	});
	const anyGroup = fc
		.record({ purpose: fc.constantFrom('reply', 'classify'), model: fc.constantFrom('a', 'b', 'c'), costUsd: nano })
		.map((over) => group(over));
	fc.assert(
		fc.property(fc.array(anyGroup, { maxLength: 12 }), (groups) => {
			const given = facts({ groups });
			const strongest = estimateStrongestOnly(given, 'gpt-4.1', NOW, '500');
			const report = buildUsageReport({ slug: 'x', timeZone: 'UTC' }, RANGE, given, strongest);
			const total = parseDecimal(report.cost.usd, 9) ?? -1n;
			for (const lines of [report.byModel, report.byPurpose]) {
				expect(lines.reduce((sum, line) => sum + (parseDecimal(line.usd, 9) ?? 0n), 0n)).toBe(total);
				expect(lines.reduce((sum, line) => sum + line.calls, 0)).toBe(report.calls.total);
			}
		}),
	);
});
