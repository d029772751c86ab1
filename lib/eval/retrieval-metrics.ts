/** Measures of ranked retrieval over judged queries, each with a bootstrap interval. Pure; ranks count from 1. */

/** What is relevant for one query: document id -> degree; 0 and below mean "not relevant". */
export type Judgements = ReadonlyMap<string, number>;

/** A measure over all queries with the bounds of its 95 % bootstrap interval. */
export interface Estimate {
	readonly mean: number;
	readonly low: number;
	readonly high: number;
}

export const RETRIEVAL_MEASURES = ['recall@1', 'recall@5', 'recall@10', 'mrr@10', 'ndcg@10'] as const;
export type RetrievalMeasure = (typeof RETRIEVAL_MEASURES)[number];

/** The measures of one query's ranking. */
export type QueryScores = Readonly<Record<RetrievalMeasure, number>>;

/** So deep a ranking is looked at. */
export const RANKING_DEPTH = 10;
const RESAMPLES = 1_000;
const LOW_PERCENTILE = 0.025;
const HIGH_PERCENTILE = 0.975;

/** Share of the relevant documents among the first `depth`; 0 when none is relevant. */
export function recallAt(ranking: readonly string[], judgements: Judgements, depth: number): number {
	const relevant = [...judgements.values()].filter((degree) => degree > 0).length;
	if (relevant === 0) return 0;
	const found = new Set(ranking.slice(0, depth).filter((id) => (judgements.get(id) ?? 0) > 0));
	return found.size / relevant;
}

/** One over the rank of the first relevant document; 0 when it is not among the first `depth`. */
export function reciprocalRankAt(ranking: readonly string[], judgements: Judgements, depth: number): number {
	const at = ranking.slice(0, depth).findIndex((id) => (judgements.get(id) ?? 0) > 0);
	return at === -1 ? 0 : 1 / (at + 1);
}

/**
 * Normalised discounted cumulative gain. The gain is the degree itself and the discount log2(rank + 1), as in
 * trec_eval, so figures can be compared with published ones.
 */
export function ndcgAt(ranking: readonly string[], judgements: Judgements, depth: number): number {
	const seen = new Set<string>();
	const gains = ranking.slice(0, depth).map((id) => {
		if (seen.has(id)) return 0;
		seen.add(id);
		return Math.max(0, judgements.get(id) ?? 0);
	});
	const ideal = [...judgements.values()]
		.filter((degree) => degree > 0)
		.sort((a, b) => b - a)
		.slice(0, depth);
	const best = discountedGain(ideal);
	return best === 0 ? 0 : discountedGain(gains) / best;
}

/** All measures of one query. */
export function scoreRanking(ranking: readonly string[], judgements: Judgements): QueryScores {
	return {
		'recall@1': recallAt(ranking, judgements, 1),
		'recall@5': recallAt(ranking, judgements, 5),
		'recall@10': recallAt(ranking, judgements, 10),
		'mrr@10': reciprocalRankAt(ranking, judgements, RANKING_DEPTH),
		'ndcg@10': ndcgAt(ranking, judgements, RANKING_DEPTH),
	};
}

/**
 * Means over the queries, with percentile bootstrap intervals (1 000 resamples of the queries).
 *
 * @param seed same seed, same intervals
 * @returns zeros for no queries
 */
export function summarizeScores(
	scores: readonly QueryScores[],
	seed: number,
): Readonly<Record<RetrievalMeasure, Estimate>> {
	const estimate = (measure: RetrievalMeasure): Estimate =>
		bootstrapMean(
			scores.map((score) => score[measure]),
			seed,
		);
	return {
		'recall@1': estimate('recall@1'),
		'recall@5': estimate('recall@5'),
		'recall@10': estimate('recall@10'),
		'mrr@10': estimate('mrr@10'),
		'ndcg@10': estimate('ndcg@10'),
	};
}

/** Mean of the values and the 2.5th and 97.5th percentile of the means of resamples of the same size. */
export function bootstrapMean(values: readonly number[], seed: number): Estimate {
	const sample = Float64Array.from(values);
	const size = sample.length;
	if (size === 0) return { mean: 0, low: 0, high: 0 };
	const random = seededRandom(seed);
	const means = new Float64Array(RESAMPLES);
	for (let round = 0; round < RESAMPLES; round += 1) {
		let sum = 0;
		for (let draw = 0; draw < size; draw += 1) sum += sample[Math.floor(random() * size)] ?? 0;
		means[round] = sum / size;
	}
	means.sort();
	return {
		mean: sample.reduce((sum, value) => sum + value, 0) / size,
		low: percentile(means, LOW_PERCENTILE),
		high: percentile(means, HIGH_PERCENTILE),
	};
}

/** The value below which `share` of the sorted values lie (nearest rank); 0 for none. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
	if (sorted.length === 0) return 0;
	const rank = Math.ceil(share * sorted.length) - 1;
	return sorted[Math.min(sorted.length - 1, Math.max(0, rank))] ?? 0;
}

function discountedGain(gains: readonly number[]): number {
	return gains.reduce((sum, gain, index) => sum + gain / Math.log2(index + 2), 0);
}

/** Mulberry32: small, repeatable, good enough to draw samples; not for secrets. */
function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}
