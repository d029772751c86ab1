import type { BillingCall } from '../item/turn-item';

/** What a client may spend, integer tiyn (1 tenge = 100 tiyn); null: no limit. Periods are counted in the client's zone. */
export interface BudgetLimits {
	readonly dailyTiyn: number | null;
	readonly monthlyTiyn: number | null;
}

export type BudgetReservation =
	| { readonly kind: 'reserved'; readonly id: string }
	/** No limit is set: nothing was written, `settle` takes null. */
	| { readonly kind: 'unlimited' }
	| { readonly kind: 'reached'; readonly period: 'day' | 'month' };

/** A level that a settlement crossed for the first time in its period. */
export interface BudgetAlert {
	readonly period: 'day' | 'month';
	readonly level: 80 | 100;
	readonly spentTiyn: number;
	readonly limitTiyn: number;
}

/**
 * Budget and bill of paid calls: reserve before the call, settle after it.
 *
 * Adapter: `lib/adapters/pg-billing-ledger.ts`. A reservation nobody settles frees itself after `ttlMs`.
 */
export interface BillingLedger {
	/** Holds `amountTiyn` (the most the call can cost, at least 1) or says which period is used up; one atomic step. */
	reserve(input: {
		readonly clientId: string;
		readonly timeZone: string;
		readonly limits: BudgetLimits;
		readonly amountTiyn: number;
		readonly ttlMs: number;
	}): Promise<BudgetReservation>;
	/**
	 * Writes one billing event per call and gives the reservation back, in one transaction; idempotent by the calls' ids.
	 * Without calls it only gives back. While the database is down the calls wait in a durable journal and `queued` is true.
	 */
	settle(input: {
		readonly clientId: string;
		readonly timeZone: string;
		readonly limits: BudgetLimits;
		readonly reservationId: string | null;
		readonly conversationId: string | null;
		readonly turnId: string | null;
		readonly calls: readonly BillingCall[];
		readonly usdKztRate: string;
	}): Promise<{ readonly written: number; readonly queued: boolean; readonly alerts: readonly BudgetAlert[] }>;
}
