import { arrivalTimesMs } from '../../../scripts/bench/load/arrival-times';

function take(count: number, times: Iterator<number>): number[] {
	return Array.from({ length: count }, () => times.next().value as number);
}

test('a steady load has equal gaps and starts at once', () => {
	expect(take(4, arrivalTimesMs({ kind: 'steady', perS: 50 }))).toEqual([0, 20, 40, 60]);
});

test('independent customers keep the rate, come in order, and come alike in every run', () => {
	const pace = { kind: 'independent', perS: 10, seed: 3 } as const;
	const times = take(20_000, arrivalTimesMs(pace));
	const seconds = (times.at(-1) ?? 0) / 1_000;
	expect(20_000 / seconds).toBeGreaterThan(9.7);
	expect(20_000 / seconds).toBeLessThan(10.3);
	expect(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0))).toBe(true);
	expect(take(5, arrivalTimesMs(pace))).toEqual(times.slice(0, 5));
});

test('gaps of independent customers spread like an exponential distribution: a third of them is longer than the mean', () => {
	const times = take(20_000, arrivalTimesMs({ kind: 'independent', perS: 10, seed: 1 }));
	const long = times.filter((time, index) => index > 0 && time - (times[index - 1] ?? 0) > 100).length;
	expect(long / times.length).toBeGreaterThan(0.35);
	expect(long / times.length).toBeLessThan(0.39);
});
