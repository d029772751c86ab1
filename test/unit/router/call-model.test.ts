import { MemoryKv } from '../../../lib/adapters/memory-kv';
import type { LlmResult } from '../../../lib/ports/llm';
import { callModel, maxAttempts, type ModelAnswer, type ModelCall } from '../../../lib/router/call-model';
import { CircuitBreaker } from '../../../lib/router/circuit-breaker';
import { FakeLlm, ManualClock, OK, refused, target, TIMEOUT } from './fake-llm';

let clock: ManualClock;
let slept: number[];
let llm: FakeLlm;
beforeEach(() => {
	clock = new ManualClock();
	slept = [];
});

const run = async (
	results: LlmResult[],
	models: readonly string[] = ['gpt-4.1-mini', 'gpt-4.1'],
	over: Partial<ModelCall> = {},
): Promise<ModelAnswer> => {
	llm = new FakeLlm(clock, results);
	let id = 0;
	return await callModel({
		clock,
		kv: new MemoryKv(clock),
		uuid: () => `id-${(id += 1)}`,
		sleep: async (ms) => {
			slept.push(ms);
			clock.ms += ms;
			await Promise.resolve();
		},
		clientId: 'c',
		targets: models.map((model) => target(llm, model)),
		messages: [{ role: 'user', content: 'Больно?' }],
		purpose: 'reply',
		maxOutputTokens: 100,
		...over,
	});
};
const askedModels = (): string[] => llm.asked.map(({ model }) => model);

test('an answer costs what the table says', async () => {
	expect(await run([OK])).toMatchObject({
		text: 'Да',
		model: 'gpt-4.1-mini',
		calls: [{ id: 'id-1', status: 'ok', inputTokens: 1_000, outputTokens: 100, costUsd: '0.000560000' }],
	});
});

test('after a timeout the fallback answers within what is left of the time, and both calls are in the bill', async () => {
	const answer = await run([TIMEOUT, OK]);
	expect(askedModels()).toEqual(['gpt-4.1-mini', 'gpt-4.1']);
	expect(llm.asked[1]?.timeoutMs).toBe(4_000);
	expect(answer.calls.map(({ status }) => status)).toEqual(['unreachable', 'ok']);
	expect(answer.calls[1]?.costUsd).toBe('0.002800000');
});

test('a chain of any length is gone through once, whatever fails', async () => {
	const chain = ['gpt-4.1-mini', 'gpt-4.1', 'gpt-4o-mini', 'gpt-5-mini', 'gemini-2.5-flash'];
	const answer = await run([refused(500)], chain);
	expect(answer.text).toBeNull();
	expect(askedModels()).toEqual(chain);
	expect(answer.calls).toHaveLength(5);
	expect(maxAttempts(5)).toBe(6);
});

describe('a repeat', () => {
	test('of a lone model comes after the time it asks for', async () => {
		const answer = await run([refused(429, 1_500), OK], ['gpt-4.1']);
		expect(answer.text).toBe('Да');
		expect(slept).toEqual([1_500]);
	});

	test('of a lone model that names no time comes after a pause', async () => {
		await run([refused(503), OK], ['gpt-4.1']);
		expect([llm.asked.length, slept]).toEqual([2, [300]]);
	});

	test('is made once at most', async () => {
		await run([refused(503)], ['gpt-4.1']);
		expect(llm.asked).toHaveLength(2);
	});

	test('of a chain is of the model that said when to come back', async () => {
		await run([refused(429, 900), refused(500), OK]);
		expect(askedModels()).toEqual(['gpt-4.1-mini', 'gpt-4.1', 'gpt-4.1-mini']);
		expect(slept).toEqual([900]);
	});

	test.each([
		{ name: 'a long Retry-After', result: refused(429, 60_000) },
		{ name: 'a used-up account', result: refused(429, null, 'insufficient_quota') },
		{ name: 'Anthropic’s spend limit', result: refused(429, null, 'enforced_spend_limit_reached') },
		{ name: 'a request that was wrong', result: refused(400) },
		{ name: 'x-should-retry: false', result: { ...refused(503), shouldRetry: false } as LlmResult },
		{
			name: 'an answer cut off by our own limit',
			result: { kind: 'malformed', code: 'cut_off', usage: null, latencyMs: 1 },
		},
	] as ReadonlyArray<{ name: string; result: LlmResult }>)('is not made after $name', async ({ result }) => {
		await run([result], ['gpt-4.1']);
		expect([llm.asked.length, slept.length]).toEqual([1, 0]);
	});

	test('is made after a conflict when the other side says so', async () => {
		await run([{ ...refused(422), shouldRetry: true } as LlmResult, OK], ['gpt-4.1']);
		expect(llm.asked).toHaveLength(2);
	});

	test('is not made where the customer cannot wait', async () => {
		await run([refused(503)], ['gpt-4.1'], { mayRepeat: false });
		expect(llm.asked).toHaveLength(1);
	});
});

test.each([401, 402, 403])('%d ends the endpoint: the key is wrong for every model of it', async (status) => {
	const other = new FakeLlm(clock, [OK], 'other.example');
	llm = new FakeLlm(clock, [refused(status)]);
	const chain = llm;
	const answer = await run([], [], {
		targets: [target(chain, 'gpt-4.1-mini'), target(chain, 'gpt-4.1'), target(other, 'gemini-2.5-flash')],
	});
	expect([chain.asked.length, other.asked.length, answer.model]).toEqual([1, 1, 'gemini-2.5-flash']);
});

