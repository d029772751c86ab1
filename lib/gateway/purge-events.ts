import type { DbSession } from '../ports/db';

/** Meta repeats a delivery for seven days; without its row a repeated one would count as new. The database insists too. */
export const MIN_EVENT_AGE_DAYS = 8;

/**
 * Deletes accepted events whose work is finished and that are older than `ageDays`, in batches, so that no lock is held
 * for long. Messages, turns and their outcomes stay.
 *
 * @param batchRows rows per transaction
 * @returns how many were deleted
 */
export async function purgeInboundEvents(db: DbSession, ageDays: number, batchRows = 5_000): Promise<number> {
	for (let total = 0; ;) {
		const { rows } = await db.query<{ deleted: number }>('select truffles.purge_inbound_events($1, $2) as deleted', [
			ageDays,
			batchRows,
		]);
		const deleted = rows[0]?.deleted ?? 0;
		total += deleted;
		if (deleted < batchRows) return total;
	}
}
