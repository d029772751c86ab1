/** Ten minutes at 80 % of saturation: does it become slower, does memory grow? */
import type { BenchOptions, BenchRow } from './bench-row';
import { type BenchStack, withBenchStack } from './bench-stack';
import { type Sample, summarizeTimes } from './load/measured-times';
import { readUsage } from './process-usage';
import { StackLoads } from './stack-loads';
import { RowSheet } from './stack-rows';

const SATURATION = { kind: 'window', size: 400 } as const;
const SHARE = 0.8;
const SAMPLE_EVERY_MS = 2_000;

/** The rows of `npm run bench -- soak`. */
export async function runBench({ quick }: BenchOptions): Promise<readonly BenchRow[]> {
	const [saturateMs, soakMs, warmUpMs] = quick ? [6_000, 120_000, 4_000] : [20_000, 600_000, 20_000];
	return await withBenchStack(async (stack) => {
		const sheet = new RowSheet('soak');
		const loads = new StackLoads(stack, warmUpMs);
		const saturated = await loads.flow(SATURATION, saturateMs);
		const perS = saturated.result.repliesPerS;
		sheet.set('messages at saturation', perS);

		const memory = sampleMemory(stack);
		const { result } = await loads
			.flow({ kind: 'independent', perS: perS * SHARE, seed: 1 }, soakMs)
			.finally(() => memory.stop());
		const first = result.slices[0]?.replies ?? summarizeTimes([]);
		const last = result.slices.at(-1)?.replies ?? summarizeTimes([]);
		sheet.set('at 80 % of it: reply, median of the first minute', first.p50);
		sheet.set('at 80 % of it: reply, median of the last minute', last.p50);
		sheet.set('at 80 % of it: reply, p95 of the last minute', last.p95);
		sheet.set('last minute against first, median', last.p50 / first.p50);
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
 * The least memory in one fifth of the time: what is left after a garbage collection. The first fifth is the warm-up, in
 * which caches and compiled code grow.
 */
export function leastInFifth(samples: readonly Sample[], fifth: number): number {
	const size = samples.length / 5;
	const part = samples.slice(Math.floor(fifth * size), Math.ceil((fifth + 1) * size));
	return part.length === 0 ? 0 : Math.min(...part.map(({ value }) => value));
}
