import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import {
	findMigrationsDir,
	migrate,
	migrationStatus,
	readMigrations,
	sha256Hex,
} from '../../lib/adapters/migrate-database';
import { buildChecksums } from '../../lib/migrations/migration-plan';
import { startTestPostgres, type TestPostgres } from '../support/postgres';

jest.setTimeout(60_000);

let postgres: TestPostgres;
let dir: string;

beforeAll(async () => {
	postgres = await startTestPostgres();
});
afterAll(async () => postgres?.stop());
beforeEach(() => {
	dir = mkdtempSync(path.join(tmpdir(), 'truffles-migrations-'));
	cpSync(findMigrationsDir(), dir, { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function seal(): Promise<void> {
	writeFileSync(path.join(dir, 'checksums.txt'), buildChecksums((await readMigrations(dir)).files, sha256Hex));
}

async function query(url: string, sql: string): Promise<unknown[]> {
	const client = new Client({ connectionString: url });
	await client.connect();
	try {
		return (await client.query(sql)).rows;
	} finally {
		await client.end();
	}
}

/** Every table, column, index, policy, function and grant, as one text. */
async function fingerprint(url: string): Promise<string> {
	const rows = await query(
		url,
		`select 'column ' || table_name || '.' || column_name || ' ' || data_type || coalesce(column_default, '') as line from information_schema.columns where table_schema = 'truffles'
		 union all select 'index ' || indexdef from pg_indexes where schemaname = 'truffles'
		 union all select 'policy ' || tablename || policyname || coalesce(qual, '') || coalesce(with_check, '') from pg_policies where schemaname = 'truffles'
		 union all select 'function ' || pg_get_functiondef(oid) from pg_proc where pronamespace = 'truffles'::regnamespace
		 union all select 'grant ' || table_name || grantee || privilege_type from information_schema.role_table_grants where table_schema = 'truffles'
		 union all select 'applied ' || name || checksum || applied_at from truffles.schema_migrations
		 order by 1`,
	);
	return JSON.stringify(rows);
}

function addMigration(name: string, sql: string): void {
	const header = `-- ${name}\n-- why: test\n-- breaking: no\n-- lock: none\n-- undo: none\n`;
	writeFileSync(path.join(dir, name), `${header}${sql}\n`);
}

const run = async (adminUrl: string) =>
	migrate({ adminConnectionString: adminUrl, appRolePassword: postgres.appPassword, migrationsDir: dir });

test('a second run changes nothing', async () => {
	const { adminUrl } = await postgres.createEmptyDatabase();
	const first = await run(adminUrl);
	expect(first.alreadyApplied).toBe(0);
	const before = await fingerprint(adminUrl);
	expect(await run(adminUrl)).toEqual({ applied: [], alreadyApplied: first.applied.length });
	expect(await fingerprint(adminUrl)).toBe(before);
	const status = await migrationStatus(adminUrl, dir);
	expect(status).toMatchObject({ applied: first.applied, pending: [], problems: [] });
});

test('of twenty runs at once one applies each file and the others find nothing to do', async () => {
	const { adminUrl } = await postgres.createEmptyDatabase();
	const total = (await readMigrations(dir)).files.length;
	const runs = await Promise.all(Array.from({ length: 20 }, async () => run(adminUrl)));
	expect(runs.flatMap(({ applied }) => applied)).toHaveLength(total);
	expect(runs.filter(({ applied }) => applied.length > 0)).toHaveLength(1);
	expect(runs.filter(({ alreadyApplied }) => alreadyApplied === total)).toHaveLength(19);
});

test('runs on several databases of one server at once share the roles without failing', async () => {
	const databases = await Promise.all(Array.from({ length: 6 }, async () => postgres.createEmptyDatabase()));
	const runs = await Promise.all(databases.map(async ({ adminUrl }) => run(adminUrl)));
	expect(new Set(runs.map(({ applied }) => applied.length)).size).toBe(1);
});

const edits = [
	{
		name: 'a file that was edited after it had been applied',
		change: async () => {
			writeFileSync(
				path.join(dir, '0003_knowledge.sql'),
				`${readFileSync(path.join(dir, '0003_knowledge.sql'), 'utf8')}\n-- edited\n`,
			);
			await seal();
		},
		expected: /0003_knowledge\.sql was edited/,
	},
	{
		name: 'an applied file that is gone',
		change: async () => {
			rmSync(path.join(dir, '0009_operations.sql'));
			await seal();
		},
		expected: /0009_operations\.sql is applied to the database but its file is gone/,
	},
	{
		name: 'a new file that was not sealed',
		change: async () => addMigration('9001_new.sql', 'select 1;'),
		expected: /9001_new\.sql differs from migrations\/checksums\.txt/,
	},
	{
		name: 'a new file with a number below the applied ones',
		change: async () => {
			addMigration('0000_late.sql', 'select 1;');
			await seal();
		},
		expected: /0000_late\.sql comes before/,
	},
] as const;
for (const { name, change, expected } of edits) {
	test(`${name} is refused and nothing is applied`, async () => {
		const { adminUrl } = await postgres.createEmptyDatabase();
		await run(adminUrl);
		const before = await fingerprint(adminUrl);
		await change();
		await expect(run(adminUrl)).rejects.toMatchObject({
			code: 'TRF_MIGRATIONS_REFUSED',
			message: expect.stringMatching(expected),
		});
		expect(await fingerprint(adminUrl)).toBe(before);
	});
}

test('a file checked out with Windows line ends counts as the same file', async () => {
	const { adminUrl } = await postgres.createEmptyDatabase();
	await run(adminUrl);
	for (const name of ['0001_tenancy.sql', 'checksums.txt']) {
		const file = path.join(dir, name);
		writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\n', '\r\n'));
	}
	await expect(run(adminUrl)).resolves.toMatchObject({ applied: [] });
});

test('a migration that fails is rolled back whole and can be repeated after it is corrected', async () => {
	const { adminUrl } = await postgres.createEmptyDatabase();
	await run(adminUrl);
	addMigration('9001_broken.sql', 'create table truffles.half (id integer); select 1 / 0;');
	await seal();
	await expect(run(adminUrl)).rejects.toMatchObject({ code: 'TRF_MIGRATION_FAILED' });
	expect(await query(adminUrl, `select to_regclass('truffles.half') as half`)).toEqual([{ half: null }]);
	addMigration('9001_broken.sql', 'create table truffles.half (id integer);');
	await seal();
	await expect(run(adminUrl)).resolves.toMatchObject({ applied: ['9001_broken.sql'] });
});

test('an empty password for the application role is refused before anything is done', async () => {
	const { adminUrl } = await postgres.createEmptyDatabase();
	await expect(migrate({ adminConnectionString: adminUrl, appRolePassword: '' })).rejects.toMatchObject({
		code: 'TRF_APP_PASSWORD_MISSING',
	});
	expect(await query(adminUrl, `select to_regnamespace('truffles') as schema`)).toEqual([{ schema: null }]);
});
