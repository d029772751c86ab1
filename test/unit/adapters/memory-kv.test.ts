import { MemoryKv } from '../../../lib/adapters/memory-kv';

let now = 0;
const clock = { now: () => new Date(now) };
beforeEach(() => {
	now = 1_000;
});

test('a value is gone at the end of its time, not before', async () => {
	const kv = new MemoryKv(clock);
	await kv.set('a', '1', 100);
	now += 99;
	expect(await kv.get('a')).toBe('1');
	now += 1;
	expect(await kv.get('a')).toBeNull();
});

test('later increments do not move the end of the window', async () => {
	const kv = new MemoryKv(clock);
	expect(await kv.increment('r', 1_000)).toEqual({ count: 1, remainingMs: 1_000 });
	now += 600;
	expect(await kv.increment('r', 1_000)).toEqual({ count: 2, remainingMs: 400 });
	now += 400;
	expect(await kv.increment('r', 1_000)).toEqual({ count: 1, remainingMs: 1_000 });
});

test('a full store drops what expired first, then the oldest', async () => {
	const kv = new MemoryKv(clock, 3);
	await kv.set('old', '1', 10_000);
	await kv.set('short', '1', 10);
	await kv.set('new', '1', 10_000);
	now += 20;
	await kv.set('a', '1', 10_000);
	expect([await kv.get('old'), await kv.get('short'), await kv.get('new')]).toEqual(['1', null, '1']);
	await kv.set('b', '1', 10_000);
	expect([await kv.get('old'), await kv.get('b')]).toEqual([null, '1']);
});

test('a deleted key starts anew', async () => {
	const kv = new MemoryKv(clock);
	await kv.increment('r', 1_000);
	await kv.delete('r');
	expect((await kv.increment('r', 1_000)).count).toBe(1);
});
