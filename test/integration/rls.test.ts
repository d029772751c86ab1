import { Client } from 'pg';
import { assertAppRole, createPgDb } from '../../lib/adapters/pg-db';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { findCrossings } from '../support/tenant-crossing';

jest.setTimeout(60_000);

let postgres: TestPostgres;

beforeAll(async () => {
	postgres = await startTestPostgres();
});
afterAll(async () => postgres?.stop());

async function asAdmin(adminUrl: string, sql: string): Promise<void> {
	const admin = new Client({ connectionString: adminUrl });
	await admin.connect();
	await admin.query(sql);
	await admin.end();
}

test('no table with a client lets one client see, change, add or give away rows of another', async () => {
	const { adminUrl, appUrl } = await postgres.createDatabase();
	const { tables, crossings } = await findCrossings(adminUrl, appUrl);
	expect(crossings).toEqual([]);
	expect(tables.length).toBeGreaterThanOrEqual(27);
});

const leaks = [
	{ name: 'a table without row-level security', sql: '', expected: 'leaky: sees rows of another client' },
	{
		name: 'a policy that forgets what is written',
		sql: 'alter table truffles.leaky enable row level security; create policy p on truffles.leaky using (client_id = truffles.current_client()) with check (true)',
		expected: 'leaky: inserts a row for another client',
	},
	{
		name: 'a policy for reading only, beside an open one for writing',
		sql: 'alter table truffles.leaky enable row level security; create policy p on truffles.leaky for select using (client_id = truffles.current_client()); create policy q on truffles.leaky for insert with check (true)',
		expected: 'leaky: inserts a row for another client',
	},
] as const;
for (const { name, sql, expected } of leaks) {
	test(`the crossing test notices ${name}`, async () => {
		const { adminUrl, appUrl } = await postgres.createDatabase();
		await asAdmin(
			adminUrl,
			`create table truffles.leaky (client_id uuid not null, text text not null);
			grant select, insert, update, delete on truffles.leaky to truffles_app; ${sql}`,
		);
		const { crossings } = await findCrossings(adminUrl, appUrl);
		expect(crossings).toContain(expected);
		expect(crossings.every((crossing) => crossing.startsWith('leaky:'))).toBe(true);
	});
}

test('foreign keys between tenant tables carry the client, because their checks ignore row-level security', async () => {
	const admin = new Client({ connectionString: postgres.adminUrl });
	await admin.connect();
	const { rows } = await admin.query(`
		select k.conname from pg_constraint k
		where k.contype = 'f' and k.connamespace = 'truffles'::regnamespace
		  and k.confrelid not in ('truffles.clients'::regclass, 'truffles.companies'::regclass, 'truffles.plans'::regclass)
		  and not exists (select from pg_attribute a where a.attrelid = k.conrelid and a.attname = 'client_id' and a.attnum = any (k.conkey))`);
	await admin.end();
	expect(rows).toEqual([]);
});

describe('the application role', () => {
	const forbidden = [
		{ name: 'cannot become the owner', sql: 'set role truffles_owner' },
		{ name: 'cannot switch row-level security off', sql: 'alter table truffles.messages disable row level security' },
		{ name: 'cannot drop a policy', sql: 'drop policy messages_tenant on truffles.messages' },
		{
			name: 'cannot replace the function that policies ask',
			sql: `create or replace function truffles.current_client() returns uuid language sql as 'select null::uuid'`,
		},
		{ name: 'cannot put a table of its own before ours', sql: 'create table truffles.fake (id integer)' },
		{
			name: 'cannot create a client',
			sql: `insert into truffles.clients (id, company_id, slug, name, time_zone, data_key_wrapped) select gen_random_uuid(), gen_random_uuid(), 'x1', 'x', 'UTC', ''`,
		},
		{ name: 'cannot change what was billed', sql: 'update truffles.billing_events set cost_usd = 0' },
		{ name: 'cannot erase the audit', sql: 'delete from truffles.audit_log' },
		{ name: 'cannot edit the list of applied migrations', sql: 'delete from truffles.schema_migrations' },
		{ name: 'cannot grant itself the bypass', sql: 'alter role truffles_app bypassrls' },
	] as const;
	for (const { name, sql } of forbidden) {
		test(name, async () => {
			const app = new Client({ connectionString: postgres.appUrl });
			await app.connect();
			await expect(app.query(sql)).rejects.toMatchObject({ code: '42501' });
			await app.end();
		});
	}

	test('is accepted by the check that refuses roles which bypass row-level security', async () => {
		const db = createPgDb({ connectionString: postgres.appUrl, applicationName: 'test' });
		await expect(assertAppRole(db)).resolves.toBeUndefined();
		await db.close();
	});

	test('a superuser is refused by that check, and an unmigrated database is named as such', async () => {
		const admin = createPgDb({ connectionString: postgres.adminUrl, applicationName: 'test' });
		await expect(assertAppRole(admin)).rejects.toMatchObject({ code: 'TRF_DB_ROLE_BYPASSES_RLS' });
		await admin.close();
		const empty = await postgres.createEmptyDatabase();
		const db = createPgDb({ connectionString: empty.appUrl, applicationName: 'test' });
		await expect(assertAppRole(db)).rejects.toMatchObject({ code: 'TRF_DB_SCHEMA_MISSING' });
		await db.close();
	});
});

test('every SECURITY DEFINER function has a fixed search_path and is closed to the public', async () => {
	const admin = new Client({ connectionString: postgres.adminUrl });
	await admin.connect();
	const { rows } = await admin.query(`
		select p.proname from pg_proc p where p.pronamespace = 'truffles'::regnamespace and p.prosecdef
		  and (not exists (select from unnest(p.proconfig) c where c like 'search_path=%') or has_function_privilege('public', p.oid, 'execute'))`);
	await admin.end();
	expect(rows).toEqual([]);
});
