/** What `lib` needs from PostgreSQL. The adapter is `lib/adapters/pg-db.ts`. */

export interface DbResult<Row> {
	readonly rows: Row[];
	readonly rowCount: number;
}

export interface DbSession {
	/** Runs one parameterised statement. Throws the driver's error; adapters keep its SQLSTATE in `code`. */
	query<Row = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<DbResult<Row>>;
}

export interface Db extends DbSession {
	/**
	 * Runs `work` in one transaction that sees only the rows of this client: row-level security is bound
	 * by `set_config('truffles.client_id', clientId, true)` as the transaction's first statement.
	 */
	asClient<T>(clientId: string, work: (tx: DbSession) => Promise<T>): Promise<T>;
	/** Runs `work` in one transaction bound to no client: tenant tables look empty, SECURITY DEFINER functions work. */
	transaction<T>(work: (tx: DbSession) => Promise<T>): Promise<T>;
	/**
	 * Calls `onNotify` for every NOTIFY on `channel`, on a connection of its own that reconnects by itself
	 * (and calls `onNotify` once after a reconnect, because notifications may have been missed).
	 * Returns the function that stops listening.
	 */
	listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>>;
	close(): Promise<void>;
}
