/** Does a message take longer with many clients, or with many messages stored? */
import type { BenchOptions, BenchRow } from './bench-row';
import { withBenchStack } from './bench-stack';
import { addClients, storeMessages } from './growth-fill';
import { type Measured, StackLoads } from './stack-loads';
import { RowSheet } from './stack-rows';

const FEW_MESSAGES = 1_000;
const MANY_MESSAGES = 1_000_000;
const MANY_CLIENTS = 1_000;
const PER_S = 5;
const PACE = { kind: 'independent', perS: PER_S, seed: 7 } as const;

/** The rows of `npm run bench -- growth`. With `quick` there are 100,000 messages and 50 clients instead. */
export async function runBench({ quick }: BenchOptions): Promise<readonly BenchRow[]> {
	const [measureMs, warmUpMs, many, clients] = quick
		? [6_000, 3_000, MANY_MESSAGES / 10, 50]
		: [30_000, 10_000, MANY_MESSAGES, MANY_CLIENTS];
	return await withBenchStack(async (stack) => {
		const sheet = new RowSheet('growth');
		const loads = new StackLoads(stack, warmUpMs);
		const put = (load: string, { result }: Measured): void => {
			sheet.set(`${load}: reply, median`, result.replies.p50);
			sheet.set(`${load}: reply, p95`, result.replies.p95);
		};
		await storeMessages(stack.admin, stack.client.clientId, FEW_MESSAGES);
		// The first figure must not be the one of a cold process.
		await loads.flow({ kind: 'window', size: 20 }, measureMs);
		put('1 client, 1,000 messages stored', await loads.flow(PACE, measureMs));
		process.stderr.write(`storing ${many} messages\n`);
		await storeMessages(stack.admin, stack.client.clientId, many - FEW_MESSAGES);
		put('1 client, 1,000,000 messages stored', await loads.flow(PACE, measureMs));
		process.stderr.write(`adding ${clients} clients\n`);
		const urls = await addClients(stack, clients);
		put('1,000 clients, each message the first of its client', await loads.flow(PACE, measureMs, { urls }));
		put('1,000 clients, the same ones write again', await loads.flow(PACE, measureMs, { urls }));
		sheet.set('messages without a reply, or with two', loads.unansweredOrTwice);
		return sheet.rows();
	});
}
