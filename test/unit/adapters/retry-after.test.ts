import { retryAfterMs } from '../../../lib/adapters/retry-after';

const NOW = Date.parse('2026-11-21T10:00:00Z');
const read = (headers: Record<string, string>): number | null => retryAfterMs((name) => headers[name] ?? null, NOW);

test.each([
	{ name: 'seconds', headers: { 'retry-after': '7' }, expected: 7_000 },
	{ name: 'fractions of a second', headers: { 'retry-after': '0.5' }, expected: 500 },
	{ name: 'a date', headers: { 'retry-after': 'Sat, 21 Nov 2026 10:00:05 GMT' }, expected: 5_000 },
	{ name: 'a date that has passed', headers: { 'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT' }, expected: 0 },
	{ name: 'milliseconds win', headers: { 'retry-after': '7', 'retry-after-ms': '250' }, expected: 250 },
	{ name: 'a day is cut to an hour', headers: { 'retry-after': '86400' }, expected: 3_600_000 },
	{ name: 'a negative number is nothing', headers: { 'retry-after': '-5' }, expected: null },
	{ name: 'words are nothing', headers: { 'retry-after': 'soon' }, expected: null },
	{ name: 'no header', headers: {}, expected: null },
])('$name', ({ headers, expected }) => {
	expect(read(headers as Record<string, string>)).toBe(expected);
});
