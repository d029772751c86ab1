import { migrate } from '../../lib/adapters/migrate-database';
import { readIndexTarget } from '../onboard/index-knowledge';
import { openClient, type ClientAccess } from './client-access';
import { DEMO_SLUG, onboardDemo, registerManagerBot } from './demo-client';
import { deployFlow } from './deploy-flow';
import { ensureCredentials } from './n8n-credentials';
import { ensureApiKey } from './n8n-owner';
import { installRuntime } from './npm-command';
import { buildPackage } from './package-build';
import { installPackage } from './package-install';
import { connectionAs } from './postgres-server';
import type { Progress } from './progress';
import { assertRedisForQueueMode } from './redis-server';
import { runN8n } from './running-n8n';
import { announceStack } from './running-stack';
import { selfCheck } from './self-check';
import type { Shutdown } from './shutdown';
import { wantedCredentials } from './stack-credentials';
import { loadMemory, remember } from './stack-memory';
import type { StackOptions } from './stack-options';
import { choosePorts } from './stack-ports';
import { EXIT, StackProblem } from './stack-problem';
import { loadOrCreateSecrets, saveApiKey, type StackSecrets } from './stack-secrets';
import { openDatabase, openRedis, openSandbox } from './stack-services';
import type { StateFolder } from './state-folder';

/** Steps that print a line; the number in front of it. */
export const STEP_COUNT = 12;
/** With queue mode one more. */
export const QUEUE_MODE_STEP_COUNT = STEP_COUNT + 1;

export interface StartedStack {
	readonly n8nUrl: string;
	/** Where deliveries go. */
	readonly webhookUrl: string;
	readonly sandboxUrl: string;
	readonly login: { readonly email: string; readonly password: string };
	readonly client: ClientAccess;
	/** Resolves when n8n has ended by itself. */
	readonly ended: Promise<number | null>;
}

/**
 * Starts everything, in parallel where nothing depends on the order, and checks it with one message.
 * What was started is owned by `shutdown`; the caller stops it, also after a failure here.
 */
