import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';

import { migrate } from '../../../lib/adapters/migrate-database';
import { startSandbox } from '../../../sandbox/server';
import { deployFlow } from '../../stack/deploy-flow';
import { ensureCredentials } from '../../stack/n8n-credentials';
import { buildN8nEnvironment } from '../../stack/n8n-environment';
import { ensureApiKey } from '../../stack/n8n-owner';
import { installRuntime } from '../../stack/npm-command';
import { buildPackage } from '../../stack/package-build';
import { hookFile, installPackage } from '../../stack/package-install';
import { connectionAs, prepareN8nSchema, startPostgres } from '../../stack/postgres-server';
import { Progress } from '../../stack/progress';
import { hasRedisServer } from '../../stack/redis-server';
import { Shutdown } from '../../stack/shutdown';
import { wantedCredentials } from '../../stack/stack-credentials';
import { readStackOptions } from '../../stack/stack-options';
import { loadOrCreateSecrets, type StackSecrets } from '../../stack/stack-secrets';
import { locateStateFolder, prepareStateFolder, type StateFolder } from '../../stack/state-folder';
import { ArmedKill } from './armed-kill';
import type { ChaosWorld, WorldOptions } from './chaos-world';
import { waitForGateway } from './gateway-door';
import { replaceInstalledPackage } from './installed-package';
import { pointOfAnswer, pointOfCall, pointOfStatement } from './kill-points';
import { findLastingPort } from './lasting-port';
import { N8nLife } from './n8n-life';
import { openPgLine } from './pg-line';
import { PostgresLife } from './postgres-life';
import { RedisLife } from './redis-life';
import { RunningWorld } from './running-world';
import { designSalons, MAX_SALONS, onboardSalons, registerBots, type Salon } from './salons';
import { controlSandbox } from './sandbox-modes';
import { openServiceLine } from './service-line';

const DEFAULT_CLIENTS = 3;
const STEP_COUNT = 5;
const TIME_ZONE = 'Asia/Almaty';
const EXIT_SIGINT = 130;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Starts the world in a folder of its own, on free ports. What was started is stopped again when a part fails. */
export async function startChaosWorld(options: WorldOptions): Promise<ChaosWorld> {
	const folder = locateStateFolder({ TRUFFLES_HOME: mkdtempSync(path.join(tmpdir(), 'truffles-chaos-')) });
	prepareStateFolder(folder);
	const shutdown = new Shutdown(options.onLine);
	let stopping: Promise<void> | null = null;
	let n8n: N8nLife | null = null;
	const stop = (): Promise<void> => {
		stopping ??= (async () => {
			for (const signal of SIGNALS) process.removeListener(signal, onSignal);
			n8n?.retire();
			await shutdown.stopAll();
			rmSync(folder.home, { recursive: true, force: true });
		})();
		return stopping;
	};
	const onSignal = (): void => void stop().then(() => process.exit(EXIT_SIGINT));
	for (const signal of SIGNALS) process.once(signal, onSignal);
	try {
		return await build(options, folder, shutdown, stop, (life) => (n8n = life));
	} catch (error) {
		await stop();
		throw error;
	}
}

