import { isWorthAnotherAttempt, MAX_ATTEMPTS, turnBackoffMs } from '../../../lib/inbox/retry-policy';

test('a failed turn waits 2 s, then 8 s, and is parked without a further wait', () => {
	expect([1, 2, 3, 4].map(turnBackoffMs)).toEqual([2_000, 8_000, 0, 0]);
});

test.each([
	{ name: 'a database that was away', code: 'TRF_DB_UNREACHABLE', expected: true },
	{ name: 'a failure without a name', code: 'TRF_TURN_FAILED', expected: true },
	{ name: 'settings that do not pass the schema', code: 'TRF_SETTINGS_INVALID', expected: false },
	{ name: 'an item that is none', code: 'TRF_ITEM_INVALID', expected: false },
] as const)('$name: worth another attempt is $expected', ({ code, expected }) => {
	expect(isWorthAnotherAttempt(code, 1)).toBe(expected);
	expect(isWorthAnotherAttempt(code, MAX_ATTEMPTS)).toBe(false);
});
