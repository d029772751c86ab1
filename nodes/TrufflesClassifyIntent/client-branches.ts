import type { BranchName } from '../../lib/classify/branch-match';
import type { TurnItem } from '../../lib/item/turn-item';
import type { Platform } from '../shared/platform';

/** The client's branches by name and address, read once per version of its configuration. */
export async function clientBranches(
	{ db, perVersion }: Pick<Platform, 'db' | 'perVersion'>,
	{ client }: TurnItem,
): Promise<readonly BranchName[]> {
	return await perVersion.get(client.id, client.configVersion, 'branches', async () => {
		return await db.asClient(client.id, async (tx) => {
			const { rows } = await tx.query<BranchName>(
				'select key, name, address from branches where client_id = $1 order by key',
				[client.id],
			);
			return rows;
		});
	});
}
