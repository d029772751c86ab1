/** Tries to cross the border between two clients in every table that has a client; finds the tables by itself. */
import { Client, DatabaseError } from 'pg';

export const CLIENT_A = '0a000000-0000-4000-8000-00000000000a';
export const CLIENT_B = '0b000000-0000-4000-8000-00000000000b';

interface Column {
	readonly name: string;
	readonly type: string;
	readonly required: boolean;
	/** Definitions of the check constraints that mention this column. */
	readonly checks: string;
}

interface TenantTable {
	readonly name: string;
	/** The column that says whose row it is. */
	readonly owner: 'client_id' | 'id';
	readonly columns: readonly Column[];
}

async function tenantTables(admin: Client): Promise<TenantTable[]> {
	const { rows } = await admin.query<{ name: string; columns: Column[] }>(`
		select t.relname as name, json_agg(json_build_object(
		         'name', a.attname, 'type', format_type(a.atttypid, null),
		         'required', a.attnotnull and not a.atthasdef and a.attidentity = '',
		         'checks', coalesce((select string_agg(pg_get_constraintdef(k.oid), ' ') from pg_constraint k
		                             where k.conrelid = t.oid and k.contype = 'c' and a.attnum = any (k.conkey)), '')
		       ) order by a.attnum) as columns
		from pg_class t join pg_namespace n on n.oid = t.relnamespace
		join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
		where n.nspname = 'truffles' and t.relkind in ('r', 'p')
		group by t.relname order by t.relname`);
	return rows
		.filter(({ name, columns }) => name === 'clients' || columns.some((column) => column.name === 'client_id'))
		.map(({ name, columns }) => ({ name, columns, owner: name === 'clients' ? 'id' : 'client_id' }));
}

/** A value that the column's type and checks accept; differs for each `seed`. */
function valueFor(column: Column, seed: string): unknown {
	const listed = /'([^']+)'::text/.exec(column.checks)?.[1];
	if (listed && !column.checks.includes('~')) return listed;
	switch (column.type) {
		case 'uuid':
			return `0c000000-0000-4000-8000-${seed.padStart(12, '0')}`;
		case 'integer':
		case 'bigint':
		case 'numeric':
		case 'real':
			return 1;
		case 'bytea':
			return Buffer.from(seed);
		case 'jsonb':
			return '{}';
		case 'date':
			return '2026-01-01';
		case 'timestamp with time zone':
			return '2026-01-01T00:00:00Z';
		default:
			return `x${seed}`;
	}
}

function buildInsert(table: TenantTable, clientId: string, seed: string): { text: string; values: unknown[] } {
	const columns = table.columns.filter(
		(column) => column.required || column.name === table.owner || column.name === 'id',
	);
	const values = columns.map((column) => (column.name === table.owner ? clientId : valueFor(column, seed)));
	const names = columns.map((column) => `"${column.name}"`).join(', ');
	return {
		text: `insert into truffles."${table.name}" (${names}) values (${values.map((_value, index) => `$${index + 1}`).join(', ')})`,
		values,
	};
}

async function seed(admin: Client, tables: readonly TenantTable[]): Promise<void> {
	await admin.query('begin');
	// Rows of every table without their parents: this is about policies, not about foreign keys.
	await admin.query('set local session_replication_role = replica');
	for (const [index, table] of tables.entries()) {
		for (const [letter, clientId] of [
			['1', CLIENT_A],
			['2', CLIENT_B],
		] as const) {
			const { text, values } = buildInsert(table, clientId, `${letter}${index}`);
			await admin.query(text, values);
		}
	}
	await admin.query('commit');
}

/** SQLSTATE of a statement that runs in a transaction of its own, bound to a client; rolled back afterwards. */
async function attempt(
	app: Client,
	clientId: string | null,
	text: string,
	values: unknown[] = [],
): Promise<{ state: string; rows: number; first: unknown }> {
	await app.query('begin');
	try {
		if (clientId) await app.query(`select set_config('truffles.client_id', $1, true)`, [clientId]);
		const result = await app.query(text, values);
		return { state: 'ok', rows: result.rowCount ?? 0, first: result.rows[0] };
	} catch (error) {
		return { state: error instanceof DatabaseError ? (error.code ?? '') : 'unknown', rows: 0, first: undefined };
	} finally {
		await app.query('rollback');
	}
}

const FORBIDDEN = '42501';

async function crossingsOf(app: Client, table: TenantTable, seedText: string): Promise<string[]> {
	const name = `truffles."${table.name}"`;
	const found: string[] = [];
	const see = async (clientId: string | null) => {
		const seen = await attempt(
			app,
			clientId,
			`select count(*) filter (where ${table.owner} = $1)::int as own, count(*) filter (where ${table.owner} <> $1)::int as others from ${name}`,
			[clientId ?? CLIENT_A],
		);
		return seen.state === FORBIDDEN ? { own: -1, others: 0 } : (seen.first as { own: number; others: number });
	};
	const bound = await see(CLIENT_A);
	if (bound.others > 0) found.push('sees rows of another client');
	if (bound.own === 0) found.push('does not see its own rows');
	const unbound = await see(null);
	if (unbound.own > 0 || unbound.others > 0) found.push('an unbound session sees rows of clients');
	for (const statement of [
		`update ${name} set ${table.owner} = ${table.owner} where ${table.owner} = $1`,
		`delete from ${name} where ${table.owner} = $1`,
	]) {
		const changed = await attempt(app, CLIENT_A, statement, [CLIENT_B]);
		if (changed.rows > 0) found.push(`changes rows of another client: ${statement.slice(0, 6)}`);
	}
	const insert = buildInsert(table, CLIENT_B, seedText);
	if ((await attempt(app, CLIENT_A, insert.text, insert.values)).state !== FORBIDDEN)
		found.push('inserts a row for another client');
	const move = await attempt(app, CLIENT_A, `update ${name} set ${table.owner} = $1`, [CLIENT_B]);
	if (move.state !== FORBIDDEN) found.push('gives its rows to another client');
	return found.map((what) => `${table.name}: ${what}`);
}

/** Seeds two clients and lists every crossing that the role of `appUrl` can do. Use a database of its own. */
export async function findCrossings(
	adminUrl: string,
	appUrl: string,
): Promise<{ tables: string[]; crossings: string[] }> {
	const admin = new Client({ connectionString: adminUrl });
	const app = new Client({ connectionString: appUrl });
	await Promise.all([admin.connect(), app.connect()]);
	try {
		const tables = await tenantTables(admin);
		await seed(admin, tables);
		const crossings: string[] = [];
		for (const [index, table] of tables.entries()) crossings.push(...(await crossingsOf(app, table, `3${index}`)));
		return { tables: tables.map(({ name }) => name), crossings };
	} finally {
		await Promise.all([admin.end(), app.end()]);
	}
}
