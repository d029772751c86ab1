/** `npm run migrate`: shows, applies and seals migrations. Parses, calls `lib/adapters/migrate-database.ts`, prints, exits. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import {
	findMigrationsDir,
	migrate,
	migrationStatus,
	readMigrations,
	sha256Hex,
} from '../lib/adapters/migrate-database';
import { TrufflesError } from '../lib/errors';
import { buildChecksums } from '../lib/migrations/migration-plan';

const EXIT = { done: 0, failed: 1, pending: 2, environment: 3, blocked: 4, usage: 64 } as const;

const HELP = `
Environment:
  DATABASE_URL               administrator of the database: a superuser, or a role that may create roles and owns it
  TRUFFLES_APP_DB_PASSWORD   password that the role truffles_app gets (only "up"; there is no default)

Exit codes:
  0 done, nothing pending   1 a migration failed and was rolled back   2 migrations are pending (status)
  3 PostgreSQL cannot be reached   4 refused: a file is edited, missing, out of order or not sealed   64 wrong usage

Examples:
  $ npm run migrate -- status
  $ npm run migrate -- up --json
  $ npm run migrate -- seal        after writing a new migration; commit checksums.txt with it`;

class UsageProblem extends Error {}

interface OutputOptions {
	readonly json?: boolean;
}

function needEnvironment(name: string): string {
	const value = process.env[name];
	if (!value) throw new UsageProblem(`${name} is not set. See "npm run migrate -- --help".`);
	return value;
}

async function status({ json }: OutputOptions): Promise<number> {
	const plan = await migrationStatus(needEnvironment('DATABASE_URL'));
	const pending = plan.pending.map(({ name }) => name);
	if (json) {
		console.log(JSON.stringify({ applied: plan.applied, pending, problems: plan.problems }));
	} else {
		for (const name of plan.applied) console.log(`applied  ${name}`);
		for (const name of pending) console.log(`pending  ${name}`);
		for (const { name, text } of plan.problems) console.log(`problem  ${name} ${text}`);
		console.log(`${plan.applied.length} applied, ${pending.length} pending, ${plan.problems.length} problems`);
	}
	if (plan.problems.length > 0) return EXIT.blocked;
	return pending.length > 0 ? EXIT.pending : EXIT.done;
}

async function up({ json }: OutputOptions): Promise<number> {
	const run = await migrate({
		adminConnectionString: needEnvironment('DATABASE_URL'),
		appRolePassword: needEnvironment('TRUFFLES_APP_DB_PASSWORD'),
		onProgress: (name, index, total) => console.error(`[${index}/${total}] ${name}  applied`),
	});
	console.log(json ? JSON.stringify(run) : `${run.applied.length} applied, ${run.alreadyApplied} already there`);
	return EXIT.done;
}

async function seal({ json }: OutputOptions): Promise<number> {
	const dir = findMigrationsDir();
	const { files, checksums } = await readMigrations(dir);
	const sealed = buildChecksums(files, sha256Hex);
	if (sealed !== checksums) await writeFile(path.join(dir, 'checksums.txt'), sealed);
	const changed = sealed !== checksums;
	console.log(
		json
			? JSON.stringify({ files: files.length, changed })
			: `${files.length} files sealed${changed ? '' : ', nothing changed'}`,
	);
	return EXIT.done;
}

function buildProgram(setCode: (code: number) => void): Command {
	const program = new Command('npm run migrate --')
		.description('Brings the schema "truffles" up to date.')
		.addHelpText('after', HELP)
		.exitOverride();
	const verb = (name: string, description: string, action: (options: OutputOptions) => Promise<number>) =>
		program
			.command(name)
			.description(description)
			.option('--json', 'print one JSON object on standard output')
			.exitOverride()
			.action(async (options: OutputOptions) => setCode(await action(options)));
	verb('status', 'shows what is applied, pending and wrong; changes nothing', status);
	verb('up', 'creates the roles and applies what is pending', up);
	verb('seal', 'writes migrations/checksums.txt for the files as they are', seal);
	return program;
}

function codeOf(error: unknown): number {
	if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
	if (error instanceof UsageProblem) return EXIT.usage;
	if (!(error instanceof TrufflesError)) return EXIT.failed;
	if (error.code === 'TRF_DB_UNREACHABLE') return EXIT.environment;
	return error.code === 'TRF_MIGRATIONS_REFUSED' ? EXIT.blocked : EXIT.failed;
}

async function main(): Promise<void> {
	try {
		await buildProgram((code) => (process.exitCode = code)).parseAsync();
	} catch (error) {
		process.exitCode = codeOf(error);
		if (error instanceof CommanderError) return;
		const prefix = error instanceof TrufflesError ? `${error.code}  ` : '';
		console.error(`${prefix}${error instanceof Error ? error.message : String(error)}`);
	}
}

void main();
