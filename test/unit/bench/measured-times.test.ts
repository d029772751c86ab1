import { growthPerMs, median, summarizeTimes } from '../../../scripts/bench/load/measured-times';
import { leastInFifth } from '../../../scripts/bench/soak';

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

test('growth is found through noise, and one peak does not move it', () => {
	const samples = Array.from({ length: 60 }, (_, index) => ({
		atMs: index * 1_000,
		value: 500 + index * 2 + (index % 3) * 5 + (index === 30 ? 900 : 0),
	}));
	expect(growthPerMs(samples) * 1_000).toBeCloseTo(2, 0);
	expect(growthPerMs(samples.slice(0, 1))).toBe(0);
});

test('what is left after collecting garbage is the least of a fifth of the time', () => {
	const samples = [9, 5, 8, 4, 7, 3, 6, 2, 5, 1].map((value, index) => ({ atMs: index, value }));
	expect([0, 1, 4].map((fifth) => leastInFifth(samples, fifth))).toEqual([5, 4, 1]);
	expect(leastInFifth([], 4)).toBe(0);
});
