import { DateTime } from 'luxon';
import type { BillingCall } from '../item/turn-item';
import type { DbSession } from '../ports/db';
import { toBillingRows } from './billing-row';

export interface CallsToRecord {
	readonly clientId: string;
	readonly conversationId: string | null;
	readonly turnId: string | null;
	readonly calls: readonly BillingCall[];
	/** Tenge per dollar on the day of the call, decimal string; stored beside each row. */
	readonly usdKztRate: string;
}

/**
 * Writes one `billing_events` row per attempt, adds the cost to the turn and, by a trigger, to the day's counters in
 * `usage`. One round trip, in the caller's transaction.
 *
 * Idempotent by the call's id: a second run writes nothing and adds nothing.
 *
 * @returns how many rows were new
 */
export async function recordCalls(tx: DbSession, input: CallsToRecord): Promise<{ written: number }> {
	if (input.calls.length === 0) return { written: 0 };
	const { rows } = await tx.query<{ written: number }>(
		'select truffles.record_billing_events($1, $2, $3, $4::numeric, null, $5::jsonb) as written',
		[
			input.clientId,
			input.conversationId,
			input.turnId,
			input.usdKztRate,
			JSON.stringify(toBillingRows(input.calls, input.usdKztRate)),
		],
	);
	return { written: rows[0]?.written ?? 0 };
}

export interface MonthSpend {
	/** Decimal string, nine places. */
	readonly costUsd: string;
	/** Decimal string, six places. */
	readonly costKzt: string;
	/** `costKzt` in tiyn, rounded up, to compare with `monthlyBudgetTiyn`. */
	readonly spentTiyn: number;
}

/**
 * What a client's paid calls cost since the first day of the month of `now`, in the client's zone.
 *
 * @param timeZone IANA zone the month is counted in
 */
export async function monthSpend(
	tx: DbSession,
	clientId: string,
	now: Date,
	timeZone = 'Asia/Almaty',
): Promise<MonthSpend> {
	const from = DateTime.fromJSDate(now, { zone: timeZone }).startOf('month');
	const { rows } = await tx.query<{ usd: string; kzt: string; tiyn: string }>(
		`select coalesce(sum(cost_usd), 0)::numeric(18,9)::text as usd, coalesce(sum(cost_kzt), 0)::numeric(18,6)::text as kzt,
			ceil(coalesce(sum(cost_kzt), 0) * 100)::bigint::text as tiyn
		   from billing_events where client_id = $1 and created_at >= $2 and created_at < $3`,
		[clientId, from.toUTC().toISO(), from.plus({ months: 1 }).toUTC().toISO()],
	);
	const row = rows[0];
	return { costUsd: row?.usd ?? '0.000000000', costKzt: row?.kzt ?? '0.000000', spentTiyn: Number(row?.tiyn ?? 0) };
}
