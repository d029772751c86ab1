import {
	claimHandoverNotices,
	claimOutbox,
	claimTurns,
	type ClaimedTurn,
	type DueHandover,
	extendLeases,
	INBOX_CHANNEL,
	loadDueTimes,
	settleTurns,
} from '../inbox/inbox-store';
import { MAX_ATTEMPTS, turnBackoffMs } from '../inbox/retry-policy';
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
import { finishedWithin, settledWithin } from './time-limit';

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
	/** Executions with turns of one client under way at once, at most; one more is there for the others. */
	readonly maxBatches: number;
	readonly leaseMs: number;
	/** Starts an execution; resolves when it has finished, rejects when it failed as a whole. */
	readonly run: (batch: InboxBatch) => Promise<void>;
	/** Ends a turn that failed too often: fallback text, handover, outcome. */
	readonly park: (turn: ClaimedTurn) => Promise<void>;
	/** Told about problems of the pump itself (database away); never holds personal data. */
	readonly onProblem: (error: unknown) => void;
	/** An execution that takes longer counts as failed, so that its turns run again. Default ten minutes. */
	readonly maxRunMs?: number;
}

const NO_WORK: InboxBatch = { turns: [], handoverWork: [], outbox: [] };
/** Executions for managers and for resending have places of their own: neither waits behind customers' turns. */
const MAX_SIDE_BATCHES = 2;
const PLACES_FOR_OTHERS = 1;
const MAX_RUN_MS = 10 * 60_000;
/** The longest sleep: a lost notification costs at most this. */
const MAX_SLEEP_MS = 15_000;
/** Notifications that come close together are one: a look costs as much as accepting a delivery. */
const COALESCE_MS = 40;
/** When something is due but somebody else holds it at this moment, and after a problem. */
const MIN_SLEEP_MS = 200;
const PROBLEM_SLEEP_MS = 2_000;

type Kind = 'turns' | 'handover' | 'outbox';

interface RunningBatch {
	readonly kind: Kind;
	readonly clientIds: ReadonlySet<string>;
	readonly done: Promise<void>;
}

/**
 * Moves due work from PostgreSQL into executions: sleeps until the next due time or a NOTIFY, claims as much as there is
 * room for, and settles each batch when its execution has finished. Quiet times give batches of one, load gives full ones.
 *
 * No client can take every place: one that has turns in `maxBatches` executions is passed over until one of them ends, and
 * there is a place more than that. So a client whose model hangs keeps nobody else waiting.
 */