async function build(
	options: WorldOptions,
	folder: StateFolder,
	shutdown: Shutdown,
	stop: () => Promise<void>,
	onN8n: (n8n: N8nLife) => void,
): Promise<ChaosWorld> {
	const progress = new Progress(STEP_COUNT, options.onLine);
	const secrets = loadOrCreateSecrets(folder);
	const [n8nPort, brokerPort, postgresPort, redisPort] = [
		await findLastingPort(),
		await findLastingPort(),
		await findLastingPort(),
		await findLastingPort(),
	];
	const n8nUrl = `http://127.0.0.1:${n8nPort}`;
	const salons = designSalons(clientCount(options), n8nUrl);
	const armed = new ArmedKill(() => life.kill());

	const server = await progress.step(
		'PostgreSQL',
		async () =>
			await startPostgres({
				dataDir: folder.postgresDir,
				port: postgresPort,
				password: secrets.postgresPassword,
				log: () => undefined,
			}),
	);
	const postgres = new PostgresLife(server.dataDir, shutdown);
	const { adminUrl } = server;
	await prepareN8nSchema(adminUrl, secrets.n8nDbPassword);
	const pgLine = await openPgLine(connectionAs(adminUrl, 'truffles_app', secrets.appDbPassword), {
		onStatement: (text) => armed.isStruckAt(pointOfStatement(text)),
		onAnswer: (answer) => armed.isStruckAt(pointOfAnswer(answer)),
	});
	shutdown.own({ name: 'line to PostgreSQL', process: null, stop: pgLine.close });

	const life = new N8nLife({
		environment: n8nEnvironment(folder, { n8nPort, brokerPort }, secrets, adminUrl),
		port: n8nPort,
		logsDir: folder.logsDir,
		shutdown,
		waitForGateway: async () => {
			if (isDeployed) await waitForGateway(`${n8nUrl}/webhook/${salons[0]?.slug}`);
		},
		log: options.onLine,
	});
	let isDeployed = false;
	onN8n(life);

	const installed = (async () => {
		await progress.step('package built and installed', async () => {
			await installRuntime((part) => shutdown.own(part));
			await installPackage(folder.n8nDir, (await buildPackage()).hash);
			if (options.packageDir !== undefined) replaceInstalledPackage(folder.n8nDir, options.packageDir);
		});
		await progress.step('n8n', async () => await life.start());
		return await ensureApiKey(n8nUrl, { email: secrets.ownerEmail, password: secrets.ownerPassword }, null);
	})();
	const services = progress.step('database, services, salons', async () => {
		await migrate({ adminConnectionString: adminUrl, appRolePassword: secrets.appDbPassword });
		if (options.mutateSql !== undefined) await runAsOwner(adminUrl, options.mutateSql);
		const sandboxUrl = await openSandbox(salons, secrets.sandboxModelKey, shutdown);
		const line = await openServiceLine(sandboxUrl, (call) => armed.isStruckAt(pointOfCall(call)));
		shutdown.own({ name: 'line to the services', process: null, stop: line.close });
		const place = { adminUrl, masterKey: secrets.masterKey, servicesUrl: line.url };
		return { sandboxUrl, servicesUrl: line.url, clientIds: await onboardSalons(salons, place) };
	});
	const [redis, { sandboxUrl, servicesUrl, clientIds }, apiKey] = await Promise.all([
		openRedis(options, folder, redisPort, secrets.redisPassword, shutdown),
		services,
		installed,
	]);

	const stackOptions = readStackOptions({ model: 'sandbox' }, {});
	const wanted = wantedCredentials(stackOptions, secrets, pgLine.url, servicesUrl, redis?.url ?? null);
	await progress.step('workflows', async () => {
		await ensureCredentials(n8nUrl, apiKey, wanted, {});
		await deployFlow(n8nUrl, apiKey);
		isDeployed = true;
		await waitForGateway(`${n8nUrl}/webhook/${salons[0]?.slug}`);
		await registerBots(salons, sandboxUrl, n8nUrl);
	});
	return new RunningWorld({
		salons,
		clientIds,
		n8nUrl,
		sandboxUrl,
		databaseAdminUrl: adminUrl,
		logsDir: folder.logsDir,
		log: options.onLine,
		n8n: life,
		armed,
		postgres,
		redis,
		swap: (packageDir) => replaceInstalledPackage(folder.n8nDir, packageDir),
		runAsOwner: async (sql) => await runAsOwner(adminUrl, sql),
		stop,
	});
}

function clientCount({ clients = DEFAULT_CLIENTS }: WorldOptions): number {
	if (!Number.isInteger(clients) || clients < 1 || clients > MAX_SALONS)
		throw new RangeError(`The chaos world has 1 to ${MAX_SALONS} clients.`);
	return clients;
}

function n8nEnvironment(
	folder: StateFolder,
	ports: { readonly n8nPort: number; readonly brokerPort: number },
	secrets: StackSecrets,
	adminUrl: string,
): Record<string, string> {
	// A test run's NODE_ENV is not that of a server.
	const { NODE_ENV: _testing, ...inherited } = process.env;
	return buildN8nEnvironment(
		{
			userFolder: folder.n8nDir,
			port: ports.n8nPort,
			brokerPort: ports.brokerPort,
			encryptionKey: secrets.n8nEncryptionKey,
			runnersToken: secrets.runnersToken,
			databaseUrl: connectionAs(adminUrl, 'n8n', secrets.n8nDbPassword),
			hookFile: hookFile(folder.n8nDir),
			timeZone: TIME_ZONE,
		},
		inherited,
	);
}

async function openSandbox(salons: readonly Salon[], modelKey: string, shutdown: Shutdown): Promise<string> {
	const [first, ...others] = salons.map(({ sandbox }) => sandbox);
	if (first === undefined) throw new RangeError('The chaos world has no clients.');
	const { key, name, ...accounts } = first;
	const sandbox = await startSandbox({
		port: 0,
		clientKey: key,
		clientName: name,
		...accounts,
		openai: { apiKey: modelKey },
	});
	shutdown.own({ name: 'sandbox', process: null, stop: () => sandbox.close() });
	for (const other of others) await controlSandbox(sandbox.url, 'clients', other);
	return sandbox.url;
}

async function openRedis(
	{ redis, onLine }: WorldOptions,
	folder: StateFolder,
	port: number,
	password: string,
	shutdown: Shutdown,
): Promise<RedisLife | null> {
	if (!redis) return null;
	if (!hasRedisServer()) {
		onLine('no redis-server on PATH: the world runs without Redis');
		return null;
	}
	return await RedisLife.begin({ dir: folder.redisDir, logsDir: folder.logsDir, port, password, shutdown });
}

async function runAsOwner(adminUrl: string, sql: string): Promise<void> {
	const client = new Client({ connectionString: adminUrl, application_name: 'truffles chaos' });
	await client.connect();
	try {
		await client.query('set role truffles_owner');
		await client.query(sql);
	} finally {
		await client.end();
	}
}
