import { wilsonInterval } from '../../../lib/eval/interval';

const CASES: ReadonlyArray<{ name: string; hits: number; total: number; low: number; high: number }> = [
	{ name: 'half of a hundred', hits: 50, total: 100, low: 0.4038, high: 0.5962 },
	{ name: 'none of ten still may be a quarter', hits: 0, total: 10, low: 0, high: 0.2775 },
	{ name: 'all of ten may be three quarters', hits: 10, total: 10, low: 0.7225, high: 1 },
	{ name: 'nothing measured says nothing', hits: 0, total: 0, low: 0, high: 1 },
];
test.each(CASES)('$name', ({ hits, total, low, high }) => {
	const [from, to] = wilsonInterval(hits, total);
	expect(from).toBeCloseTo(low, 3);
	expect(to).toBeCloseTo(high, 3);
});
