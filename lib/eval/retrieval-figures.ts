import { wilsonInterval } from './interval';
import {
	percentile,
	RETRIEVAL_MEASURES,
	scoreRanking,
	summarizeScores,
	type Judgements,
	type RetrievalMeasure,
} from './retrieval-metrics';

/** What the engine did with one query. */
export interface QueryRun {
	readonly ranking: readonly string[];
	/** The verdict of the engine; rankings are measured all the same. */
	readonly nothingRelevant: boolean;
	/** Cosine similarity of the nearest neighbour; null without dense vectors. */
	readonly bestDenseScore: number | null;
	readonly milliseconds: number;
}

/** A share with its 95 % Wilson interval. */
export interface RefusalShare {
	readonly share: number;
	readonly count: number;
	readonly of: number;
	readonly interval: readonly [number, number];
}

export interface RetrievalFigures {
	readonly metrics: Readonly<Record<RetrievalMeasure, number>>;
	/** 95 % bootstrap intervals. */
	readonly intervals: Readonly<Record<RetrievalMeasure, readonly [number, number]>>;
	readonly nothingRelevant: {
		/** Answerable queries for which the engine says "nothing relevant". */
		readonly wronglyRefused: RefusalShare;
		/** Unanswerable queries for which it says so; null without any. */
		readonly rightlyRefused: RefusalShare | null;
	};
	readonly queryMs: { readonly median: number; readonly p95: number };
	/** The bar that keeps 95 % of the answerable queries by dense similarity alone; null without dense vectors. */
	readonly denseBarFor95: number | null;
}

const SEED = 20_261_121;
const LOST_TO_DENSE_BAR = 0.05;

/** @param unanswerable runs of queries that the documents do not answer; empty when the set has none */
export function retrievalFigures(
	runs: readonly (QueryRun & { readonly judgements: Judgements })[],
	unanswerable: readonly QueryRun[],
): RetrievalFigures {
	const estimates = summarizeScores(
		runs.map(({ ranking, judgements }) => scoreRanking(ranking, judgements)),
		SEED,
	);
	const byMeasure = <T>(value: (measure: RetrievalMeasure) => T): Readonly<Record<RetrievalMeasure, T>> =>
		Object.fromEntries(RETRIEVAL_MEASURES.map((measure) => [measure, value(measure)])) as Record<RetrievalMeasure, T>;
	const times = runs.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
	const similarities = runs
		.flatMap(({ bestDenseScore }) => (bestDenseScore === null ? [] : [bestDenseScore]))
		.sort((a, b) => a - b);
	return {
		metrics: byMeasure((measure) => estimates[measure].mean),
		intervals: byMeasure((measure) => [estimates[measure].low, estimates[measure].high] as const),
		nothingRelevant: {
			wronglyRefused: refusals(runs),
			rightlyRefused: unanswerable.length === 0 ? null : refusals(unanswerable),
		},
		queryMs: { median: percentile(times, 0.5), p95: percentile(times, 0.95) },
		denseBarFor95: similarities.length === 0 ? null : percentile(similarities, LOST_TO_DENSE_BAR),
	};
}

function refusals(runs: readonly QueryRun[]): RefusalShare {
	const count = runs.filter(({ nothingRelevant }) => nothingRelevant).length;
	const of = runs.length;
	return { share: of === 0 ? 0 : count / of, count, of, interval: wilsonInterval(count, of) };
}
