import { MemoryKv } from '../../../lib/adapters/memory-kv';
import { NodeCrypto } from '../../../lib/adapters/node-crypto';
import type { BillingLedger, BudgetReservation } from '../../../lib/ports/billing-ledger';
import { askModel, type AskPorts, type AskResult, type ModelQuestion } from '../../../lib/router/ask-model';
import { maxCostTiyn, maxInputTokens } from '../../../lib/router/call-cost';
import { outputLimitTokens, traitsOf } from '../../../lib/router/model-traits';
import { PRICE_TABLE } from '../../../lib/billing/price';
import { countTokens } from 'gpt-tokenizer';
import { FakeLlm, ManualClock, OK, refused, target } from './fake-llm';

type Reserve = Parameters<BillingLedger['reserve']>[0];
type Settle = Parameters<BillingLedger['settle']>[0];

/** A ledger that notes what it is told; `reservation` is its next answer, an Error is thrown. */
class FakeLedger implements BillingLedger {
	readonly reserved: Reserve[] = [];
	readonly settled: Settle[] = [];
	reservation: BudgetReservation | Error = { kind: 'reserved', id: 'r1' };
	settleFails = false;

	async reserve(input: Reserve): Promise<BudgetReservation> {
		this.reserved.push(input);
		if (this.reservation instanceof Error) throw this.reservation;
		return await Promise.resolve(this.reservation);
	}

	async settle(input: Settle): ReturnType<BillingLedger['settle']> {
		this.settled.push(input);
		if (this.settleFails) throw new Error('away');
		return await Promise.resolve({ written: input.calls.length, queued: false, alerts: [] });
	}
}

const LIMITED = { dailyTiyn: 10_000, monthlyTiyn: null };
const FREE = { dailyTiyn: null, monthlyTiyn: null };

let clock: ManualClock;
let kv: MemoryKv;
let llm: FakeLlm;
let ledger: FakeLedger;
beforeEach(() => {
	clock = new ManualClock();
	kv = new MemoryKv(clock);
	llm = new FakeLlm(clock, [OK]);
	ledger = new FakeLedger();
});

const ask = async (over: Partial<ModelQuestion> = {}): Promise<AskResult> => {
	const result = await askModel(portsWith(ledger), question(over));
	await result.settled;
	return result;
};

const portsWith = (used: BillingLedger): AskPorts => ({
	kv,
	clock,
	crypto: new NodeCrypto(),
	ledger: used,
	sleep: async () => await Promise.resolve(),
});

const question = (over: Partial<ModelQuestion> = {}): ModelQuestion => ({
	client: { id: 'c', timeZone: 'Asia/Almaty', configVersion: 1 },
	conversationId: 'v',
	turnId: 't',
	targets: [target(llm, 'gpt-4.1-mini'), target(llm, 'gpt-4.1')],
	messages: [{ role: 'user', content: 'Больно?' }],
	purpose: 'reply',
	maxOutputTokens: 400,
	limits: LIMITED,
	usdKztRate: '520',
	policy: { unknownModel: 'ceiling', retiredModel: 'replace' },
	mayCache: true,
	...over,
});

