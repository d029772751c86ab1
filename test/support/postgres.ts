/**
 * A real PostgreSQL for tests: one cluster per Jest run (postgres-global-setup.ts), one database per test file,
 * cloned from a template that is migrated once.
 */
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../../lib/adapters/embedded-postgres';
import { findMigrationsDir, migrate, readMigrations, sha256Hex } from '../../lib/adapters/migrate-database';
import { buildChecksums } from '../../lib/migrations/migration-plan';
import mutations from '../mutations/mutations.json';

export interface TestDatabase {
	/** Superuser. */
	readonly adminUrl: string;
	/** Role truffles_app. */
	readonly appUrl: string;
	drop(): Promise<void>;
}

export interface TestPostgres {
	/** A migrated database of this test file, as superuser. */
	readonly adminUrl: string;
	/** The same database as role truffles_app. */
	readonly appUrl: string;
	readonly appPassword: string;
	/** Another migrated database. */
	createDatabase(name?: string): Promise<TestDatabase>;
	/** A database without our schema, for tests of the migrations themselves. */
	createEmptyDatabase(): Promise<TestDatabase>;
	/** Drops this file's databases; stops the cluster when it was started only for this file. */
	stop(): Promise<void>;
}

export interface TestCluster {
	readonly url: string;
	readonly appPassword: string;
	stop(): Promise<void>;
}

/** Environment variables by which the global setup hands the cluster to the workers. */
export const CLUSTER_URL_ENV = 'TRUFFLES_TEST_POSTGRES_URL';
export const CLUSTER_APP_PASSWORD_ENV = 'TRUFFLES_TEST_APP_PASSWORD';

const TEMPLATE = 'truffles_template';

/** A port that was free a moment ago. */
export async function findFreePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.on('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address() as AddressInfo;
			server.close(() => resolve(port));
		});
	});
}

/** Starts a throw-away cluster with a migrated template database. */
export async function startTestCluster(): Promise<TestCluster> {
	const dir = mkdtempSync(path.join(tmpdir(), 'truffles-test-pg-'));
	const lines: string[] = [];
	const server = await startEmbeddedPostgres({
		dataDir: path.join(dir, 'data'),
		port: await findFreePort(),
		superuserPassword: randomBytes(12).toString('hex'),
		log: (line) => lines.push(line),
		settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
	});
	const appPassword = randomBytes(12).toString('hex');
	await admin(server.url, `create database ${TEMPLATE}`);
	await migrate({ adminConnectionString: databaseUrl(server.url, TEMPLATE), appRolePassword: appPassword });
	return {
		url: server.url,
		appPassword,
		async stop() {
			await server.stop();
			rmSync(dir, { recursive: true, force: true });
			rmSync(server.dataDir, { recursive: true, force: true });
		},
	};
}

/** Gives this test file its databases. Call in `beforeAll`, `stop()` in `afterAll`. */
export async function startTestPostgres(): Promise<TestPostgres> {
	const sharedUrl = process.env[CLUSTER_URL_ENV];
	const own = sharedUrl ? null : await startTestCluster();
	const clusterUrl = own?.url ?? sharedUrl ?? '';
	const appPassword = own?.appPassword ?? process.env[CLUSTER_APP_PASSWORD_ENV] ?? '';
	const created = new Set<string>();
	const template = await templateOfRun(clusterUrl, appPassword);

	async function create(name: string, template: string | null): Promise<TestDatabase> {
		await admin(clusterUrl, `create database ${quote(name)}${template ? ` template ${template}` : ''}`);
		created.add(name);
		return {
			adminUrl: databaseUrl(clusterUrl, name),
			appUrl: databaseUrl(clusterUrl, name, { user: 'truffles_app', password: appPassword }),
			async drop() {
				if (created.delete(name)) await admin(clusterUrl, `drop database ${quote(name)} with (force)`);
			},
		};
	}

	const first = await create(randomName(), template);
	return {
		adminUrl: first.adminUrl,
		appUrl: first.appUrl,
		appPassword,
		createDatabase: async (name = randomName()) => create(name, template),
		createEmptyDatabase: async () => create(randomName(), null),
		async stop() {
			for (const name of [...created]) await admin(clusterUrl, `drop database if exists ${quote(name)} with (force)`);
			await own?.stop();
		},
	};
}

/**
 * The database that tests get copies of. When test/mutations removes a guard that is SQL (TRUFFLES_MUTATION), it is one that
 * was migrated from files without that guard; the files of the repository stay as they are.
 */
async function templateOfRun(clusterUrl: string, appPassword: string): Promise<string> {
	const index = process.env.TRUFFLES_MUTATION;
	const mutation = index === undefined ? undefined : mutations[Number(index)];
	if (mutation === undefined || !mutation.file.startsWith('migrations/')) return TEMPLATE;
	const name = `${TEMPLATE}_without_${index}`;
	const cluster = new Client({ connectionString: clusterUrl });
	await cluster.connect();
	const { rowCount } = await cluster.query('select from pg_database where datname = $1', [name]);
	await cluster.end();
	if (rowCount === 1) return name;

	const dir = mkdtempSync(path.join(tmpdir(), 'truffles-mutated-migrations-'));
	try {
		cpSync(findMigrationsDir(), dir, { recursive: true });
		const file = path.join(dir, path.basename(mutation.file));
		writeFileSync(
			file,
			readFileSync(file, 'utf8').replace(mutation.find, () => mutation.replace),
		);
		writeFileSync(path.join(dir, 'checksums.txt'), buildChecksums((await readMigrations(dir)).files, sha256Hex));
		await admin(clusterUrl, `create database ${name}`);
		await migrate({
			adminConnectionString: databaseUrl(clusterUrl, name),
			appRolePassword: appPassword,
			migrationsDir: dir,
		});
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
	return name;
}

function randomName(): string {
	return `test_${randomBytes(6).toString('hex')}`;
}

function quote(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}

function databaseUrl(clusterUrl: string, database: string, login?: { user: string; password: string }): string {
	const url = new URL(clusterUrl);
	url.pathname = `/${database}`;
	if (login) {
		url.username = login.user;
		url.password = login.password;
	}
	return url.toString();
}

async function admin(clusterUrl: string, sql: string): Promise<void> {
	const client = new Client({ connectionString: clusterUrl });
	await client.connect();
	try {
		await client.query(sql);
	} finally {
		await client.end();
	}
}
