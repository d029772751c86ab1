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
	/** Lowest value that is still good; absent where there is no bar. */
	readonly atLeast?: number;
}

/** How a benchmark is run. */
export interface BenchOptions {
	/** Short times, for trying out: the figures are not for comparing. */
	readonly quick: boolean;
}

/** A value that is no number (nothing was measured) misses its bar. */
export function isMissed({ value, bar, atLeast }: BenchRow): boolean {
	return (bar !== undefined && !(value <= bar)) || (atLeast !== undefined && !(value >= atLeast));
}

/** The row's bar in words; empty without one. */
export function barText({ bar, atLeast, unit }: Pick<BenchRow, 'bar' | 'atLeast' | 'unit'>): string {
	if (bar !== undefined) return `at most ${bar} ${unit}`;
	return atLeast === undefined ? '' : `at least ${atLeast} ${unit}`;
}
