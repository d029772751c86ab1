import { TrufflesError } from '../../lib/errors';
import type { Db } from '../../lib/ports/db';

/** What sending needs of a client besides settings and secrets. */
export interface ClientRow {
	readonly slug: string;
	readonly config_version: number;
	readonly data_key_wrapped: Buffer;
}

/** Rows of this many clients are kept in memory; the least recently used goes first. */
const MAX_CACHED_CLIENTS = 2_000;

/**
 * Reads a client's row once per version of its configuration; without a version always from the database.
 * A version that is older than the row's costs a read per change, and what is read is the newer row.
 *
 * Throws TRF_CLIENT_UNKNOWN.
 */
export function cachedClientRows(db: Db): (clientId: string, configVersion?: number) => Promise<ClientRow> {
	const cache = new Map<string, { readonly version: number; readonly row: ClientRow }>();
	return async (clientId, configVersion) => {
		const cached = cache.get(clientId);
		if (cached !== undefined && cached.version === configVersion) {
			cache.delete(clientId);
			cache.set(clientId, cached);
			return cached.row;
		}
		const row = await loadClient(db, clientId);
		if (configVersion !== undefined) {
			cache.delete(clientId);
			cache.set(clientId, { version: configVersion, row });
			const oldest = cache.size > MAX_CACHED_CLIENTS ? cache.keys().next().value : undefined;
			if (oldest !== undefined) cache.delete(oldest);
		}
		return row;
	};
}

async function loadClient(db: Db, clientId: string): Promise<ClientRow> {
	const { rows } = await db.asClient(
		clientId,
		async (tx) =>
			await tx.query<ClientRow>('select slug, config_version, data_key_wrapped from clients where id = $1', [clientId]),
	);
	const row = rows[0];
	if (row === undefined) throw new TrufflesError('TRF_CLIENT_UNKNOWN');
	return row;
}
