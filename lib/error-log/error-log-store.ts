import type { DbSession } from '../ports/db';
import type { FailureRecord } from './classify-failure';

/** Writes one row of `error_logs`. `clientId` is null for what belongs to the installation, not to a business. */
export async function saveFailure(
	tx: DbSession,
	failure: FailureRecord,
	owner: { readonly clientId: string | null; readonly turnId: string | null },
): Promise<void> {
	await tx.query('select truffles.write_error_log($1, $2, $3, $4, $5, $6, $7, $8)', [
		owner.clientId,
		failure.workflow,
		failure.node,
		failure.code,
		failure.family,
		failure.message,
		failure.executionId,
		owner.turnId,
	]);
}
