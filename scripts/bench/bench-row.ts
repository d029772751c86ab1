/** One figure of a benchmark. */
export interface BenchRow {
	readonly bench: string;
	/** What was measured, for people. */
	readonly what: string;
	readonly value: number;
	/** `ms`, `MB`, `x`, `1/s`. */
	readonly unit: string;
	/** Highest value that is still good; absent where there is no bar. */
	readonly bar?: number;
}
