/** Roles, schema and migrations of one database, from an administrator's connection string. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, DatabaseError } from 'pg';
import { TrufflesError } from '../errors';
import { loadMigrationPlan, runMigrations, type MigrationSource } from '../migrations/migration-runner';
import type { MigrationPlan } from '../migrations/migration-plan';
import type { DbSession } from '../ports/db';
import { asDbError } from './pg-failure';
import { buildScramVerifier } from './scram-verifier';

/** Role of the nodes: logs in, owns nothing, is bound by row-level security. */
export const APP_ROLE = 'truffles_app';

export interface MigrateOptions {
	/** Superuser, or a role that may create roles and owns the database. */
	readonly adminConnectionString: string;
	/** Password that role `truffles_app` gets. */
	readonly appRolePassword: string;
	/** Called after each applied file. */
	readonly onProgress?: (name: string, index: number, total: number) => void;
	/** Default: the `migrations` folder of the package. */
	readonly migrationsDir?: string;
}

/** The SHA-256 that the planner needs. */
export function sha256Hex(text: string): string {
	return createHash('sha256').update(text).digest('hex');
}

/** The package's `migrations` folder, from the sources as well as from `dist`. */
export function findMigrationsDir(): string {
	const candidates = ['../../migrations', '../../../migrations'].map((relative) => path.resolve(__dirname, relative));
	return (
		candidates.find((candidate) => existsSync(path.join(candidate, 'checksums.txt'))) ??
		path.resolve(__dirname, '../../migrations')
	);
}

/** Reads all `.sql` files and the checksums of a folder. */
export async function readMigrations(dir: string): Promise<MigrationSource> {
	const names = (await readdir(dir)).filter((name) => name.endsWith('.sql')).sort();
	const files = await Promise.all(
		names.map(async (name) => ({ name, sql: await readFile(path.join(dir, name), 'utf8') })),
	);
	const checksums = await readFile(path.join(dir, 'checksums.txt'), 'utf8').catch(() => '');
	return { files, checksums, sha256: sha256Hex };
}

async function withAdminSession<T>(connectionString: string, work: (session: DbSession) => Promise<T>): Promise<T> {
	const client = new Client({
		connectionString,
		application_name: 'truffles migrate',
		connectionTimeoutMillis: 10_000,
	});
	client.on('error', () => undefined);
	try {
		await client.connect();
	} catch (error) {
		throw asDbError(error);
	}
	const session: DbSession = {
		async query<Row>(text: string, params?: readonly unknown[]) {
			// Without parameters the simple protocol is used, which alone accepts several statements at once.
			const result = params ? await client.query(text, [...params]) : await client.query(text);
			return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 };
		},
	};
	try {
		return await work(session);
	} finally {
		await client.end().catch(() => undefined);
	}
}

/**
 * Since PostgreSQL 16 a role that creates another one is its member without the right to become it (SET) or to use its
 * rights (INHERIT); both come with an explicit grant. PostgreSQL 15 does not know the privilege SET.
 */
const CREATE_ROLES = `
do $$ declare
  new_membership boolean := current_setting('server_version_num')::integer >= 160000;
begin
  if not exists (select from pg_roles where rolname = 'truffles_owner') then
    create role truffles_owner nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'truffles_app') then
    create role truffles_app login nosuperuser nocreatedb nocreaterole noinherit nobypassrls;
  end if;
  if not pg_has_role(current_user, 'truffles_owner', 'usage')
     or not pg_has_role(current_user, 'truffles_owner', case when new_membership then 'set' else 'member' end) then
    grant truffles_owner to current_user;
  end if;
  if not has_database_privilege('truffles_owner', current_database(), 'create') then
    execute format('grant create on database %I to truffles_owner', current_database());
  end if;
  if not has_database_privilege('truffles_app', current_database(), 'connect') then
    execute format('grant connect on database %I to truffles_app', current_database());
  end if;
end $$`;

/**
 * What two runs on different databases of one server do to the shared role catalogue at the same moment:
 * unique_violation, duplicate_object, "tuple concurrently updated". The advisory lock is per database.
 */
const ROLE_RACE_STATES = ['23505', '42710', 'XX000'];
const ROLE_ATTEMPTS = 12;

async function createRoles(session: DbSession, appRolePassword: string): Promise<void> {
	const verifier = buildScramVerifier(appRolePassword);
	for (let attempt = 1; ; attempt++) {
		try {
			await session.query(CREATE_ROLES);
			// ALTER ROLE takes no parameters; the verifier holds base64, digits, "$" and ":" only.
			await session.query(`alter role truffles_app password '${verifier}'`);
			return;
		} catch (error) {
			const race = error instanceof DatabaseError && ROLE_RACE_STATES.includes(error.code ?? '');
			if (!race || attempt === ROLE_ATTEMPTS) throw error;
			await sleep(20 * attempt);
		}
	}
}

/**
 * Creates the roles, then applies what is pending. Safe to repeat and to run twenty times at once.
 *
 * @throws TRF_APP_PASSWORD_MISSING on an empty password; TRF_MIGRATIONS_REFUSED, TRF_MIGRATION_FAILED as
 *         `runMigrations`; TRF_DB_UNREACHABLE.
 */
export async function migrate(options: MigrateOptions): Promise<{ applied: string[]; alreadyApplied: number }> {
	if (options.appRolePassword === '') throw new TrufflesError('TRF_APP_PASSWORD_MISSING');
	const source = await readMigrations(options.migrationsDir ?? findMigrationsDir());
	return withAdminSession(options.adminConnectionString, async (session) => {
		await createRoles(session, options.appRolePassword);
		const run = await runMigrations(session, source, options.onProgress);
		return { applied: [...run.applied], alreadyApplied: run.alreadyApplied };
	});
}

/** What is applied, pending and wrong; changes nothing. */
export async function migrationStatus(
	adminConnectionString: string,
	migrationsDir = findMigrationsDir(),
): Promise<MigrationPlan> {
	const source = await readMigrations(migrationsDir);
	return withAdminSession(adminConnectionString, async (session) => loadMigrationPlan(session, source));
}
