import { ERRORS, formatError } from '../errors';
import type { Db } from '../ports/db';

const MINUTE_MS = 60_000;

/** A turn has had its attempts by then: burst, three runs with their time limits and backoffs. */
export const OVERDUE_MS = 15 * MINUTE_MS;

/** While it lasts, an alert of a client is repeated this often. */
const REPEAT_ALERT_MS = 60 * MINUTE_MS;

/** A client with accepted messages that have no outcome. */
export interface OverdueClient {
	readonly clientId: string;
	readonly events: number;
	readonly oldestAt: Date;
	/** Conversations that would never have been claimed and are now. */
	readonly rearmed: number;
	/** False when an earlier alert still stands. */
	readonly isNew: boolean;
}

/**
 * Compares the accepted messages with the recorded outcomes and writes an alert to `error_logs` (TRF_TURN_OVERDUE) for each
 * client that has messages without one (promise 5).
 *
 * @param olderThanMs messages younger than this may still be under way
 * @returns the clients, also those whose alert was written before
 */
export async function reconcileInbox(db: Db, olderThanMs: number = OVERDUE_MS): Promise<OverdueClient[]> {
	const { rows } = await db.query<{
		client_id: string;
		events: number;
		oldest_at: Date;
		rearmed: number;
		alerted: boolean;
	}>('select * from truffles.reconcile_inbox($1, $2)', [olderThanMs, REPEAT_ALERT_MS]);
	for (const row of rows.filter((one) => !one.alerted)) {
		await db.query('select truffles.write_error_log($1, $2, $3, $4, $5, $6, $7, $8)', [
			row.client_id,
			'2_Parse_Normalize',
			'Reconcile inbox',
			'TRF_TURN_OVERDUE',
			ERRORS.TRF_TURN_OVERDUE.family,
			formatError('TRF_TURN_OVERDUE', {
				events: row.events,
				minutes: Math.round(olderThanMs / MINUTE_MS),
				oldest: row.oldest_at.toISOString(),
			}),
			null,
			null,
		]);
	}
	return rows.map((row) => ({
		clientId: row.client_id,
		events: row.events,
		oldestAt: row.oldest_at,
		rearmed: row.rearmed,
		isNew: !row.alerted,
	}));
}
