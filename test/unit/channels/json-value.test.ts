import fc from 'fast-check';

import { asInstant, firstText } from '../../../lib/channels/json-value';

test('no text keeps what PostgreSQL cannot store', () => {
	fc.assert(
		fc.property(
			fc.string({ unit: 'binary' }),
			fc.array(fc.constantFrom('\0', '\ud83d', '\udc85', 'a', '💅', 'ә')),
			(a, b) => {
				const text = firstText(a + b.join(''));
				expect(text ?? '').not.toMatch(/\0/);
				expect(text ?? '').not.toMatch(/\p{Surrogate}/u);
			},
		),
	);
});

test('whole characters stay as they are', () => {
	expect(firstText('Сәлем 💅🏽 👩‍👩‍👧')).toBe('Сәлем 💅🏽 👩‍👩‍👧');
	expect(firstText('а\0б\ud83d')).toBe('аб\u{fffd}');
});

const INSTANTS: ReadonlyArray<{ given: unknown; expected: string | null }> = [
	{ given: 1_795_000_000, expected: '2026-11-18T11:06:40.000Z' },
	{ given: '1795000000', expected: '2026-11-18T11:06:40.000Z' },
	{ given: 1_795_000_000_123, expected: '2026-11-18T11:06:40.123Z' },
	{ given: '2026-11-21T10:00:00+05:00', expected: '2026-11-21T05:00:00.000Z' },
	{ given: 0, expected: null },
	{ given: -5, expected: null },
	{ given: 1e300, expected: null },
	{ given: Number.NaN, expected: null },
	{ given: '9'.repeat(30), expected: null },
	{ given: '+275760-09-13T00:00:00Z', expected: null },
	{ given: 'вчера', expected: null },
	{ given: { seconds: 5 }, expected: null },
	{ given: null, expected: null },
];
test.each(INSTANTS)('$given is the instant $expected', ({ given, expected }) => {
	expect(asInstant(given)?.toISOString() ?? null).toBe(expected);
});
