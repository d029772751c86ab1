import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { startEmbeddedPostgres } from '../../lib/adapters/embedded-postgres';
import type { OwnedPart } from './shutdown';
import { StackProblem } from './stack-problem';

const DATABASE = 'truffles';
const CONNECT_TIMEOUT_MS = 10_000;

export interface PostgresStart {
	readonly dataDir: string;
	readonly port: number;
	readonly password: string;
	readonly log: (line: string) => void;
	/** Settings of the server beside its defaults. */
	readonly settings?: Readonly<Record<string, string>>;
}

/** Starts the embedded PostgreSQL and makes the database. Returns the administrator's address, the part to stop and the folder really used. */
export async function startPostgres(
	start: PostgresStart,
): Promise<{ adminUrl: string; part: OwnedPart; dataDir: string }> {
	const server = await startEmbeddedPostgres({
		dataDir: start.dataDir,
		port: start.port,
		superuserPassword: start.password,
		log: start.log,
		...(start.settings === undefined ? {} : { settings: start.settings }),
	}).catch((error: unknown) => {
		const text = error instanceof Error ? error.message : String(error);
		if (/No space left/i.test(text))
			throw new StackProblem(
				'No space left on the disk for the database. Free some space and run the command again.',
				undefined,
				error,
			);
		throw new StackProblem(text, undefined, error);
	});
	const pid = Number(readFileSync(path.join(server.dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
	const part: OwnedPart = { name: 'PostgreSQL', process: { pid, signal: 'SIGINT' }, stop: () => server.stop() };
	try {
		await withClient(server.url, async (client) => {
			const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
			if (found.rowCount === 0) await client.query(`create database ${escapeIdentifier(DATABASE)}`);
		});
	} catch (error) {
		await server.stop();
		if (error instanceof Error && 'code' in error && error.code === '28P01') {
			throw new StackProblem(
				`The database in ${server.dataDir} was made with other secrets. Restore secrets.json, or remove that folder to begin anew.`,
				undefined,
				error,
			);
		}
		throw error;
	}
	const url = new URL(server.url);
	url.pathname = `/${DATABASE}`;
	return { adminUrl: url.href, part, dataDir: server.dataDir };
}

/** n8n's own default (DB_POSTGRESDB_STATEMENT_TIMEOUT), which it would send before each statement. */
const N8N_STATEMENT_TIMEOUT_MS = 300_000;

/** Makes n8n's own role and schema beside ours; repeats change nothing but the password. */
export async function prepareN8nSchema(adminUrl: string, password: string): Promise<void> {
	await withClient(adminUrl, async (client) => {
		const role = await client.query(`select 1 from pg_roles where rolname = 'n8n'`);
		await client.query(
			`${role.rowCount === 0 ? 'create' : 'alter'} role n8n login password ${escapeLiteral(password)}`,
		);
		await client.query(`alter role n8n set statement_timeout = ${N8N_STATEMENT_TIMEOUT_MS}`);
		await client.query('grant n8n to current_user');
		// n8n asks for its schema again at each start, which needs this right even when the schema is there.
		const { rows } = await client.query<{ name: string }>('select current_database() as name');
		await client.query(`grant create on database ${escapeIdentifier(rows[0]?.name ?? DATABASE)} to n8n`);
		await client.query('create schema if not exists n8n authorization n8n');
	});
}

/** The same server and database as another role. */
export function connectionAs(adminUrl: string, role: string, password: string): string {
	const url = new URL(adminUrl);
	url.username = role;
	url.password = encodeURIComponent(password);
	return url.href;
}

async function withClient<T>(connectionString: string, work: (client: Client) => Promise<T>): Promise<T> {
	const client = new Client({
		connectionString,
		connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
		application_name: 'truffles start',
	});
	client.on('error', () => undefined);
	try {
		await client.connect();
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
		if (code === '28P01') throw error;
		throw new StackProblem(
			`PostgreSQL at ${new URL(connectionString).host} cannot be reached (${code}). Check DATABASE_URL and that the server runs.`,
			undefined,
			error,
		);
	}
	try {
		return await work(client);
	} finally {
		await client.end();
	}
}
