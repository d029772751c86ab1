import type { WrittenMessage } from '../../../scripts/chaos/evidence';
import { measureRecovery } from '../../../scripts/chaos/recovery';
import { readPeopleSeen, readTakeovers } from '../../../scripts/chaos/takeovers';

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
const sight = (firstAt: number, lastAt: number) => ({ ...chat, firstAt, lastAt });

const CASES: ReadonlyArray<{
	name: string;
	given: Parameters<typeof readTakeovers>;
	expected: ReadonlyArray<readonly [from: number, until: number]>;
	why?: string;
}> = [
	{
		name: 'an echo counts from its 200, whatever the database says',
		given: [[echo(1_000)], [], []],
		expected: [[1_000, Infinity]],
	},
	{ name: 'an echo without a 200 does not count', given: [[echo(null)], [], []], expected: [] },
	{
		name: 'an echo counts until a manager presses "resolved"',
		given: [[echo(1_000)], [released(9_000)], []],
		expected: [[1_000, 9_000]],
	},
	{
		name: 'an echo after a pressed "resolved" says nothing',
		given: [[echo(9_500)], [released(9_000)], []],
		expected: [],
		why: 'which of the two is carried out last is not known',
	},
	{
		name: 'a manager counts while the database was seen with it, whenever the buttons were pressed',
		given: [[], [released(2_100)], [sight(2_300, 8_700), sight(12_000, 20_000)]],
		expected: [
			[2_300, 8_700],
			[12_000, 20_000],
		],
		why: 'while n8n is down both buttons wait, and are carried out one right after the other',
	},
];
test.each(CASES)('$name', ({ given, expected }) => {
	expect(readTakeovers(...given).map(({ from, until }) => [from, until])).toEqual(expected);
});

test('a person may have been wherever one wrote, pressed, or was seen', () => {
	const other = { client: 'two', phone: '77050000002' } as const;
	expect(readPeopleSeen([echo(null)], [], [])).toEqual(new Set(['one 77050000001']));
	expect(readPeopleSeen([], [{ ...other, kind: 'presses_take', at: 1 }], [sight(1, 2)])).toEqual(
		new Set(['two 77050000002', 'one 77050000001']),
	);
	expect(readPeopleSeen([], [released(5)], [])).toEqual(new Set());
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
