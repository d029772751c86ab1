/** Applies pending migrations on one administrator's session, safe when many processes do it at once. */
import { TrufflesError } from '../errors';
import type { DbSession } from '../ports/db';
import {
	planMigrations,
	type AppliedMigration,
	type MigrationFile,
	type MigrationPlan,
	type Sha256Hex,
} from './migration-plan';

/** Key of the advisory lock: one runner at a time per database. Any constant that nothing else in the database uses. */
const LOCK_KEY = '7283911640';

export interface MigrationRun {
	readonly applied: readonly string[];
	readonly alreadyApplied: number;
}

export interface MigrationSource {
	readonly files: readonly MigrationFile[];
	/** Text of `migrations/checksums.txt`. */
	readonly checksums: string;
	readonly sha256: Sha256Hex;
}

async function loadApplied(session: DbSession): Promise<AppliedMigration[]> {
	const table = await session.query<{ found: boolean }>(
		`select to_regclass('truffles.schema_migrations') is not null as found`,
	);
	if (!table.rows[0]?.found) return [];
	const { rows } = await session.query<AppliedMigration>(
		'select name, checksum from truffles.schema_migrations order by name',
	);
	return rows;
}

/** Reads the database and compares it with the files; changes nothing. */
export async function loadMigrationPlan(session: DbSession, source: MigrationSource): Promise<MigrationPlan> {
	return planMigrations(source.files, source.checksums, await loadApplied(session), source.sha256);
}

/** The owner has no login: it bypasses row-level security on its own tables, so nobody may connect as it. */
async function prepareSchema(session: DbSession): Promise<void> {
	await session.query(`create schema if not exists truffles authorization truffles_owner`);
	await session.query(`create table if not exists truffles.schema_migrations (
		name text constraint schema_migrations_pkey primary key,
		checksum text not null,
		applied_at timestamptz not null default now()
	)`);
	await session.query('alter table truffles.schema_migrations owner to truffles_owner');
}

async function applyOne(session: DbSession, migration: MigrationPlan['pending'][number]): Promise<void> {
	await session.query('begin');
	try {
		await session.query('set local role truffles_owner');
		await session.query('set local search_path = truffles, public');
		await session.query(migration.sql);
		await session.query('insert into truffles.schema_migrations (name, checksum) values ($1, $2)', [
			migration.name,
			migration.checksum,
		]);
		await session.query('commit');
	} catch (error) {
		await session.query('rollback');
		const problem = error instanceof Error ? error.message : String(error);
		throw new TrufflesError('TRF_MIGRATION_FAILED', { file: migration.name, problem }, error);
	}
}

/**
 * Brings the schema up to date: each file in a transaction of its own, as role `truffles_owner`.
 *
 * `session` must be ONE connection (advisory locks and `begin` belong to it). The roles `truffles_owner` and
 * `truffles_app` must exist (lib/adapters/migrate-database.ts makes them).
 * The plan is made after the lock is held, so of twenty runs at once one applies and nineteen find nothing to do.
 *
 * @throws TRF_MIGRATIONS_REFUSED when a file is edited, missing, out of order or not sealed; nothing was changed.
 * @throws TRF_MIGRATION_FAILED when a file's SQL fails; that file was rolled back, earlier ones stay.
 */
export async function runMigrations(
	session: DbSession,
	source: MigrationSource,
	onProgress: (name: string, index: number, total: number) => void = () => undefined,
): Promise<MigrationRun> {
	await session.query(`select pg_advisory_lock(${LOCK_KEY})`);
	try {
		const plan = await loadMigrationPlan(session, source);
		if (plan.problems.length > 0) {
			throw new TrufflesError('TRF_MIGRATIONS_REFUSED', {
				problems: plan.problems.map(({ name, text }) => `${name} ${text}`).join('; '),
			});
		}
		if (plan.pending.length > 0) await prepareSchema(session);
		for (const [index, migration] of plan.pending.entries()) {
			await applyOne(session, migration);
			onProgress(migration.name, index + 1, plan.pending.length);
		}
		return { applied: plan.pending.map(({ name }) => name), alreadyApplied: plan.applied.length };
	} finally {
		await session.query(`select pg_advisory_unlock(${LOCK_KEY})`);
	}
}