test.each([400, 404])('%d goes to the fallback, but is not repeated on the same model', async (status) => {
	await run([refused(status), OK]);
	expect(llm.asked).toHaveLength(2);
	await run([refused(status)], ['gpt-4.1']);
	expect(llm.asked).toHaveLength(1);
});

test('each endpoint has its own limit of time', async () => {
	const slow = new FakeLlm(clock, [TIMEOUT]);
	const quick = new FakeLlm(clock, [OK]);
	await run([], [], { targets: [target(slow, 'a', { timeoutMs: 2_000 }), target(quick, 'b', { timeoutMs: 5_000 })] });
	expect([slow.asked[0]?.timeoutMs, quick.asked[0]?.timeoutMs]).toEqual([2_000, 5_000]);
});

test('all attempts together end at the deadline', async () => {
	const answer = await run([TIMEOUT], ['a', 'b', 'c', 'd']);
	expect(clock.ms - Date.parse('2026-11-21T10:00:00Z')).toBeLessThanOrEqual(12_000);
	expect(answer.calls).toHaveLength(2);
	expect(answer.notes).toContain('model: no time left for another attempt');
});

test('an answer without usage is estimated, marked and not free', async () => {
	const { calls } = await run([{ kind: 'ok', text: 'Да', usage: null, latencyMs: 5 }]);
	expect(calls[0]).toMatchObject({ errorCode: 'usage_estimated' });
	expect(calls[0]?.inputTokens).toBeGreaterThan(0);
});

test('a malformed answer was paid for', async () => {
	const empty: LlmResult = {
		kind: 'malformed',
		code: 'empty_text',
		usage: { prompt_tokens: 10, completion_tokens: 0 },
		latencyMs: 1,
	};
	const { calls } = await run([empty, OK]);
	expect(calls[0]).toMatchObject({ status: 'malformed', errorCode: 'empty_text', costUsd: '0.000004000' });
});

test('a model on a machine of the business costs nothing, whatever it is called', async () => {
	const local = new FakeLlm(clock, [OK], '10.0.0.5');
	const { calls } = await run([], [], { targets: [target(local, 'no-such-model', { isLocal: true })] });
	expect(calls[0]?.costUsd).toBe('0.000000000');
});

test('notes hold no text of the customer', async () => {
	const { notes } = await run([TIMEOUT, TIMEOUT]);
	expect(notes.join(' ')).not.toContain('Больно');
});

describe('with breakers', () => {
	const open = async (kv: MemoryKv, service: string): Promise<void> => {
		for (let failure = 0; failure < 3; failure += 1)
			await new CircuitBreaker(kv, 'c', service).failed(clock.now(), 'closed');
	};

	test('one bad turn of a lone model does not open it; the second one does', async () => {
		const kv = new MemoryKv(clock);
		await run([refused(503)], ['gpt-4.1'], { kv });
		expect((await run([OK], ['gpt-4.1'], { kv })).text).toBe('Да');
		await run([refused(503)], ['gpt-4.1'], { kv });
		await run([OK], ['gpt-4.1'], { kv });
		expect(llm.asked[0]?.timeoutMs).toBe(3_000);
	});

	test('an open one skips its model; with all open the first is asked anyway, briefly, and an answer closes it', async () => {
		const kv = new MemoryKv(clock);
		await open(kv, 'model:openai:gpt-4.1-mini');
		const answer = await run([OK], undefined, { kv });
		expect(askedModels()).toEqual(['gpt-4.1']);
		expect(answer.notes).toEqual(['model gpt-4.1-mini: breaker open']);
		await run([OK], ['gpt-4.1-mini'], { kv });
		expect(llm.asked.map(({ model, timeoutMs }) => [model, timeoutMs])).toEqual([['gpt-4.1-mini', 3_000]]);
		await run([OK], ['gpt-4.1-mini'], { kv });
		expect(llm.asked[0]?.timeoutMs).toBe(8_000);
	});

	test('a model that is not reached does not lose its probe', async () => {
		const kv = new MemoryKv(clock);
		await open(kv, 'model:openai:gpt-4.1');
		clock.ms += 30_000;
		await run([OK], undefined, { kv });
		await run([refused(400), OK], undefined, { kv });
		expect(askedModels()).toEqual(['gpt-4.1-mini', 'gpt-4.1']);
	});

	test('a refusal that is our own mistake closes a breaker after its probe: the service is there', async () => {
		const kv = new MemoryKv(clock);
		await open(kv, 'model:openai:gpt-4.1');
		clock.ms += 30_000;
		await run([refused(400)], ['gpt-4.1'], { kv });
		await run([OK], ['gpt-4.1'], { kv });
		expect(llm.asked[0]?.timeoutMs).toBe(8_000);
	});

	test('impatient questions do not open the breaker of the patient ones', async () => {
		const kv = new MemoryKv(clock);
		for (let turn = 0; turn < 4; turn += 1)
			await run([TIMEOUT], ['gpt-4.1'], { kv, breakerScope: 'classify', attemptTimeoutMs: 1_000, mayRepeat: false });
		await run([OK], ['gpt-4.1'], { kv });
		expect(llm.asked[0]?.timeoutMs).toBe(8_000);
	});
});
