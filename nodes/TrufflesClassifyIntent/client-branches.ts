import type { BranchName } from '../../lib/classify/branch-match';
import type { Db } from '../../lib/ports/db';

/** Branches of this many clients are kept in memory; the oldest go first. */
const MAX_CLIENTS = 500;

const cache = new Map<string, Promise<readonly BranchName[]>>();

/** The client's branches by name and address, read once per version of its configuration and process. */
export async function clientBranches(db: Db, clientId: string, configVersion: number): Promise<readonly BranchName[]> {
	const key = `${clientId}:${configVersion}`;
	const known = cache.get(key);
	if (known !== undefined) return await known;
	const branches = load(db, clientId);
	cache.set(key, branches);
	branches.catch(() => cache.delete(key));
	const oldest = cache.size > MAX_CLIENTS ? cache.keys().next().value : undefined;
	if (oldest !== undefined) cache.delete(oldest);
	return await branches;
}

async function load(db: Db, clientId: string): Promise<readonly BranchName[]> {
	return await db.asClient(clientId, async (tx) => {
		const { rows } = await tx.query<BranchName>(
			'select key, name, address from branches where client_id = $1 order by key',
			[clientId],
		);
		return rows;
	});
}
