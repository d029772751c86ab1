/** The whole flow, from a customer's message to the call that sends the reply. */
import type { BenchOptions, BenchRow } from './bench-row';
import { withBenchStack } from './bench-stack';
import { median } from './load/measured-times';
import { type Measured, StackLoads } from './stack-loads';
import { CUSTOMERS_AT_SATURATION, MODEL_AT_ONCE, MODEL_SLOW, RowSheet } from './stack-rows';

const RATES_PER_S = [50, 10, 1];

/** The rows of `npm run bench -- flow`. */
export async function runBench({ quick }: BenchOptions): Promise<readonly BenchRow[]> {
	const [rounds, measureMs, warmUpMs] = quick ? [1, 6_000, 4_000] : [3, 20_000, 10_000];
	return await withBenchStack(async (stack) => {
		const sheet = new RowSheet('flow');
		const loads = new StackLoads(stack, warmUpMs);
		const bare: Measured[] = [];
		const flow: Measured[] = [];
		const slow: Measured[] = [];
		// In turn, so that whatever else the machine does falls on all of them alike.
		for (let round = 0; round < rounds; round += 1) {
			bare.push(await loads.bare(measureMs));
			flow.push(await loads.saturated(measureMs));
			slow.push(await loads.saturated(measureMs, { modelDelayMs: 1_000 }));
		}
		const barePerS = median(bare.map(({ result }) => result.answersPerS));
		sheet.set('bare n8n webhook: requests', barePerS);
		for (const [model, delayMs, saturated] of [
			[MODEL_AT_ONCE, 0, flow],
			[MODEL_SLOW, 1_000, slow],
		] as const) {
			const perS = median(saturated.map(({ result }) => result.repliesPerS));
			const middle = (which: 'p50' | 'p95'): number => median(saturated.map(({ result }) => result.replies[which]));
			sheet.set(`${model}: messages at saturation`, perS);
			sheet.set(`${model}: messages at saturation against bare requests`, perS / barePerS);
			sheet.set(`${model}: saturation, ${CUSTOMERS_AT_SATURATION} customers waiting: reply, median`, middle('p50'));
			sheet.set(`${model}: saturation, ${CUSTOMERS_AT_SATURATION} customers waiting: reply, p95`, middle('p95'));
			for (const rate of RATES_PER_S) {
				const pace = { kind: 'independent', perS: rate, seed: rate } as const;
				const { result } = await loads.flow(pace, measureMs, { modelDelayMs: delayMs });
				const load = `${model}: ${rate} ${rate === 1 ? 'message' : 'messages'}/s`;
				sheet.set(`${load}: reply, median`, result.replies.p50);
				sheet.set(`${load}: reply, p95`, result.replies.p95);
			}
		}
		const single = await loads.single(measureMs);
		sheet.set('one message, no model: reply, median', single.result.replies.p50);
		sheet.set('one message, no model: reply, p95', single.result.replies.p95);

		const cost = (all: readonly Measured[], of: keyof Measured['costEach']): number =>
			median(all.map(({ costEach }) => costEach[of]));
		sheet.set('CPU per message, n8n', cost(flow, 'n8nMs'));
		sheet.set('CPU per message, PostgreSQL', cost(flow, 'postgresMs'));
		sheet.set('CPU per message, customers and stand-ins', cost(flow, 'worldMs'));
		sheet.set('CPU per bare request, n8n', cost(bare, 'n8nMs'));
		sheet.set('CPU per bare request, PostgreSQL', cost(bare, 'postgresMs'));
		const memory = (of: keyof Measured['memoryMb']): number => median(flow.map(({ memoryMb }) => memoryMb[of]));
		sheet.set('memory, n8n', memory('n8n'));
		sheet.set('memory, PostgreSQL', memory('postgres'));
		sheet.set('memory, customers and stand-ins', memory('world'));

		const usualSize = await stack.setBatchSize(1);
		const one = await loads.saturated(measureMs);
		await stack.setBatchSize(usualSize);
		const usual = await loads.saturated(measureMs);
		sheet.set('batches of one: messages at saturation', one.result.repliesPerS);
		sheet.set('what batching brings', usual.result.repliesPerS / one.result.repliesPerS);
		sheet.set('messages without a reply, or with two', loads.unansweredOrTwice);
		return sheet.rows();
	});
}
