import { Client } from 'pg';
import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import { PgBillingLedger } from '../../lib/adapters/pg-billing-ledger';
import type { BillingCall } from '../../lib/item/turn-item';
import type { BudgetLimits } from '../../lib/ports/billing-ledger';
import { billingCall } from './billing-fixture';
import { startTestPostgres, type TestPostgres } from './postgres';

const ZONE = 'Asia/Almaty';
/** Tenge per dollar; with it a call of 0.02 dollars costs 1 000 tiyn. */
export const RATE = '500';
export const NOON = new Date('2026-11-21T07:00:00Z');
export const MINUTE_MS = 60_000;
/** One dollar call of 1 000 tiyn. */
export const TEN_TENGE_USD = '0.020000000';

/** Limits of a budget; what is not named has none. */
export const limits = (over: Partial<BudgetLimits> = {}): BudgetLimits => ({
	dailyTiyn: null,
	monthlyTiyn: null,
	...over,
});

/** Holds an amount for one minute. */
export const reserve = async (ledger: PgBillingLedger, clientId: string, limit: BudgetLimits, amountTiyn = 1_000) =>
	await ledger.reserve({ clientId, timeZone: ZONE, limits: limit, amountTiyn, ttlMs: MINUTE_MS });

/** Bills calls of no conversation. */
export const settle = async (
	ledger: PgBillingLedger,
	clientId: string,
	limit: BudgetLimits,
	calls: readonly BillingCall[],
	reservationId: string | null = null,
) =>
	await ledger.settle({
		clientId,
		timeZone: ZONE,
		limits: limit,
		reservationId,
		conversationId: null,
		turnId: null,
		calls,
		usdKztRate: RATE,
	});

/** A call of 1 000 tiyn. */
export const tenTenge = (over: Partial<BillingCall> = {}): BillingCall =>
	billingCall({ costUsd: TEN_TENGE_USD, ...over });

/** A database of its own and a ledger on it, with a clock that the test sets. */
export class LedgerFixture {
	now = NOON;

	private constructor(
		readonly postgres: TestPostgres,
		readonly admin: Client,
		readonly db: PgDb,
	) {}

	static async start(): Promise<LedgerFixture> {
		const postgres = await startTestPostgres();
		const admin = new Client({ connectionString: postgres.adminUrl });
		await admin.connect();
		const db = createPgDb({ connectionString: postgres.appUrl, applicationName: 'test', maxConnections: 20 });
		return new LedgerFixture(postgres, admin, db);
	}

	/** The ledger of one process; without a journal. */
	ledger(database: PgDb = this.db): PgBillingLedger {
		return new PgBillingLedger({ db: database, clock: { now: () => this.now }, journal: null });
	}

	async stop(): Promise<void> {
		await this.db.close();
		await this.admin.end();
		await this.postgres.stop();
	}
}
