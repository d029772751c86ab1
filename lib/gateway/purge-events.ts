import type { DbSession } from '../ports/db';

/** Meta repeats a delivery for seven days; without its row a repeated one would count as new. The database insists too. */
export const MIN_EVENT_AGE_DAYS = 8;

/** How long the inbox trigger keeps accepted events when its field says nothing else. */
export const DEFAULT_EVENT_AGE_DAYS = 30;

const BATCH_ROWS = 1_000;
const MAX_BATCHES = 20;

/**
 * Deletes accepted events whose work is finished and that are older than `ageDays`, in batches, so that no lock is held
 * for long. Messages, turns and their outcomes stay. An event whose turn has no outcome stays however old it is.
 *
 * One process at a time does it: while another one is at it, this one stops.
 *
 * @param batchRows  rows per transaction
 * @param maxBatches what is left after them is for the next time
 * @returns how many were deleted
 */
export async function purgeInboundEvents(
	db: DbSession,
	ageDays: number,
	{
		batchRows = BATCH_ROWS,
		maxBatches = MAX_BATCHES,
	}: { readonly batchRows?: number; readonly maxBatches?: number } = {},
): Promise<number> {
	let total = 0;
	for (let batch = 0; batch < maxBatches; batch += 1) {
		const { rows } = await db.query<{ deleted: number | null }>(
			'select truffles.purge_inbound_events($1, $2) as deleted',
			[ageDays, batchRows],
		);
		const deleted = rows[0]?.deleted ?? 0;
		total += deleted;
		if (deleted < batchRows) break;
	}
	return total;
}
