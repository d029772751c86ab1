/** How fast deliveries are accepted, against a webhook of n8n that does nothing. */
import type { BenchOptions, BenchRow } from './bench-row';
import { withBenchStack } from './bench-stack';
import { median } from './load/measured-times';
import { type Measured, StackLoads } from './stack-loads';
import { RowSheet } from './stack-rows';

const STEADY_PER_S = 50;

/** The rows of `npm run bench -- gateway`. */
export async function runBench({ quick }: BenchOptions): Promise<readonly BenchRow[]> {
	const [rounds, measureMs, warmUpMs] = quick ? [1, 5_000, 3_000] : [3, 15_000, 10_000];
	return await withBenchStack(async (stack) => {
		const sheet = new RowSheet('gateway');
		const loads = new StackLoads(stack, warmUpMs);
		const bare: Measured[] = [];
		const accepted: Measured[] = [];
		// In turn, so that whatever else the machine does falls on both alike.
		for (let round = 0; round < rounds; round += 1) {
			bare.push(await loads.bare(measureMs));
			accepted.push(await loads.acceptance(measureMs));
		}
		const perS = (all: readonly Measured[]): number => median(all.map(({ result }) => result.answersPerS));
		const middle = (which: 'p50' | 'p95' | 'p99'): number =>
			median(accepted.map(({ result }) => result.answers[which]));
		sheet.set('bare n8n webhook: requests', perS(bare));
		sheet.set('acceptance, committed: requests', perS(accepted));
		sheet.set('acceptance against bare requests', perS(accepted) / perS(bare));
		sheet.set('acceptance under that load: answer, median', middle('p50'));
		sheet.set('acceptance under that load: answer, p95', middle('p95'));
		sheet.set('acceptance under that load: answer, p99', middle('p99'));
		const steady = await loads.flow({ kind: 'steady', perS: STEADY_PER_S }, measureMs);
		sheet.set('acceptance at a steady 50/s, flow running: answer, median', steady.result.answers.p50);
		sheet.set('acceptance at a steady 50/s, flow running: answer, p95', steady.result.answers.p95);
		sheet.set('acceptance at a steady 50/s, flow running: answer, p99', steady.result.answers.p99);
		const refused = [...bare, ...accepted, steady].reduce((sum, { result }) => sum + result.refused, 0);
		sheet.set('requests refused or not answered', refused);
		return sheet.rows();
	});
}
