import type { BenchRow } from './bench-row';

/** Placeholder until the part is written; removed in the same session. */
export function runBench(): Promise<readonly BenchRow[]> {
	return Promise.resolve([]);
}
