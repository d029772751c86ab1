import {
	claimHandoverNotices,
	claimOutbox,
	claimTurns,
	type ClaimedTurn,
	extendLeases,
	INBOX_CHANNEL,
	nextDueMs,
	settleTurns,
} from '../inbox/inbox-store';
import {
	CLAIMED_TURN_SCHEMA,
	HANDOVER_DUE_SCHEMA,
	type HandoverDueItem,
	MANAGER_EVENT_SCHEMA,
	type ManagerEventItem,
	OUTBOX_SCHEMA,
	type ClaimedTurnItem,
	type OutboxItem,
} from '../inbox/work-item';
import type { Db } from '../ports/db';

/** One execution's worth of work; exactly one list is filled, so that each kind has executions of its own. */
export interface InboxBatch {
	readonly turns: readonly ClaimedTurnItem[];
	readonly handoverWork: ReadonlyArray<ManagerEventItem | HandoverDueItem>;
	readonly outbox: readonly OutboxItem[];
}

export interface InboxPumpOptions {
	readonly db: Db;
	/** Items of one kind per execution, at most. */
	readonly batchSize: number;
	/** Executions under way at once, at most. */
	readonly maxBatches: number;
	readonly leaseMs: number;
	/** Starts an execution; resolves when it has finished, rejects when it failed as a whole. */
	readonly run: (batch: InboxBatch) => Promise<void>;
	/** Ends a turn that failed too often: fallback text, handover, outcome. */
	readonly park: (turn: ClaimedTurn) => Promise<void>;
	/** Told about problems of the pump itself (database away); never holds personal data. */
	readonly onProblem: (error: unknown) => void;
}

/** A turn that has had this many attempts is parked by the next claim. */
export const MAX_ATTEMPTS = 3;
/** Wait before a failed turn is tried again, by attempt: 2 s, 8 s, 32 s. */
const backoffMs = (attempt: number): number => 2_000 * 4 ** (attempt - 1);
/** The longest sleep: a lost notification costs at most this. */
const MAX_SLEEP_MS = 15_000;
/** When something is due but cannot be claimed yet (an earlier message is in flight), and after a problem. */
const MIN_SLEEP_MS = 200;
const PROBLEM_SLEEP_MS = 2_000;

/**
 * Moves due work from PostgreSQL into executions: sleeps until the next due time or a NOTIFY, claims as much as there is
 * room for, and settles each batch when its execution has finished. Quiet times give batches of one, load gives full ones.
 */
export class InboxPump {
	private inFlight = 0;
	private stopped = false;
	private running = false;
	private again = false;
	private timer: NodeJS.Timeout | null = null;
	private stopListening: (() => Promise<void>) | null = null;
	private readonly batches = new Set<Promise<void>>();

	constructor(private readonly options: InboxPumpOptions) {}

	async start(): Promise<void> {
		this.stopListening = await this.options.db.listen(INBOX_CHANNEL, () => this.wake());
		this.wake();
	}

	/** Takes nothing new and waits for the executions under way, at most `timeoutMs`; what remains is freed by its lease. */
	async stop(timeoutMs: number): Promise<void> {
		this.stopped = true;
		if (this.timer) clearTimeout(this.timer);
		await this.stopListening?.();
		let expired: NodeJS.Timeout | undefined;
		const limit = new Promise<void>((resolve) => {
			expired = setTimeout(resolve, timeoutMs);
		});
		await Promise.race([Promise.allSettled([...this.batches]), limit]);
		clearTimeout(expired);
	}

	private wake(): void {
		if (this.stopped) return;
		if (this.running) {
			this.again = true;
			return;
		}
		this.running = true;
		void this.pumpOnce()
			.catch((error: unknown) => {
				this.options.onProblem(error);
				return PROBLEM_SLEEP_MS;
			})
			.then((sleepMs) => {
				this.running = false;
				if (this.stopped) return;
				if (this.timer) clearTimeout(this.timer);
				if (this.again) {
					this.again = false;
					this.wake();
				} else {
					this.timer = setTimeout(() => this.wake(), sleepMs);
				}
			});
	}

	/** @returns how long to sleep; a full house sleeps until a batch ends, which wakes the pump */
	private async pumpOnce(): Promise<number> {
		const { db } = this.options;
		let claimedAny = true;
		while (!this.stopped && this.hasRoom()) {
			const dueMs = await nextDueMs(db);
			if (dueMs === null) return MAX_SLEEP_MS;
			if (dueMs > 0) return Math.min(Math.ceil(dueMs) + 1, MAX_SLEEP_MS);
			if (!claimedAny) return MIN_SLEEP_MS;
			claimedAny = await this.claimAll();
		}
		return MAX_SLEEP_MS;
	}

	private hasRoom(): boolean {
		return this.inFlight < this.options.maxBatches;
	}

	private async claimAll(): Promise<boolean> {
		const { db, batchSize, leaseMs } = this.options;
		const claimed = await claimTurns(db, batchSize, leaseMs);
		for (const turn of claimed.filter((one) => one.attempt > MAX_ATTEMPTS)) await this.options.park(turn);
		const fresh = claimed.filter((one) => one.attempt <= MAX_ATTEMPTS);
		const turns = fresh.filter((one) => one.kind === 'user');
		const managers = fresh.filter((one) => one.kind === 'manager');
		const notices = await claimHandoverNotices(db, batchSize, leaseMs);
		const outbox = await claimOutbox(db, batchSize, leaseMs);

		// Managers first: a take-over must not wait behind the bot's answers.
		this.launch(
			{
				turns: [],
				handoverWork: [
					...managers.map((turn) => ({ ...turn, schema: MANAGER_EVENT_SCHEMA }) as const),
					...notices.map((notice) => ({ ...notice, schema: HANDOVER_DUE_SCHEMA }) as const),
				],
				outbox: [],
			},
			managers,
		);
		this.launch(
			{ turns: [], handoverWork: [], outbox: outbox.map((due) => ({ ...due, schema: OUTBOX_SCHEMA }) as const) },
			[],
		);
		this.launch(
			{ turns: turns.map((turn) => ({ ...turn, schema: CLAIMED_TURN_SCHEMA }) as const), handoverWork: [], outbox: [] },
			turns,
		);
		return claimed.length + notices.length + outbox.length > 0;
	}

	private launch(batch: InboxBatch, leased: readonly ClaimedTurn[]): void {
		if (batch.turns.length + batch.handoverWork.length + batch.outbox.length === 0) return;
		this.inFlight += 1;
		const done = this.runBatch(batch, leased).finally(() => {
			this.inFlight -= 1;
			this.batches.delete(done);
			this.wake();
		});
		this.batches.add(done);
	}

	private async runBatch(batch: InboxBatch, leased: readonly ClaimedTurn[]): Promise<void> {
		const { db, leaseMs, run, onProblem } = this.options;
		const heartbeat = setInterval(() => {
			if (leased.length > 0) void extendLeases(db, leased, leaseMs).catch(onProblem);
		}, leaseMs / 3);
		let errorCode: string | null = null;
		try {
			await run(batch);
		} catch (error) {
			onProblem(error);
			errorCode = 'TRF_TURN_FAILED';
		} finally {
			clearInterval(heartbeat);
		}
		try {
			if (leased.length > 0) await settleTurns(db, leased, backoffMs, errorCode);
		} catch (error) {
			// The leases run out and the turns come back by themselves.
			onProblem(error);
		}
	}
}
