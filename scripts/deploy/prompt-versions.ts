import { createPgDb } from '../../lib/adapters/pg-db';
import type { Db } from '../../lib/ports/db';
import type { PromptVersion } from '../../lib/workflows/deploy-record';

const CONNECTION = { applicationName: 'truffles deploy', maxConnections: 1 };

/**
 * Every client's active prompts. Null when this role sees only single clients (`truffles_app`): an incomplete list
 * would look like "there were none".
 * @throws TRF_DB_UNREACHABLE
 */
export async function readActivePrompts(databaseUrl: string): Promise<PromptVersion[] | null> {
	const db = createPgDb({ ...CONNECTION, connectionString: databaseUrl });
	try {
		if (!(await seesEveryClient(db))) return null;
		const { rows } = await db.query<PromptVersion>(
			`select client_id as "clientId", name, version from prompts where is_active order by client_id, name`,
		);
		return rows;
	} finally {
		await db.close();
	}
}

/**
 * Makes these prompt versions the active ones again, in one transaction. Prompts of clients and names that the list does
 * not hold came later and stay as they are.
 * @returns how many rows changed; null, and nothing changed, when this role sees only single clients
 */
export async function restoreActivePrompts(
	databaseUrl: string,
	prompts: readonly PromptVersion[],
): Promise<number | null> {
	const db = createPgDb({ ...CONNECTION, connectionString: databaseUrl });
	const wanted = `jsonb_to_recordset($1::jsonb) as wanted("clientId" uuid, name text, version integer)
		where wanted."clientId" = prompts.client_id and wanted.name = prompts.name`;
	try {
		if (!(await seesEveryClient(db))) return null;
		return await db.transaction(async (tx) => {
			const list = [JSON.stringify(prompts)];
			// Off before on: one active version per name is a unique index.
			const off = await tx.query<{ client_id: string }>(
				`update prompts set is_active = false where is_active and exists (select from ${wanted} and wanted.version <> prompts.version) returning client_id`,
				list,
			);
			const on = await tx.query<{ client_id: string }>(
				`update prompts set is_active = true where not is_active and exists (select from ${wanted} and wanted.version = prompts.version) returning client_id`,
				list,
			);
			const changed = [...off.rows, ...on.rows].map((row) => row.client_id);
			// What processes remember of a client holds for one version of its configuration.
			await tx.query('update clients set config_version = config_version + 1 where id = any($1::uuid[])', [changed]);
			return changed.length;
		});
	} finally {
		await db.close();
	}
}

/** Under row security the queries above would find nothing, and that would look like "nothing to do". */
async function seesEveryClient(db: Db): Promise<boolean> {
	const { rows } = await db.query<{ bound: boolean }>(`select row_security_active('prompts') as bound`);
	return rows[0]?.bound === false;
}
