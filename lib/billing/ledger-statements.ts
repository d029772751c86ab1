/** The two statements of the ledger: each is one round trip and one commit (functions of migration 0012). */
import type { BudgetAlert, BudgetLimits, BudgetReservation } from '../ports/billing-ledger';
import type { DbSession } from '../ports/db';
import type { Settlement } from './settlement';

export interface ReservationRequest {
	readonly clientId: string;
	readonly timeZone: string;
	readonly limits: BudgetLimits;
	readonly amountTiyn: number;
	readonly ttlMs: number;
	readonly now: Date;
}

/** Holds the amount, or says which period is used up. Run outside a transaction: the commit is the reservation. */
export async function reserveBudget(db: DbSession, request: ReservationRequest): Promise<BudgetReservation> {
	const { rows } = await db.query<{ reservation_id: string | null; reached: 'day' | 'month' | null }>(
		'select reservation_id, reached from truffles.reserve_budget($1, $2, $3, $4, $5, $6, $7)',
		[
			request.clientId,
			request.now.toISOString(),
			request.timeZone,
			request.limits.dailyTiyn,
			request.limits.monthlyTiyn,
			request.amountTiyn,
			request.ttlMs,
		],
	);
	const answer = rows[0];
	if (answer === undefined) throw new Error('reserve_budget answered no row');
	if (answer.reached !== null) return { kind: 'reached', period: answer.reached };
	return { kind: 'reserved', id: answer.reservation_id ?? '' };
}

interface ReachedLevel extends BudgetAlert {
	readonly isFirst: boolean;
}

/**
 * Writes the bill and gives the reservation back; safe to repeat.
 *
 * @returns how many rows were new, and the alert levels that this settlement is the first to cross
 */
export async function settleCalls(
	db: DbSession,
	settlement: Settlement,
	limits: BudgetLimits,
): Promise<{ written: number; alerts: BudgetAlert[] }> {
	const { rows } = await db.query<{ written: number; alerts: ReachedLevel[] }>(
		'select written, alerts from truffles.settle_calls($1, $2, $3, $4, $5, $6, $7, $8, $9::numeric, $10::jsonb)',
		[
			settlement.clientId,
			settlement.settledAt,
			settlement.timeZone,
			limits.dailyTiyn,
			limits.monthlyTiyn,
			settlement.reservationId,
			settlement.conversationId,
			settlement.turnId,
			settlement.usdKztRate,
			JSON.stringify(settlement.rows),
		],
	);
	const levels = rows[0]?.alerts ?? [];
	return {
		written: rows[0]?.written ?? 0,
		alerts: levels
			.filter((level) => level.isFirst)
			.map(({ period, level, spentTiyn, limitTiyn }) => ({ period, level, spentTiyn, limitTiyn })),
	};
}
