import { toBillingRows } from '../billing/billing-row';
import { reserveBudget, settleCalls } from '../billing/ledger-statements';
import type { Settlement } from '../billing/settlement';
import { ERRORS, formatError, TrufflesError } from '../errors';
import type { BillingLedger, BudgetLimits, BudgetReservation } from '../ports/billing-ledger';
import type { Clock } from '../ports/clock';
import type { Db } from '../ports/db';
import type { FileBillingJournal } from './file-billing-journal';

/** How often a journal that waits is tried again, and files of dead processes are looked for. */
const REPLAY_EVERY_MS = 15_000;
const NO_LIMITS: BudgetLimits = { dailyTiyn: null, monthlyTiyn: null };
/** SQLSTATE classes that will be the same at every repetition: wrong data, broken constraints, missing rights. */
const LASTING_STATES = /^(22|23|42501)/;

export interface PgBillingLedgerOptions {
	readonly db: Db;
	readonly clock: Clock;
	/** Where bills wait while the database is down; null: `settle` fails then. */
	readonly journal: FileBillingJournal | null;
}

/**
 * Budget and bill in PostgreSQL; see the port for what each method promises.
 *
 * While the database is down `reserve` throws TRF_DB_UNREACHABLE (nothing can be promised) and `settle` writes to the
 * journal. The journal is replayed in its order before the next reservation and settlement, on `start`, and every
 * fifteen seconds. Alerts are not raised by a replay but by the next settlement, which somebody listens to.
 */
export class PgBillingLedger implements BillingLedger {
	private timer: NodeJS.Timeout | null = null;
	private running: Promise<boolean> | null = null;

	constructor(private readonly options: PgBillingLedgerOptions) {}

	/** Takes up what this or a dead process left in the journal, and looks again every fifteen seconds. */
	start(): void {
		if (this.options.journal === null || this.timer !== null) return;
		void this.replay();
		this.timer = setInterval(() => void this.replay(), REPLAY_EVERY_MS);
		this.timer.unref();
	}

	/** Waits for a running replay. What still waits stays in the journal for the next start. */
	async close(): Promise<void> {
		if (this.timer !== null) clearInterval(this.timer);
		this.timer = null;
		await this.running;
		this.options.journal?.close();
	}

	async reserve(input: Parameters<BillingLedger['reserve']>[0]): Promise<BudgetReservation> {
		const { limits } = input;
		if (limits.dailyTiyn === null && limits.monthlyTiyn === null) return { kind: 'unlimited' };
		// What waits in the journal was spent already.
		if (this.options.journal?.hasWaiting() === true) await this.replay();
		return await reserveBudget(this.options.db, { ...input, now: this.options.clock.now() });
	}

	async settle(input: Parameters<BillingLedger['settle']>[0]): ReturnType<BillingLedger['settle']> {
		if (input.calls.length === 0 && input.reservationId === null) return { written: 0, queued: false, alerts: [] };
		const settlement: Settlement = {
			clientId: input.clientId,
			timeZone: input.timeZone,
			reservationId: input.reservationId,
			conversationId: input.conversationId,
			turnId: input.turnId,
			settledAt: this.options.clock.now().toISOString(),
			usdKztRate: input.usdKztRate,
			rows: toBillingRows(input.calls, input.usdKztRate),
		};
		// In order: while older bills cannot be written, this one waits behind them.
		if (this.options.journal?.hasWaiting() === true && !(await this.replay())) return this.enqueue(settlement, null);
		try {
			const { written, alerts } = await settleCalls(this.options.db, settlement, input.limits);
			return { written, queued: false, alerts };
		} catch (error) {
			if (isLasting(error)) throw error;
			return this.enqueue(settlement, error);
		}
	}

	/** Writes what waits; one replay at a time. @returns false when something still waits */
	async replay(): Promise<boolean> {
		this.running ??= this.replayOnce().finally(() => {
			this.running = null;
		});
		return await this.running;
	}

	private async replayOnce(): Promise<boolean> {
		const { journal, db } = this.options;
		if (journal === null) return true;
		try {
			// A file is closed by being claimed; while the database is away one file takes all.
			if (journal.hasWaiting()) await db.query('select 1');
			for (const file of journal.claim()) {
				const { settlements, unreadable } = journal.read(file);
				await this.setAside(unreadable);
				for (const settlement of settlements) {
					try {
						await settleCalls(db, settlement, NO_LIMITS);
					} catch (error) {
						if (!isLasting(error)) return false;
						await this.setAside([JSON.stringify(settlement)]);
					}
				}
				journal.remove(file);
			}
			return true;
		} catch {
			// No database, or a folder that cannot be read or written; the files stay, the next run tries again.
			return false;
		}
	}

	/** Bills the database will never take; people on call read of it in the error log. */
	private async setAside(lines: readonly string[]): Promise<void> {
		const { journal, db } = this.options;
		if (journal === null || lines.length === 0) return;
		journal.setAside(lines);
		const code = 'TRF_BILL_SET_ASIDE';
		const message = formatError(code, { count: lines.length, folder: journal.folder });
		await db
			.query('select truffles.write_error_log(null, null, $1, $2, $3, $4, null, null)', [
				'Billing ledger',
				code,
				ERRORS[code].family,
				message,
			])
			.catch(() => undefined);
	}

	private enqueue(settlement: Settlement, cause: unknown): Awaited<ReturnType<BillingLedger['settle']>> {
		const { journal } = this.options;
		// A reservation alone needs no journal: it ends by itself.
		if (settlement.rows.length === 0) return { written: 0, queued: false, alerts: [] };
		if (journal === null) throw cause;
		try {
			journal.append(settlement);
		} catch (error) {
			const detail = (error as NodeJS.ErrnoException).code ?? 'unknown';
			throw new TrufflesError('TRF_BILL_NOT_STORED', { folder: journal.folder, detail }, cause ?? error);
		}
		return { written: 0, queued: true, alerts: [] };
	}
}

function isLasting(error: unknown): boolean {
	if (error instanceof TypeError || error instanceof RangeError) return true;
	const code = (error as { code?: unknown } | null)?.code;
	return typeof code === 'string' && LASTING_STATES.test(code);
}
