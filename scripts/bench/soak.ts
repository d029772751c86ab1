/** Ten minutes at 80 % of saturation: does it become slower, does memory grow? */
import type { BenchOptions, BenchRow } from './bench-row';
import { type BenchStack, withBenchStack } from './bench-stack';
import { median, type Sample } from './load/measured-times';
import { readUsage } from './process-usage';
import { StackLoads } from './stack-loads';
import { RowSheet } from './stack-rows';

const SHARE = 0.8;
const SAMPLE_EVERY_MS = 2_000;

/** The rows of `npm run bench -- soak`. */
export async function runBench({ quick }: BenchOptions): Promise<readonly BenchRow[]> {
	const [saturateMs, soakMs, warmUpMs] = quick ? [6_000, 120_000, 4_000] : [20_000, 600_000, 20_000];
	return await withBenchStack(async (stack) => {
		const sheet = new RowSheet('soak');
		const loads = new StackLoads(stack, warmUpMs);
		const saturated = await loads.saturated(saturateMs);
		const perS = saturated.result.repliesPerS;
		sheet.set('messages at saturation', perS);

		const memory = sampleMemory(stack);
		const { result } = await loads
			.flow({ kind: 'independent', perS: perS * SHARE, seed: 1 }, soakMs)
			.finally(() => memory.stop());
		const minutes = result.slices.map(({ replies }) => replies);
		process.stderr.write(`medians of the minutes: ${minutes.map(({ p50 }) => p50.toFixed(0)).join(' ')}\n`);
		const [firstP50, lastP50] = [halfOf(minutes, 0, 'p50'), halfOf(minutes, 1, 'p50')];
		sheet.set('at 80 % of it: reply, median, first five minutes', firstP50);
		sheet.set('at 80 % of it: reply, median, last five minutes', lastP50);
		sheet.set('at 80 % of it: reply, p95, last five minutes', halfOf(minutes, 1, 'p95'));
		sheet.set('last five minutes against first five, median', lastP50 / firstP50);
		const again = await loads.saturated(saturateMs);
		sheet.set('messages at saturation after the ten minutes against before', again.result.repliesPerS / perS);
		for (const [name, samples] of [
			['n8n', memory.n8n],
			['PostgreSQL', memory.postgres],
		] as const) {
			sheet.set(`own memory of ${name} at the end`, samples.at(-1)?.value ?? 0);
			const growth = leastInFifth(samples, 4) / leastInFifth(samples, 1);
			sheet.set(`own memory of ${name}, last fifth against second fifth, least of each`, growth);
		}
		sheet.set('messages without a reply, or with two', loads.unansweredOrTwice);
		return sheet.rows();
	});
}

function sampleMemory(stack: BenchStack): { n8n: Sample[]; postgres: Sample[]; stop: () => void } {
	const n8n: Sample[] = [];
	const postgres: Sample[] = [];
	const timer = setInterval(() => {
		const atMs = performance.now();
		n8n.push({ atMs, value: readUsage(stack.n8nPid)?.ownMb ?? 0 });
		postgres.push({ atMs, value: readUsage(stack.postgresPid)?.ownMb ?? 0 });
	}, SAMPLE_EVERY_MS);
	return { n8n, postgres, stop: () => clearInterval(timer) };
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
