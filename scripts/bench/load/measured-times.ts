import { percentile } from '../../../lib/eval/retrieval-metrics';

/** What is said about a set of durations, in milliseconds; zeros for none. */
export interface TimesSummary {
	readonly count: number;
	readonly p50: number;
	readonly p95: number;
	readonly p99: number;
	readonly max: number;
}

export function summarizeTimes(timesMs: readonly number[]): TimesSummary {
	const sorted = Float64Array.from(timesMs).sort();
	return {
		count: sorted.length,
		p50: percentile(sorted, 0.5),
		p95: percentile(sorted, 0.95),
		p99: percentile(sorted, 0.99),
		max: sorted.at(-1) ?? 0,
	};
}

/** A value at an instant. */
export interface Sample {
	readonly atMs: number;
	readonly value: number;
}

/** The middle value, of two middle ones their mean; 0 for none. */
export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	if (sorted.length % 2 === 1) return sorted[middle] ?? 0;
	return sorted.length === 0 ? 0 : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
