import { ArmedKill } from '../../../scripts/chaos/world/armed-kill';

const LONG_MS = 10_000;
const SHORT_MS = 20;

test('the kill happens when the point is reached, once, before anything else can happen', async () => {
	let kills = 0;
	const armed = new ArmedKill(() => (kills += 1));
	expect(armed.isStruckAt('after_claim')).toBe(false);
	const reached = armed.at('after_claim', LONG_MS);
	expect([null, 'before_commit' as const].map((point) => armed.isStruckAt(point))).toEqual([false, false]);
	expect(armed.isStruckAt('after_claim')).toBe(true);
	expect(kills).toBe(1);
	expect(armed.isStruckAt('after_claim')).toBe(false);
	expect(await reached).toBe(true);
	expect(kills).toBe(1);
});

test('a point that is not reached in time is disarmed', async () => {
	const armed = new ArmedKill(() => {
		throw new Error('killed too late');
	});
	expect(await armed.at('after_marking', SHORT_MS)).toBe(false);
	expect(armed.isStruckAt('after_marking')).toBe(false);
});

test('a second kill cannot take the place of one that is awaited', async () => {
	const armed = new ArmedKill(() => undefined);
	const first = armed.at('before_commit', SHORT_MS);
	await expect(armed.at('after_claim', SHORT_MS)).rejects.toThrow('before_commit');
	expect(await first).toBe(false);
});

test('a cut ends the connection and leaves n8n alive', async () => {
	let kills = 0;
	const armed = new ArmedKill(() => (kills += 1));
	const reached = armed.at('after_marking', LONG_MS, 'cut');
	expect(armed.isStruckAt('after_marking')).toBe(true);
	expect(await reached).toBe(true);
	expect(kills).toBe(0);
});