export async function runStack(
	options: StackOptions,
	folder: StateFolder,
	progress: Progress,
	shutdown: Shutdown,
): Promise<StartedStack> {
	const step: Progress['step'] = async (name, work, note) => {
		if (shutdown.isStopping) throw new StackProblem('Stopped.', EXIT.ok);
		return progress.step(name, work, note);
	};
	if (options.queueMode !== null) assertRedisForQueueMode(options.redisUrl, process.env);
	const ports = await choosePorts(options, folder);
	const secrets = withGivenSecrets(loadOrCreateSecrets(folder), options);
	const n8nUrl = `http://127.0.0.1:${ports.n8n}`;
	const webhookUrl = options.queueMode === null ? n8nUrl : `http://127.0.0.1:${ports.webhook}`;
	const redis = openRedis(options, folder, ports, secrets, shutdown);
	/** Written when everything is there, and again when a process of queue mode was started anew. */
	let announce = (): void => undefined;

	const runtime = step(
		'n8n from npm',
		() => installRuntime((part) => shutdown.own(part)),
		(installed) => (installed ? 'installed' : 'there'),
	);
	const database = step('PostgreSQL', () => openDatabase(options, folder, ports, secrets, shutdown));
	const packageInN8n = (async () => {
		const { hash } = await step(
			'Package built',
			() => buildPackage(),
			({ built }) => (built ? 'compiled' : 'unchanged'),
		);
		await step(
			'Package in n8n',
			() => installPackage(folder.n8nDir, hash),
			(installed) => (installed ? 'installed' : 'unchanged'),
		);
	})();
	const client = (async () => {
		const { adminUrl } = await database;
		const databaseAppUrl = connectionAs(adminUrl, 'truffles_app', secrets.appDbPassword);
		await step(
			'Database migrated',
			() => migrate({ adminConnectionString: adminUrl, appRolePassword: secrets.appDbPassword }),
			({ applied }) => `${applied.length} new`,
		);
		const sandbox = await step('Sandbox of WhatsApp, Telegram and models', () =>
			openSandbox(folder, ports, secrets, webhookUrl, shutdown),
		);
		await step(
			'Demo salon onboarded',
			() =>
				onboardDemo({
					adminUrl,
					masterKey: secrets.masterKey,
					sandboxUrl: sandbox,
					secrets,
					index: readIndexTarget(process.env),
				}),
			(change) => change,
		);
		return { databaseAppUrl, sandboxUrl: sandbox };
	})();
	const n8n = (async () => {
		await Promise.all([runtime, packageInN8n, database]);
		const { adminUrl } = await database;
		const redisUrl = await redis;
		return step('n8n', () =>
			runN8n({
				options,
				folder,
				ports,
				secrets,
				shutdown,
				databaseAdminUrl: adminUrl,
				redisUrl,
				onRestart: () => announce(),
			}),
		);
	})();
	const [{ adminUrl }, { databaseAppUrl, sandboxUrl }, running, redisUrl] = await Promise.all([
		database,
		client,
		n8n,
		redis,
		runtime,
		packageInN8n,
	]);

	const login = { email: secrets.ownerEmail, password: secrets.ownerPassword };
	const apiKey = await step('Owner and API key', async () => {
		const key = await ensureApiKey(n8nUrl, login, secrets.n8nApiKey);
		if (key !== secrets.n8nApiKey) saveApiKey(folder, key);
		return key;
	});
	await step(
		'Credentials',
		async () => {
			const wanted = wantedCredentials(options, secrets, databaseAppUrl, sandboxUrl, redisUrl);
			const { hashes, written } = await ensureCredentials(
				n8nUrl,
				apiKey,
				wanted,
				loadMemory(folder).credentialHashes ?? {},
			);
			remember(folder, { credentialHashes: hashes });
			return written;
		},
		(written) => (written === 0 ? 'unchanged' : `${written} written`),
	);
	await step(
		'Workflows',
		() => deployFlow(n8nUrl, apiKey),
		({ workflows, writes }) => (writes === 0 ? `${workflows} unchanged` : `${workflows} published`),
	);
	await registerManagerBot(sandboxUrl, webhookUrl, secrets);

	const access = await openClient(databaseAppUrl, secrets.masterKey, DEMO_SLUG);
	shutdown.own({ name: 'database connection', process: null, stop: () => access.close() });
	const { queueMode } = running;
	if (queueMode !== null)
		await step(
			'Webhook process and workers',
			() => queueMode.ready,
			() => `${queueMode.processes().length - 1} more processes`,
		);
	await step(
		'Self check: one message end to end',
		() => selfCheck(n8nUrl, webhookUrl, apiKey, access),
		(latencyMs) => `answered in ${(latencyMs / 1000).toFixed(1)} s`,
	);
	const startedAt = new Date().toISOString();
	announce = () => {
		announceStack(folder, {
			pid: process.pid,
			n8nPid: running.pid(),
			processes: queueMode?.processes() ?? [],
			startedAt,
			n8nUrl,
			webhookUrl,
			redisUrl,
			sandboxUrl,
			databaseAdminUrl: adminUrl,
			databaseAppUrl,
		});
	};
	announce();
	return { n8nUrl, webhookUrl, sandboxUrl, login, client: access, ended: running.ended };
}

function withGivenSecrets(secrets: StackSecrets, options: StackOptions): StackSecrets {
	return {
		...secrets,
		appDbPassword: options.appDbPassword ?? secrets.appDbPassword,
		n8nDbPassword: options.n8nDbPassword ?? secrets.n8nDbPassword,
		masterKey: options.masterKey ?? secrets.masterKey,
		n8nEncryptionKey: options.n8nEncryptionKey ?? secrets.n8nEncryptionKey,
	};
}
