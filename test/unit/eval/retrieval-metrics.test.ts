import {
	bootstrapMean,
	ndcgAt,
	percentile,
	recallAt,
	reciprocalRankAt,
	scoreRanking,
	summarizeScores,
} from '../../../lib/eval/retrieval-metrics';

const judged = (degrees: Record<string, number>): Map<string, number> => new Map(Object.entries(degrees));

describe('one ranking, counted by hand', () => {
	const ranking = ['x', 'a', 'y', 'b', 'z'];

	interface Row {
		readonly name: string;
		readonly judgements: Record<string, number>;
		readonly depth: number;
		readonly recall: number;
		readonly reciprocalRank: number;
	}
	test.each<Row>([
		{ name: 'one of one, at rank 2', judgements: { a: 1 }, depth: 5, recall: 1, reciprocalRank: 0.5 },
		{ name: 'the same, looked at less deep', judgements: { a: 1 }, depth: 1, recall: 0, reciprocalRank: 0 },
		{ name: 'two of three', judgements: { a: 1, b: 2, c: 1 }, depth: 5, recall: 2 / 3, reciprocalRank: 0.5 },
		{ name: 'degree 0 is not relevant', judgements: { x: 0, b: 1 }, depth: 5, recall: 1, reciprocalRank: 0.25 },
		{ name: 'none is relevant', judgements: { x: 0 }, depth: 5, recall: 0, reciprocalRank: 0 },
	])('$name', ({ judgements, depth, recall, reciprocalRank }) => {
		expect(recallAt(ranking, judged(judgements), depth)).toBeCloseTo(recall, 12);
		expect(reciprocalRankAt(ranking, judged(judgements), depth)).toBeCloseTo(reciprocalRank, 12);
	});

	test('nDCG discounts by the logarithm of the rank and compares with the best possible order', () => {
		// DCG 1/log2(3) + 2/log2(5) = 0.63093 + 0.86135; best order: 2/log2(2) + 1/log2(3) = 2.63093.
		expect(ndcgAt(ranking, judged({ a: 1, b: 2 }), 10)).toBeCloseTo((0.6309298 + 0.8613531) / 2.6309298, 6);
		expect(ndcgAt(['a'], judged({ a: 3 }), 10)).toBe(1);
		expect(ndcgAt(['x'], judged({ a: 1 }), 10)).toBe(0);
		expect(ndcgAt([], judged({}), 10)).toBe(0);
	});

	test('a document named twice counts once', () => {
		expect(recallAt(['a', 'a'], judged({ a: 1, b: 1 }), 5)).toBe(0.5);
		expect(ndcgAt(['a', 'a'], judged({ a: 1, b: 1 }), 5)).toBeCloseTo(1 / (1 + 0.6309298), 6);
	});

	test('only ten ranks count', () => {
		const late = [...Array(10).keys()].map(String);
		expect(scoreRanking([...late, 'a'], judged({ a: 1 }))).toEqual({
			'recall@1': 0,
			'recall@5': 0,
			'recall@10': 0,
			'mrr@10': 0,
			'ndcg@10': 0,
		});
	});
});

describe('over many queries', () => {
	test('the mean lies inside its interval, and the same seed gives the same interval', () => {
		const values = [...Array(200).keys()].map((at) => (at % 4 === 0 ? 1 : 0));
		const estimate = bootstrapMean(values, 7);
		expect(estimate.mean).toBe(0.25);
		// Standard error of a share of 0.25 over 200: 0.0306; the interval is about two of them to each side.
		expect(estimate.low).toBeGreaterThan(0.17);
		expect(estimate.low).toBeLessThan(0.21);
		expect(estimate.high).toBeGreaterThan(0.29);
		expect(estimate.high).toBeLessThan(0.33);
		expect(bootstrapMean(values, 7)).toEqual(estimate);
		const uneven = values.map((value, at) => value + at / 1_000);
		expect(bootstrapMean(uneven, 8)).not.toEqual(bootstrapMean(uneven, 7));
	});

	test('equal values have no spread; no values give zeros', () => {
		expect(bootstrapMean([1, 1, 1], 1)).toEqual({ mean: 1, low: 1, high: 1 });
		expect(bootstrapMean([], 1)).toEqual({ mean: 0, low: 0, high: 0 });
	});

	test('each measure is averaged by itself', () => {
		const summary = summarizeScores(
			[scoreRanking(['a'], judged({ a: 1 })), scoreRanking(['x', 'a'], judged({ a: 1 }))],
			1,
		);
		expect(summary['recall@1'].mean).toBe(0.5);
		expect(summary['recall@5'].mean).toBe(1);
		expect(summary['mrr@10'].mean).toBe(0.75);
	});

	test.each([
		{ values: [1, 2, 3, 4], share: 0.5, expected: 2 },
		{ values: [1, 2, 3, 4], share: 0.95, expected: 4 },
		{ values: [5], share: 0.5, expected: 5 },
		{ values: [], share: 0.5, expected: 0 },
	])('percentile $share of $values', ({ values, share, expected }) => {
		expect(percentile(values, share)).toBe(expected);
	});
});
