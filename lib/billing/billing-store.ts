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