export class InboxPump {
	private stopped = false;
	private pumping = false;
	private again = false;
	private timer: NodeJS.Timeout | null = null;
	private stopListening: (() => Promise<void>) | null = null;
	private readonly running = new Set<RunningBatch>();
	private lastTurnClient: string | null = null;
	private lastOutboxClient: string | null = null;

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
		await settledWithin(
			[...this.running].map((batch) => batch.done),
			timeoutMs,
		);
	}

	private wake(): void {
		if (this.stopped) return;
		if (this.pumping) {
			this.again = true;
			return;
		}
		this.pumping = true;
		void this.pump()
			.catch((error: unknown) => {
				this.options.onProblem(error);
				this.again = false;
				return PROBLEM_SLEEP_MS;
			})
			.then((sleepMs) => {
				this.pumping = false;
				if (this.stopped) return;
				if (this.timer) clearTimeout(this.timer);
				this.timer = setTimeout(() => this.wake(), this.again ? COALESCE_MS : sleepMs);
				this.again = false;
			});
	}

	/** @returns how long to sleep; the end of a batch wakes the pump by itself */
	private async pump(): Promise<number> {
		for (;;) {
			const due = await loadDueTimes(this.options.db, this.busyClients());
			// Managers first: a take-over must not wait behind the assistant's answers.
			const lines: ReadonlyArray<readonly [Kind, number | null, () => Promise<number>]> = [
				['handover', due.handoverMs, async () => await this.claimHandoverWork()],
				['outbox', due.outboxMs, async () => await this.claimOutbox()],
				['turns', due.turnsMs, async () => await this.claimTurns()],
			];
			let sleepMs = MAX_SLEEP_MS;
			let claimed = 0;
			for (const [kind, dueMs, claim] of lines) {
				if (this.stopped || dueMs === null || !this.hasRoom(kind)) continue;
				const found = dueMs > 0 ? 0 : await claim();
				claimed += found;
				if (found === 0) sleepMs = Math.min(sleepMs, dueMs > 0 ? Math.ceil(dueMs) + 1 : MIN_SLEEP_MS);
			}
			if (claimed === 0 || this.stopped) return sleepMs;
		}
	}

	private hasRoom(kind: Kind): boolean {
		const limit = kind === 'turns' ? this.options.maxBatches + PLACES_FOR_OTHERS : MAX_SIDE_BATCHES;
		return this.runningOf(kind).length < limit;
	}

	private runningOf(kind: Kind): RunningBatch[] {
		return [...this.running].filter((batch) => batch.kind === kind);
	}

	/** Clients that already have turns in as many executions as one client may have. */
	private busyClients(): string[] {
		const batches = this.runningOf('turns');
		const limit = this.options.maxBatches;
		if (batches.length < limit) return [];
		const clients = new Set(batches.flatMap((batch) => [...batch.clientIds]));
		return [...clients].filter((client) => batches.filter((batch) => batch.clientIds.has(client)).length >= limit);
	}

	private async claimTurns(): Promise<number> {
		const { db, batchSize, leaseMs } = this.options;
		const after = this.lastTurnClient;
		const claimed = await claimTurns(db, batchSize, leaseMs, { kind: 'user', after, skip: this.busyClients() });
		this.lastTurnClient = claimed.at(-1)?.clientId ?? after;
		const turns = unspent(claimed).map((turn) => ({ ...turn, schema: CLAIMED_TURN_SCHEMA }) as const);
		this.launch('turns', { ...NO_WORK, turns }, claimed, claimed);
		return claimed.length;
	}

	private async claimHandoverWork(): Promise<number> {
		const { db, batchSize, leaseMs, onProblem } = this.options;
		const managers = await claimTurns(db, batchSize, leaseMs, { kind: 'manager' });
		const notices = await claimHandoverNotices(db, batchSize, leaseMs).catch((error: unknown): DueHandover[] => {
			onProblem(error);
			return [];
		});
		const handoverWork = [
			...unspent(managers).map((turn) => ({ ...turn, schema: MANAGER_EVENT_SCHEMA }) as const),
			...notices.map((notice) => ({ ...notice, schema: HANDOVER_DUE_SCHEMA }) as const),
		];
		this.launch('handover', { ...NO_WORK, handoverWork }, [...managers, ...notices], managers);
		return managers.length + notices.length;
	}

	private async claimOutbox(): Promise<number> {
		const { db, batchSize, leaseMs } = this.options;
		const claimed = await claimOutbox(db, batchSize, leaseMs, this.lastOutboxClient);
		this.lastOutboxClient = claimed.at(-1)?.clientId ?? this.lastOutboxClient;
		const outbox = claimed.map((due) => ({ ...due, schema: OUTBOX_SCHEMA }) as const);
		this.launch('outbox', { ...NO_WORK, outbox }, claimed, []);
		return claimed.length;
	}

	private launch(
		kind: Kind,
		work: InboxBatch,
		claimed: ReadonlyArray<{ readonly clientId: string }>,
		turns: readonly ClaimedTurn[],
	): void {
		if (claimed.length === 0) return;
		const batch: RunningBatch = {
			kind,
			clientIds: new Set(claimed.map((one) => one.clientId)),
			done: this.runBatch(work, turns).finally(() => {
				this.running.delete(batch);
				this.wake();
			}),
		};
		this.running.add(batch);
	}

	private async runBatch(work: InboxBatch, turns: readonly ClaimedTurn[]): Promise<void> {
		const { db, leaseMs, onProblem, run, maxRunMs = MAX_RUN_MS } = this.options;
		const leased = unspent(turns);
		await this.parkAll(turns.filter((turn) => !leased.includes(turn)));
		if (work.turns.length + work.handoverWork.length + work.outbox.length === 0) return;

		const heartbeat = setInterval(() => {
			if (leased.length > 0) void extendLeases(db, leased, leaseMs).catch(onProblem);
		}, leaseMs / 3).unref();
		let errorCode: string | null = null;
		try {
			await finishedWithin(run(work), maxRunMs);
		} catch (error) {
			onProblem(error);
			errorCode = 'TRF_TURN_FAILED';
		} finally {
			clearInterval(heartbeat);
		}
		try {
			if (leased.length > 0) await settleTurns(db, leased, turnBackoffMs, errorCode);
		} catch (error) {
			// The leases run out and the turns come back by themselves.
			onProblem(error);
		}
	}

	/** A turn that cannot be parked now (database away) comes back when its lease ends; it keeps no other turn waiting. */
	private async parkAll(turns: readonly ClaimedTurn[]): Promise<void> {
		for (const turn of turns) await this.options.park(turn).catch(this.options.onProblem);
	}
}

function unspent(turns: readonly ClaimedTurn[]): readonly ClaimedTurn[] {
	return turns.filter((turn) => turn.attempt <= MAX_ATTEMPTS);
}
