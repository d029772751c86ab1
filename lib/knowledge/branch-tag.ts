import type { DbSession } from '../ports/db';

/** The tag of the knowledge that belongs to one branch only; null when the branch has none. */
export async function loadBranchTag(tx: DbSession, clientId: string, branchId: string): Promise<string | null> {
	const { rows } = await tx.query<{ knowledge_tag: string | null }>(
		'select knowledge_tag from branches where client_id = $1 and id = $2',
		[clientId, branchId],
	);
	return rows[0]?.knowledge_tag ?? null;
}
