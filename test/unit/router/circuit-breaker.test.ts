import { MemoryKv } from '../../../lib/adapters/memory-kv';
import { admit, CircuitBreaker, opensOn } from '../../../lib/router/circuit-breaker';
import { ManualClock } from './fake-llm';

describe('the rules', () => {
	test.each([
		{ opened: null, now: 0, probes: 0, expected: 'closed' },
		{ opened: 0, now: 29_999, probes: 1, expected: 'open' },
		{ opened: 0, now: 30_000, probes: 1, expected: 'probe' },
		{ opened: 0, now: 30_000, probes: 2, expected: 'open' },
	])('opened at $opened, now $now, probe number $probes: $expected', ({ opened, now, probes, expected }) => {
		expect(admit(opened, now, probes)).toBe(expected);
	});

	test('three failures open it, two do not, a failed probe does at once', () => {
		expect([opensOn(2, false), opensOn(3, false), opensOn(1, true)]).toEqual([false, true, true]);
	});
});

describe('over a key-value store', () => {
	let clock: ManualClock;
	let kv: MemoryKv;
	let breaker: CircuitBreaker;
	beforeEach(() => {
		clock = new ManualClock();
		kv = new MemoryKv(clock);
		breaker = new CircuitBreaker(kv, 'a', 'm');
	});
	const failAt = async (...seconds: number[]): Promise<void> => {
		const start = clock.ms;
		for (const second of seconds) {
			clock.ms = start + second * 1_000;
			await breaker.failed(clock.now(), await breaker.admission(clock.now()));
		}
	};
	const admission = async () => await breaker.admission(clock.now());

	test.each([
		{ name: 'three at once', at: [0, 0, 0], expected: 'open' },
		{ name: 'the first one and a second', at: [0, 1], expected: 'closed' },
		{ name: 'the third within the minute', at: [0, 30, 59], expected: 'open' },
		{ name: 'the third when the first is a minute old', at: [0, 30, 60], expected: 'closed' },
		{ name: 'a minute that does not begin with the first failure', at: [0, 50, 70, 80], expected: 'open' },
		{ name: 'more than half a minute apart', at: [0, 31, 62, 93, 124], expected: 'closed' },
	])('$name: $expected', async ({ at, expected }) => {
		await failAt(...at);
		expect(await admission()).toBe(expected);
	});

	test('one client does not open it for another', async () => {
		await failAt(0, 0, 0);
		expect(await new CircuitBreaker(kv, 'b', 'm').admission(clock.now())).toBe('closed');
	});

	test('after thirty seconds one probe is let through, and only one', async () => {
		await failAt(0, 0, 0);
		clock.ms += 30_000;
		expect(await Promise.all([1, 2, 3].map(admission))).toEqual(['probe', 'open', 'open']);
	});

	test('a probe that succeeds closes it, and the failures before it are forgotten', async () => {
		await failAt(0, 0, 0);
		clock.ms += 30_000;
		await breaker.succeeded(await admission());
		expect(await admission()).toBe('closed');
		await failAt(0, 0);
		expect(await admission()).toBe('closed');
		await failAt(0);
		expect(await admission()).toBe('open');
	});

	test('a probe that fails opens it for another thirty seconds', async () => {
		await failAt(0, 0, 0);
		clock.ms += 30_000;
		await breaker.failed(clock.now(), await admission());
		clock.ms += 29_999;
		expect(await admission()).toBe('open');
		clock.ms += 1;
		expect(await admission()).toBe('probe');
	});

	test('a probe whose process dies frees its place after thirty seconds', async () => {
		await failAt(0, 0, 0);
		clock.ms += 30_000;
		await admission();
		clock.ms += 30_000;
		expect(await admission()).toBe('probe');
	});

	test('calls made in spite of an open breaker do not put off its probe', async () => {
		await failAt(0, 0, 0);
		for (let second = 0; second < 30; second += 1) {
			clock.ms += 1_000;
			if (second < 29) await breaker.failed(clock.now(), 'open');
		}
		expect(await admission()).toBe('probe');
	});

	test('a success between failures does not undo them', async () => {
		await failAt(0, 0);
		await breaker.succeeded('closed');
		await failAt(1);
		expect(await admission()).toBe('open');
	});

	test('of failures written at the same moment the last one opens it', async () => {
		await Promise.all([1, 2, 3].map(async () => await breaker.failed(clock.now(), 'closed')));
		expect(await admission()).toBe('open');
	});
});