describe('the budget', () => {
	test('is held before the call and settled with what was really called', async () => {
		llm.results = [refused(500), OK];
		const result = await ask();
		expect(result).toMatchObject({ kind: 'answered', text: 'Да' });
		expect(ledger.reserved[0]).toMatchObject({ clientId: 'c', limits: LIMITED });
		expect(ledger.settled).toHaveLength(1);
		expect(ledger.settled[0]).toMatchObject({
			reservationId: 'r1',
			conversationId: 'v',
			turnId: 't',
			calls: result.calls,
		});
		expect(result.calls.map(({ status }) => status)).toEqual(['refused', 'ok']);
	});

	test('that is reached makes no call and settles nothing', async () => {
		ledger.reservation = { kind: 'reached', period: 'day' };
		expect(await ask()).toMatchObject({ kind: 'skipped', text: null, notes: ['model: budget_reached'] });
		expect([llm.asked.length, ledger.settled.length]).toEqual([0, 0]);
	});

	test('that cannot be asked makes no paid call', async () => {
		ledger.reservation = new Error('away');
		expect(await ask()).toMatchObject({ kind: 'skipped', notes: ['model: budget_unknown'] });
		expect(llm.asked).toHaveLength(0);
	});

	test('is not asked for without a limit; the call is settled all the same', async () => {
		ledger.reservation = new Error('away');
		expect(await ask({ limits: FREE })).toMatchObject({ kind: 'answered' });
		expect([ledger.reserved.length, ledger.settled.length]).toEqual([0, 1]);
	});

	test('is not asked for when nothing can cost anything', async () => {
		ledger.reservation = { kind: 'reached', period: 'month' };
		const result = await ask({ targets: [target(llm, 'qwen3:8b', { isLocal: true })] });
		expect(result.kind).toBe('answered');
		expect(ledger.settled[0]).toMatchObject({ reservationId: null, calls: [{ costUsd: '0.000000000' }] });
	});

	test('is given back when every attempt failed, with the attempts', async () => {
		llm.results = [refused(500)];
		expect(await ask()).toMatchObject({ kind: 'no_answer' });
		expect(ledger.settled[0]).toMatchObject({ reservationId: 'r1' });
		expect(ledger.settled[0]?.calls).toHaveLength(2);
	});

	test('the customer does not wait for the bill', async () => {
		let commit = (): void => undefined;
		const committing = new Promise<void>((resolve) => (commit = resolve));
		const slow: BillingLedger = {
			reserve: async () => await ledger.reserve({} as Reserve),
			settle: async (input) => {
				await committing;
				return await ledger.settle(input);
			},
		};
		const result = await askModel(portsWith(slow), question());
		expect(result.text).toBe('Да');
		expect(ledger.settled).toHaveLength(0);
		commit();
		expect(await result.settled).toEqual({ kind: 'written', alerts: [] });
	});

	test('an answer is not lost because the ledger fails after it', async () => {
		ledger.settleFails = true;
		const result = await ask();
		expect(result).toMatchObject({ kind: 'answered', text: 'Да' });
		expect(await result.settled).toEqual({ kind: 'failed', alerts: [] });
		expect(result.calls).toHaveLength(1);
	});
});

describe('what is reserved', () => {
	const cost = (models: readonly string[], mayRepeat = false, chars = 0): number =>
		maxCostTiyn({
			targets: models.map((model) => target(llm, model)),
			mayRepeat,
			messages: [{ role: 'user', content: 'x'.repeat(chars) }],
			maxOutputTokens: 1_000_000 - 0,
			usdKztRate: '500',
			at: clock.now(),
			prices: PRICE_TABLE,
		});

	test('is at least what the longest answer costs, summed over the chain, the dearest twice when it may be repeated', () => {
		// A million tokens of output: 1.60 and 8.00 dollars, and a few tokens of frame.
		expect(cost(['gpt-4.1-mini'])).toBe(80_001);
		expect(cost(['gpt-4.1'])).toBe(400_002);
		expect(cost(['gpt-4.1-mini', 'gpt-4.1'])).toBe(480_002);
		expect(cost(['gpt-4.1-mini', 'gpt-4.1'], true)).toBe(880_004);
	});

	test('an unknown model reserves as the dearest', () => {
		expect(cost(['no-such-model'])).toBeGreaterThan(cost(['gpt-4.1']));
	});

	test.each([
		'Здравствуйте! Сколько стоит маникюр с гель-лаком и есть ли у вас свободное время завтра после обеда?',
		'Сәлеметсіз бе! Шаш қию қанша тұрады, ертең сағат 15:00-ге жазылуға бола ма?',
		'💅✨🙏🏽👩‍👩‍👧',
		'Hello, how much is a haircut? 12 500 / 8 000.',
	])('"%s" is never taken for fewer tokens than it has', (content) => {
		expect(maxInputTokens([{ role: 'user', content }])).toBeGreaterThanOrEqual(countTokens(content));
	});
});

