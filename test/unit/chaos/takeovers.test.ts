import type { WrittenMessage } from '../../../scripts/chaos/evidence';
import { measureRecovery } from '../../../scripts/chaos/recovery';
import { readTakeovers } from '../../../scripts/chaos/takeovers';

const chat = { client: 'one', phone: '77050000001' } as const;
const echo = (acceptedAt: number | null): WrittenMessage => ({
	...chat,
	id: 'E',
	author: 'owner',
	question: { kind: 'greeting', text: 'Здравствуйте', service: null },
	postedAt: (acceptedAt ?? 0) - 10,
	acceptedAt,
	deliveries: 1,
});
const released = (at: number) => ({ ...chat, kind: 'presses_resolve', at }) as const;
const sight = (since: number, at: number) => ({ ...chat, since, at });

const CASES: ReadonlyArray<{
	name: string;
	given: Parameters<typeof readTakeovers>;
	expected: ReadonlyArray<readonly [from: number, until: number]>;
	why?: string;
}> = [
	{ name: 'an echo counts from its 200', given: [[echo(1_000)], [], []], expected: [[1_000, Infinity]] },
	{ name: 'an echo without a 200 does not count', given: [[echo(null)], [], []], expected: [] },
	{
		name: 'a manager counts from when another session saw it, until they press "resolved"',
		given: [[], [released(9_000)], [sight(2_000, 2_300)]],
		expected: [[2_300, 9_000]],
	},
	{
		name: 'a state that is older than the pressed button is not a new take-over',
		given: [[], [released(9_000)], [sight(2_000, 2_300), sight(2_000, 9_400)]],
		expected: [[2_300, 9_000]],
		why: 'the button is still being carried out',
	},
	{
		name: 'the next take-over is a new one',
		given: [[], [released(9_000)], [sight(2_000, 2_300), sight(12_000, 12_200)]],
		expected: [
			[2_300, 9_000],
			[12_200, Infinity],
		],
	},
	{
		name: 'an echo right after a pressed "resolved" says nothing',
		given: [[echo(9_500)], [released(9_000)], [sight(2_000, 2_300)]],
		expected: [[2_300, 9_000]],
		why: 'which of the two is carried out last is not known',
	},
];
test.each(CASES)('$name', ({ given, expected }) => {
	expect(readTakeovers(...given).map(({ from, until }) => [from, until])).toEqual(expected);
});

test('time to recover is from each kill to the first reply after it', () => {
	const fault = (name: string, at: number, reached = true) => ({ name, at, downMs: 10, reached });
	const phone = [5_000, 22_000, 40_000].map((at, seq) => ({ ...chat, seq, text: '', key: null, at }));
	const faults = [
		fault('kill', 1_000),
		fault('kill_at after_claim', 10_000),
		fault('kill_at before_commit', 12_000, false),
		fault('chatflow hang', 15_000),
		fault('kill', 50_000),
	];
	expect(measureRecovery(faults, phone, 700)).toEqual({ kills: 2, medianMs: 12_000, longestMs: 12_000, quietMs: 700 });
	expect(measureRecovery([], phone, 0)).toMatchObject({ kills: 0, medianMs: null });
});
