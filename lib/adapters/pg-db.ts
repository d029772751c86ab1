/** PostgreSQL behind the port `Db`: one pool, sessions bound to a client by row-level security. */
import { escapeLiteral, Pool, type PoolClient, type QueryConfig } from 'pg';
import { TrufflesError } from '../errors';
import type { Db, DbResult, DbSession } from '../ports/db';
import { asDbError } from './pg-failure';
import { listenOnChannel } from './pg-listener';

export interface PgDbOptions {
	readonly connectionString: string;
	/** Default 10. */
	readonly maxConnections?: number;
	/** Shown in pg_stat_activity. */
	readonly applicationName: string;
	/** A statement that runs longer is cancelled. Default 15 000; 0 means no limit. */
	readonly statementTimeoutMs?: number;
	/** Default 5 000. */
	readonly connectTimeoutMs?: number;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Statements that a process prepares, at most; all of ours are fixed texts, and there are some two hundred. */
const MAX_PREPARED = 1_000;
/** SQLSTATE of "cached plan must not change result type": a migration has changed what a prepared statement answers. */
const FEATURE_NOT_SUPPORTED = '0A000';

const preparedNames = new Map<string, string>();

/** Every connection looks names up in `truffles` first. */
export const SEARCH_PATH_OPTION = '-c search_path=truffles,public';

/** Makes the adapter; connects on first use. */
export function createPgDb(options: PgDbOptions): PgDb {
	return new PgDb(options);
}

/** See the port for the meaning of each method. Connection failures are thrown as TRF_DB_UNREACHABLE. */
export class PgDb implements Db {
	private readonly pool: Pool;
	private readonly stopListening = new Set<() => Promise<void>>();
	private closing: Promise<void> | null = null;

	constructor(private readonly options: PgDbOptions) {
		this.pool = new Pool({
			connectionString: options.connectionString,
			max: options.maxConnections ?? 10,
			application_name: options.applicationName,
			connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
			statement_timeout: options.statementTimeoutMs ?? 15_000,
			idleTimeoutMillis: 30_000,
			keepAlive: true,
			options: SEARCH_PATH_OPTION,
		});
		// An idle connection that breaks is replaced on next use; without a listener it would end the process.
		this.pool.on('error', () => undefined);
	}

	async query<Row = Record<string, unknown>>(text: string, params: readonly unknown[] = []): Promise<DbResult<Row>> {
		try {
			const result = await this.pool.query(prepared(text, params));
			return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 };
		} catch (error) {
			throw asDbError(error);
		}
	}

	async asClient<T>(clientId: string, work: (tx: DbSession) => Promise<T>): Promise<T> {
		if (!UUID.test(clientId)) throw new TypeError('asClient needs the id of a client (UUID)');
		// One round trip; the id is a UUID, so that nothing can be smuggled in.
		return this.inTransaction(`begin; select set_config('truffles.client_id', ${escapeLiteral(clientId)}, true)`, work);
	}

	async transaction<T>(work: (tx: DbSession) => Promise<T>): Promise<T> {
		return this.inTransaction('begin', work);
	}

	async listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>> {
		const stop = await listenOnChannel(this.options, channel, onNotify);
		const stopOnce = async () => {
			if (this.stopListening.delete(stopOnce)) await stop();
		};
		this.stopListening.add(stopOnce);
		return stopOnce;
	}

	/** Waits for running statements, then closes all connections. Safe to call twice. */
	async close(): Promise<void> {
		this.closing ??= (async () => {
			await Promise.all([...this.stopListening].map(async (stop) => stop()));
			await this.pool.end();
		})();
		return this.closing;
	}

	private async inTransaction<T>(begin: string, work: (tx: DbSession) => Promise<T>): Promise<T> {
		let connection: PoolClient;
		try {
			connection = await this.pool.connect();
		} catch (error) {
			throw asDbError(error);
		}
		// A connection that breaks between two statements reports it as an event; the next statement then fails too.
		connection.on('error', ignoreEvent);
		const tx = sessionOf(connection);
		let broken: Error | undefined;
		try {
			await run(connection, begin);
			const result = await work(tx);
			await run(connection, 'commit');
			return result;
		} catch (error) {
			// On a new connection the statement is prepared anew.
			if (error instanceof Error && 'code' in error && error.code === FEATURE_NOT_SUPPORTED) broken = error;
			await run(connection, 'rollback').catch((rollbackError: Error) => {
				broken = rollbackError;
			});
			throw error;
		} finally {
			connection.removeListener('error', ignoreEvent);
			connection.release(broken);
		}
	}
}

function ignoreEvent(): void {
	return undefined;
}

/** A statement without parameters, or several. */
async function run(connection: PoolClient, text: string): Promise<void> {
	try {
		await connection.query(text);
	} catch (error) {
		throw asDbError(error);
	}
}

/**
 * The server parses and plans a statement with parameters once per connection instead of each time. Without parameters a
 * text may hold several statements, which cannot be prepared.
 */
function prepared(text: string, params: readonly unknown[]): QueryConfig {
	if (params.length === 0) return { text };
	let name = preparedNames.get(text);
	if (name === undefined && preparedNames.size < MAX_PREPARED) {
		name = `t${preparedNames.size}`;
		preparedNames.set(text, name);
	}
	return { text, values: [...params], ...(name === undefined ? {} : { name }) };
}

function sessionOf(connection: PoolClient): DbSession {
	return {
		async query<Row = Record<string, unknown>>(text: string, params: readonly unknown[] = []): Promise<DbResult<Row>> {
			try {
				const result = await connection.query(prepared(text, params));
				return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 };
			} catch (error) {
				throw asDbError(error);
			}
		},
	};
}

/**
 * Refuses a connection whose role row-level security does not bind: superuser, BYPASSRLS, or a member of the owner.
 *
 * @throws TRF_DB_ROLE_BYPASSES_RLS naming the role; TRF_DB_SCHEMA_MISSING when the database was not migrated.
 */
export async function assertAppRole(db: DbSession): Promise<void> {
	const { rows } = await db.query<{ role: string; bypasses: boolean; has_schema: boolean }>(`
		select current_user as role,
		       r.rolsuper or r.rolbypassrls or coalesce(pg_has_role(n.nspowner, 'usage'), false) as bypasses,
		       n.oid is not null as has_schema
		from pg_roles r left join pg_namespace n on n.nspname = 'truffles'
		where r.rolname = current_user`);
	const row = rows[0];
	if (!row || row.bypasses) throw new TrufflesError('TRF_DB_ROLE_BYPASSES_RLS', { role: row?.role ?? 'unknown' });
	if (!row.has_schema) throw new TrufflesError('TRF_DB_SCHEMA_MISSING');
}
