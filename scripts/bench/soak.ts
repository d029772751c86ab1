/** Ten minutes at 80 % of saturation: does it become slower, does memory grow? */
import type { BenchOptions, BenchRow } from './bench-row';
import { withBenchStack } from './bench-stack';
import { type LoadSlice, SLICE_MS } from './load/load-job';
import { median, type Sample } from './load/measured-times';
import { MachineWatch } from './machine-watch';
import { StackLoads } from './stack-loads';
import { RowSheet } from './stack-rows';

const SHARE = 0.8;
const PERCENT = 100;

/** The rows of `npm run bench -- soak`. */
export async function runBench({ quick }: BenchOptions): Promise<readonly BenchRow[]> {
	const [saturateMs, soakMs, warmUpMs] = quick ? [6_000, 120_000, 4_000] : [20_000, 600_000, 20_000];
	return await withBenchStack(async (stack) => {
		const sheet = new RowSheet('soak');
		const loads = new StackLoads(stack, warmUpMs);
		const saturated = await loads.saturated(saturateMs);
		const perS = saturated.result.repliesPerS;
		sheet.set('messages at saturation', perS);

		const watch = new MachineWatch(stack.n8nPid, stack.postgresPid);
		const measuredFrom = performance.now() + warmUpMs;
		const { result } = await loads
			.flow({ kind: 'independent', perS: perS * SHARE, seed: 1 }, soakMs)
			.finally(() => watch.stop());
		const minutes = result.slices.map(({ replies }) => replies);
		for (const slice of result.slices) process.stderr.write(`${minuteLine(slice, watch, measuredFrom)}\n`);
		const [firstP50, lastP50] = [halfOf(minutes, 0, 'p50'), halfOf(minutes, 1, 'p50')];
		sheet.set('at 80 % of it: reply, median, first five minutes', firstP50);
		sheet.set('at 80 % of it: reply, median, last five minutes', lastP50);
		sheet.set('at 80 % of it: reply, p95, last five minutes', halfOf(minutes, 1, 'p95'));
		sheet.set('last five minutes against first five, median', lastP50 / firstP50);
		sheet.set('slowest of the last five minutes against first five, median', slowestOfLast(minutes) / firstP50);
		const again = await loads.saturated(saturateMs);
		sheet.set('messages at saturation after the ten minutes against before', again.result.repliesPerS / perS);
		for (const [name, samples] of [
			['n8n', watch.n8nOwnMb],
			['PostgreSQL', watch.postgresOwnMb],
		] as const) {
			sheet.set(`own memory of ${name} at the end`, samples.at(-1)?.value ?? 0);
			const growth = leastInFifth(samples, 4) / leastInFifth(samples, 1);
			sheet.set(`own memory of ${name}, last fifth against second fifth, least of each`, growth);
		}
		sheet.set('messages without a reply, or with two', loads.unansweredOrTwice);
		return sheet.rows();
	});
}

/** One minute: how long replies took, what a message cost, and what the machine did meanwhile. */
function minuteLine({ fromMs, replies }: LoadSlice, watch: MachineWatch, measuredFrom: number): string {
	const span = watch.between(measuredFrom + fromMs, measuredFrom + fromMs + SLICE_MS);
	const each = (cpuMs: number): string => (cpuMs / Math.max(1, replies.count)).toFixed(2);
	const percent = (share: number): string => `${(share * PERCENT).toFixed(0)} %`;
	return [
		`minute ${fromMs / SLICE_MS + 1}: ${replies.count} messages, median ${replies.p50.toFixed(0)} ms, p95 ${replies.p95.toFixed(0)} ms`,
		`CPU per message: n8n ${each(span.n8nCpuMs)} ms, PostgreSQL ${each(span.postgresCpuMs)} ms`,
		`cores idle ${percent(span.idle)}, waiting for the disk ${percent(span.disk)}, taken by other machines ${percent(span.stolen)}`,
		`a fixed calculation takes ${span.calculationMs.toFixed(2)} ms`,
	].join('; ');
}

/** The slowest minute's median in the last half: a load that falls behind only at the end shows here, not in the half's middle one. */
export function slowestOfLast(minutes: ReadonlyArray<{ readonly p50: number }>): number {
	return Math.max(...minutes.slice(Math.ceil(minutes.length / 2)).map(({ p50 }) => p50));
}

/**
 * The middle one of the minutes' figures, in the first half of the minutes (0) or the last (1). At 80 % of what a machine
 * can do, a minute in which its neighbours make it a fifth slower has double latency: one minute says nothing.
 */
export function halfOf<Kind extends 'p50' | 'p95'>(
	minutes: ReadonlyArray<Readonly<Record<Kind, number>>>,
	half: 0 | 1,
	kind: Kind,
): number {
	const middle = Math.ceil(minutes.length / 2);
	const part = half === 0 ? minutes.slice(0, middle) : minutes.slice(middle);
	return median(part.map((minute) => minute[kind]));
}

/**
 * The least memory in one fifth of the time: what is left after a garbage collection. The first fifth is the warm-up, in
 * which caches and compiled code grow.
 */
export function leastInFifth(samples: readonly Sample[], fifth: number): number {
	const size = samples.length / 5;
	const part = samples.slice(Math.floor(fifth * size), Math.ceil((fifth + 1) * size));
	return part.length === 0 ? 0 : Math.min(...part.map(({ value }) => value));
}