describe('the cache', () => {
	test('answers the same question of the same client once, for nothing, with a note', async () => {
		await ask();
		const again = await ask();
		expect(again).toMatchObject({ kind: 'answered', text: 'Да', calls: [], notes: ['model: answer from cache'] });
		expect([llm.asked.length, ledger.reserved.length, ledger.settled.length]).toEqual([1, 1, 1]);
	});

	test.each([
		{ name: 'another client', over: { client: { id: 'd', timeZone: 'Asia/Almaty', configVersion: 1 } } },
		{
			name: 'a new version of its knowledge or prompts',
			over: { client: { id: 'c', timeZone: 'Asia/Almaty', configVersion: 2 } },
		},
		{ name: 'one letter of difference', over: { messages: [{ role: 'user', content: 'Больно!' }] } },
		{
			name: 'another history',
			over: {
				messages: [
					{ role: 'user', content: 'До' },
					{ role: 'user', content: 'Больно?' },
				],
			},
		},
		{ name: 'another purpose', over: { purpose: 'classify' } },
		{ name: 'another temperature', over: { temperature: 1 } },
		{ name: 'a turn that must not be kept', over: { mayCache: false } },
	] as ReadonlyArray<{ name: string; over: Partial<ModelQuestion> }>)('does not answer $name', async ({ over }) => {
		await ask();
		await ask(over);
		expect(llm.asked).toHaveLength(2);
	});

	test('does not answer another model', async () => {
		await ask();
		await ask({ targets: [target(llm, 'gpt-4.1')] });
		expect(llm.asked).toHaveLength(2);
	});

	test('keeps nothing of a turn that must not be kept, and no failure', async () => {
		await ask({ mayCache: false });
		llm.results = [refused(400)];
		await ask();
		llm.results = [OK];
		expect((await ask()).notes).not.toContain('model: answer from cache');
	});

	test('forgets after an hour', async () => {
		await ask();
		clock.ms += 60 * 60_000;
		await ask();
		expect(llm.asked).toHaveLength(2);
	});

	test('answers also when the budget is used up: it costs nothing', async () => {
		await ask();
		ledger.reservation = { kind: 'reached', period: 'day' };
		expect(await ask()).toMatchObject({ kind: 'answered' });
	});
});

describe('prices', () => {
	const gemini = (): FakeLlm => new FakeLlm(clock, [OK], 'generativelanguage.googleapis.com');

	test('a retired model is replaced by what the table names, with a note', async () => {
		const result = await ask({ targets: [target(gemini(), 'gemini-2.0-flash')] });
		expect(result.calls[0]?.model).toBe('gemini-2.5-flash');
		expect(result.notes[0]).toBe('model gemini-2.0-flash: retired by its provider, gemini-2.5-flash is asked instead');
	});

	test('or no model is asked at all, when the client wants it so', async () => {
		const result = await ask({
			targets: [target(gemini(), 'gemini-2.0-flash'), target(llm, 'gpt-4.1')],
			policy: { unknownModel: 'ceiling', retiredModel: 'refuse' },
		});
		expect(result).toMatchObject({ kind: 'skipped', calls: [] });
		expect(llm.asked).toHaveLength(0);
	});

	test('an unknown model is charged as the dearest, never free', async () => {
		const result = await ask({ targets: [target(llm, 'no-such-model')] });
		expect(Number(result.calls[0]?.costUsd)).toBeGreaterThan(0.0028);
	});

	test('or is left out, when the client wants it so', async () => {
		const policy = { unknownModel: 'refuse', retiredModel: 'replace' } as const;
		expect(await ask({ targets: [target(llm, 'no-such-model')], policy })).toMatchObject({ kind: 'skipped' });
		expect(llm.asked).toHaveLength(0);
		const mixed = await ask({ targets: [target(llm, 'no-such-model'), target(llm, 'gpt-4.1')], policy });
		expect(mixed.calls.map(({ model }) => model)).toEqual(['gpt-4.1']);
	});
});

describe('what models refuse', () => {
	test.each([
		{ model: 'gpt-4.1-mini', expected: { takesTemperature: true, takesMaxTokens: true, effort: null } },
		{ model: 'gpt-5-mini', expected: { takesTemperature: false, takesMaxTokens: false, effort: 'minimal' } },
		{ model: 'openai/gpt-5-mini-2025-08-07', expected: { takesTemperature: false, effort: 'minimal' } },
		{ model: 'gpt-5.1', expected: { takesTemperature: false, effort: 'none' } },
		{ model: 'gpt-5-pro', expected: { takesTemperature: false, effort: null } },
		{ model: 'o3', expected: { takesTemperature: false, takesMaxTokens: false, effort: 'low' } },
		{ model: 'gemini-2.5-flash', expected: { takesTemperature: true, takesMaxTokens: true, effort: 'none' } },
		{ model: 'claude-sonnet-4-5-20250929', expected: { takesTemperature: false, effort: null, thinkingTokens: 0 } },
		{ model: 'claude-sonnet-5-5', expected: { takesTemperature: false, effort: 'low', thinkingTokens: 1_024 } },
		{ model: 'gpt-6.1-terra', expected: { takesTemperature: false, takesMaxTokens: false, effort: null } },
		{ model: 'qwen3:8b', expected: { takesTemperature: true, takesMaxTokens: true, effort: null } },
	])('$model', ({ model, expected }) => expect(traitsOf(model)).toMatchObject(expected));

	test('thoughts have room of their own, so that they do not cut off the answer', () => {
		expect(outputLimitTokens('gpt-5-mini', 400)).toBeGreaterThan(400);
		expect(outputLimitTokens('gpt-4.1', 400)).toBe(400);
	});
});
