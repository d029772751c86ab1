import type { BenchStack } from './bench-stack';
import { FACT_QUESTIONS, MIXED_QUESTIONS } from './customers-texts';
import type { Pace } from './load/arrival-times';
import type { LoadJob, LoadResult } from './load/load-job';
import { type ProcessUsage, readUsage } from './process-usage';
import { CUSTOMERS_AT_SATURATION } from './stack-rows';

/** As many connections as a busy WhatsApp gateway keeps open. */
const REQUESTS_AT_ONCE = 16;
const REPLY_WAIT_MS = 60_000;
const CUSTOMERS = 2_000;
const MS_PER_S = 1_000;
/** Far longer than a load of acceptance takes; the longest that a client may have. */
const LONG_WAIT_MS = 60_000;
const IDLE_POLL_MS = 250;

/** What the processes have used for one message or request. */
export interface CostEach {
	readonly n8nMs: number;
	readonly postgresMs: number;
	readonly worldMs: number;
}

export interface Measured {
	readonly result: LoadResult;
	readonly costEach: CostEach;
	readonly memoryMb: { readonly n8n: number; readonly postgres: number; readonly world: number };
}

/** The loads of the benchmarks, one after another on one stack. */
export class StackLoads {
	private faults = 0;

	constructor(
		private readonly stack: BenchStack,
		private readonly warmUpMs: number,
	) {}

	/** Messages of all flow loads that had no reply, and replies that answered nothing. */
	get unansweredOrTwice(): number {
		return this.faults;
	}

	/** The bare webhook. */
	async bare(measureMs: number): Promise<Measured> {
		return await this.run({
			urls: [this.stack.bareUrl],
			headers: {},
			pace: { kind: 'window', size: REQUESTS_AT_ONCE },
			measureMs,
		});
	}

	/** Acceptance alone: turns wait meanwhile, as they do for the rest of a burst, and are answered afterwards. */
	async acceptance(measureMs: number): Promise<Measured> {
		await this.stack.setBurstWait(LONG_WAIT_MS);
		try {
			return await this.run({ pace: { kind: 'window', size: REQUESTS_AT_ONCE }, measureMs });
		} finally {
			await this.stack.setBurstWait(0);
			await this.untilIdle();
		}
	}

	/** The whole flow. */
	async flow(
		pace: Pace,
		measureMs: number,
		options: Partial<Pick<LoadJob, 'modelDelayMs' | 'urls' | 'texts'>> = {},
	): Promise<Measured> {
		const measured = await this.run({ pace, measureMs, replyWaitMs: REPLY_WAIT_MS, ...options });
		const { unanswered, superfluous, refused } = measured.result;
		this.faults += unanswered + superfluous + refused;
		for (const fault of measured.result.faults) process.stderr.write(`${fault}\n`);
		return measured;
	}

	/** The whole flow, with as many messages as it can answer. */
	async saturated(measureMs: number, options: Partial<Pick<LoadJob, 'modelDelayMs'>> = {}): Promise<Measured> {
		return await this.flow({ kind: 'window', size: CUSTOMERS_AT_SATURATION }, measureMs, options);
	}

	/** Single messages that facts answer. */
	async single(measureMs: number): Promise<Measured> {
		return await this.flow({ kind: 'steady', perS: 1 }, measureMs, { texts: FACT_QUESTIONS });
	}

	private async run(part: Partial<LoadJob> & Pick<LoadJob, 'pace' | 'measureMs'>): Promise<Measured> {
		const { stack } = this;
		const job: LoadJob = {
			urls: [stack.gatewayUrl],
			headers: stack.gatewayHeaders,
			warmUpMs: this.warmUpMs,
			replyWaitMs: 0,
			customers: CUSTOMERS,
			texts: MIXED_QUESTIONS,
			modelDelayMs: 0,
			...part,
		};
		let before = this.usage();
		let after = before;
		const result = await stack.world.run(job, {
			onMeasuring: () => {
				before = this.usage();
			},
			onMeasured: () => {
				after = this.usage();
			},
		});
		const perS = job.replyWaitMs > 0 ? result.repliesPerS : result.answersPerS;
		const count = Math.max(1, (perS * result.measuredMs) / MS_PER_S);
		const each = (name: keyof typeof before): number => (after[name].cpuMs - before[name].cpuMs) / count;
		return {
			result,
			costEach: { n8nMs: each('n8n'), postgresMs: each('postgres'), worldMs: each('world') },
			memoryMb: { n8n: after.n8n.memoryMb, postgres: after.postgres.memoryMb, world: after.world.memoryMb },
		};
	}

	private usage(): Record<'n8n' | 'postgres' | 'world', ProcessUsage> {
		const { n8nPid, postgresPid, world } = this.stack;
		const none = { cpuMs: 0, memoryMb: 0, ownMb: 0 };
		return {
			n8n: readUsage(n8nPid) ?? none,
			postgres: readUsage(postgresPid) ?? none,
			world: readUsage(world.pid) ?? none,
		};
	}

	/** Lets turns go that wait, and waits for all of them. */
	async untilIdle(): Promise<void> {
		const { admin } = this.stack;
		await admin.query('update truffles.conversation_lanes set due_at = now() where due_at > now()');
		await admin.query(`select pg_notify('truffles_inbox', '')`);
		for (;;) {
			const { rowCount } = await admin.query(
				'select from truffles.conversation_lanes where ready_at is not null limit 1',
			);
			if (rowCount === 0) return;
			await new Promise((resolve) => setTimeout(resolve, IDLE_POLL_MS));
		}
	}
}
