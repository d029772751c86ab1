import { median, summarizeTimes } from '../../../scripts/bench/load/measured-times';
import { halfOf, leastInFifth, slowestOfLast } from '../../../scripts/bench/soak';

test('percentiles are values that were measured, by nearest rank, in whatever order they came', () => {
	const times = Array.from({ length: 100 }, (_, index) => 100 - index);
	expect(summarizeTimes(times)).toEqual({ count: 100, p50: 50, p95: 95, p99: 99, max: 100 });
	expect(summarizeTimes([])).toEqual({ count: 0, p50: 0, p95: 0, p99: 0, max: 0 });
	expect(summarizeTimes([7])).toEqual({ count: 1, p50: 7, p95: 7, p99: 7, max: 7 });
});

test('times are sorted as numbers', () => {
	expect(summarizeTimes([9, 10, 100]).p50).toBe(10);
});

test('the median of an even count is between the two in the middle', () => {
	expect([median([]), median([3]), median([4, 1]), median([10, 9, 100])]).toEqual([0, 3, 2.5, 10]);
});

test('drift is between the middle minutes of both halves, so that one slow minute does not make it', () => {
	const minutes = [650, 600, 940, 670, 620, 690, 620, 820, 950, 630].map((p50) => ({ p50, p95: 2 * p50 }));
	expect([halfOf(minutes, 0, 'p50'), halfOf(minutes, 1, 'p50'), halfOf(minutes, 1, 'p95')]).toEqual([650, 690, 1380]);
	expect(halfOf(minutes.slice(0, 2), 1, 'p50')).toBe(600);
});

test('a load that falls behind in its last minutes shows in the slowest of the last half', () => {
	const minutes = [650, 600, 9_400, 670, 620, 690, 620, 820, 3_500, 7_400].map((p50) => ({ p50 }));
	expect(halfOf(minutes, 1, 'p50')).toBe(820);
	expect(slowestOfLast(minutes)).toBe(7_400);
});

test('what is left after collecting garbage is the least of a fifth of the time', () => {
	const samples = [9, 5, 8, 4, 7, 3, 6, 2, 5, 1].map((value, index) => ({ atMs: index, value }));
	expect([0, 1, 4].map((fifth) => leastInFifth(samples, fifth))).toEqual([5, 4, 1]);
	expect(leastInFifth([], 4)).toBe(0);
});
