import { migrate } from '../../lib/adapters/migrate-database';
import { startSandbox } from '../../sandbox/server';
import { askSalon } from './ask-salon';
import { checkPhone } from './check-flow';
import { openClient, type ClientAccess } from './client-access';
import { DEMO_SLUG, onboardDemo, registerManagerBot } from './demo-client';
import { readIndexTarget } from '../onboard/index-knowledge';
import { deployFlow, publishAgain } from './deploy-flow';
import { openLog } from './log-file';
import { ensureCredentials, type WantedCredential } from './n8n-credentials';
import { buildN8nEnvironment, type N8nSettings } from './n8n-environment';
import { ensureApiKey } from './n8n-owner';
import { startN8n } from './n8n-process';
import { installRuntime } from './npm-command';
import { buildPackage } from './package-build';
import { hookFile, installPackage } from './package-install';
import { choosePort } from './ports';
import { type QueueMode, startQueueMode } from './queue-mode';
import { assertRedisForQueueMode, startRedis } from './redis-server';
import { connectionAs, prepareN8nSchema, startPostgres } from './postgres-server';
import type { Progress } from './progress';
import { announceStack } from './running-stack';
import type { Shutdown } from './shutdown';
import { loadMemory, remember } from './stack-memory';
import type { StackOptions } from './stack-options';
import { EXIT, StackProblem } from './stack-problem';
import { loadOrCreateSecrets, saveApiKey, type StackSecrets } from './stack-secrets';
import type { StateFolder } from './state-folder';

/** Steps that print a line; the number in front of it. */
export const STEP_COUNT = 12;
/** With queue mode one more. */
export const QUEUE_MODE_STEP_COUNT = STEP_COUNT + 1;

/** Of PostgreSQL, per n8n process: 8 of n8n and 21 of our nodes at most, and some to spare. */
const CONNECTIONS_PER_PROCESS = 35;

const TIME_ZONE = 'Asia/Almaty';
const SELF_CHECK_TEXT = 'Здравствуйте! Вы до скольки работаете?';
const SELF_CHECK_TIMEOUT_MS = 60_000;
/** Far longer than an answer takes, also on a machine that has just started everything. */
const FIRST_SELF_CHECK_TIMEOUT_MS = 20_000;
/** The workflow whose trigger takes messages out of PostgreSQL. */
const INBOX_WORKFLOW = '2_Parse_Normalize';

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

interface Ports {
	readonly n8n: number;
	readonly phone: number;
	readonly postgres: number;
	readonly broker: number;
	/** Of queue mode; 0 without it. */
	readonly webhook: number;
	readonly redis: number;
}

/** n8n as one process, or as those of queue mode. */
interface RunningN8n {
	readonly pid: number;
	readonly queueMode: QueueMode | null;
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
	redis.catch(() => undefined);
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
		return step('n8n', async (): Promise<RunningN8n> => {
			const settings: N8nSettings = {
				userFolder: folder.n8nDir,
				port: ports.n8n,
				brokerPort: ports.broker,
				encryptionKey: secrets.n8nEncryptionKey,
				runnersToken: secrets.runnersToken,
				databaseUrl: connectionAs(adminUrl, 'n8n', secrets.n8nDbPassword),
				hookFile: hookFile(folder.n8nDir),
				timeZone: TIME_ZONE,
			};
			if (options.queueMode !== null && redisUrl !== null) {
				const queueMode = await startQueueMode({
					n8n: settings,
					webhookPort: ports.webhook,
					workers: options.queueMode.workers,
					redisUrl,
					folder,
					inherited: process.env,
					shutdown,
					say: (line) => process.stderr.write(`${line}\n`),
					onRestart: () => announce(),
				});
				// What ends is started again, so n8n as a whole does not end.
				return { pid: queueMode.processes()[0]?.pid ?? 0, queueMode, ended: new Promise(() => undefined) };
			}
			const started = startN8n(buildN8nEnvironment(settings, process.env), ports.n8n, openLog(folder.logsDir, 'n8n'));
			shutdown.own(started.part);
			await started.ready;
			return { pid: started.part.process?.pid ?? 0, queueMode: null, ended: started.ended };
		});
	})();
	const [{ adminUrl }, { databaseAppUrl, sandboxUrl }, running, redisUrl] = await settleAll([
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
		const processes = queueMode?.processes() ?? [];
		announceStack(folder, {
			pid: process.pid,
			n8nPid: processes[0]?.pid ?? running.pid,
			processes,
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

/** Like Promise.all, but a failure is reported only when the rest has come to its end too: nothing starts behind it. */
async function settleAll<T extends readonly Promise<unknown>[]>(
	work: readonly [...T],
): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
	const all = Promise.all(work);
	all.catch(() => undefined);
	return all as Promise<{ [K in keyof T]: Awaited<T[K]> }>;
}

async function choosePorts(options: StackOptions, folder: StateFolder): Promise<Ports> {
	const memory = loadMemory(folder);
	const ports: Ports = {
		n8n: await choosePort({
			what: 'n8n',
			flag: '--n8n-port',
			asked: options.n8nPort,
			remembered: memory.n8nPort ?? null,
			usual: 5678,
			isPublic: true,
		}),
		phone: await choosePort({
			what: 'phone page',
			flag: '--phone-port',
			asked: options.phonePort,
			remembered: memory.phonePort ?? null,
			usual: 8080,
			isPublic: true,
		}),
		postgres:
			options.databaseUrl !== null
				? 0
				: await choosePort({
						what: 'PostgreSQL',
						flag: '--postgres-port',
						asked: options.postgresPort,
						remembered: memory.postgresPort ?? null,
						usual: 5433,
						isPublic: false,
					}),
		broker: await choosePort({
			what: "n8n's task runners",
			flag: '--n8n-port',
			asked: options.n8nPort === 0 ? 0 : null,
			remembered: memory.brokerPort ?? null,
			usual: 5679,
			isPublic: false,
		}),
		webhook:
			options.queueMode === null
				? 0
				: await choosePort({
						what: "n8n's webhook process",
						flag: '--n8n-port',
						asked: options.n8nPort === 0 ? 0 : null,
						remembered: memory.webhookPort ?? null,
						usual: 5680,
						isPublic: false,
					}),
		redis:
			options.queueMode === null || options.redisUrl !== null
				? 0
				: await choosePort({
						what: 'Redis',
						flag: '--n8n-port',
						asked: options.n8nPort === 0 ? 0 : null,
						remembered: memory.redisPort ?? null,
						usual: 6380,
						isPublic: false,
					}),
	};
	remember(folder, {
		postgresPort: ports.postgres,
		brokerPort: ports.broker,
		...(ports.webhook === 0 ? {} : { webhookPort: ports.webhook }),
		...(ports.redis === 0 ? {} : { redisPort: ports.redis }),
	});
	return ports;
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

async function openDatabase(
	options: StackOptions,
	folder: StateFolder,
	ports: Ports,
	secrets: StackSecrets,
	shutdown: Shutdown,
): Promise<{ adminUrl: string }> {
	let adminUrl = options.databaseUrl;
	if (adminUrl === null) {
		const log = (line: string): void => {
			if (process.env.TRUFFLES_DEBUG) process.stderr.write(`${line}\n`);
		};
		const started = await startPostgres({
			dataDir: folder.postgresDir,
			port: ports.postgres,
			password: secrets.postgresPassword,
			log,
			// Each process of n8n has connections of its own and of our nodes.
			...(options.queueMode === null
				? {}
				: { settings: { max_connections: String(CONNECTIONS_PER_PROCESS * (options.queueMode.workers + 4)) } }),
		});
		shutdown.own(started.part);
		adminUrl = started.adminUrl;
	}
	await prepareN8nSchema(adminUrl, secrets.n8nDbPassword);
	return { adminUrl };
}

/** The Redis of the user's; with queue mode and none given, one of this stack's own; otherwise none. */
async function openRedis(
	options: StackOptions,
	folder: StateFolder,
	ports: Ports,
	secrets: StackSecrets,
	shutdown: Shutdown,
): Promise<string | null> {
	if (options.queueMode === null || options.redisUrl !== null) return options.redisUrl;
	const started = await startRedis(
		folder.redisDir,
		ports.redis,
		secrets.redisPassword,
		openLog(folder.logsDir, 'redis'),
	);
	shutdown.own(started.part);
	return started.url;
}

async function openSandbox(
	folder: StateFolder,
	ports: Ports,
	secrets: StackSecrets,
	webhookUrl: string,
	shutdown: Shutdown,
): Promise<string> {
	const sandbox = await startSandbox({
		port: ports.phone,
		clientKey: DEMO_SLUG,
		chatflow: { token: secrets.chatflowToken, instanceId: secrets.chatflowInstanceId },
		telegram: { botToken: secrets.telegramBotToken, chatId: secrets.telegramChatId },
		openai: { apiKey: secrets.sandboxModelKey },
		gateway: { url: `${webhookUrl}/webhook/${DEMO_SLUG}`, secret: secrets.webhookSecret },
		stateFile: folder.sandboxFile,
	}).catch((error: unknown) => {
		if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
			throw new StackProblem(
				`Port ${ports.phone} (phone page) is in use. Stop what uses it, or start with --phone-port <another port>.`,
			);
		throw error;
	});
	shutdown.own({ name: 'sandbox', process: null, stop: () => sandbox.close() });
	return sandbox.url;
}

/** The credentials that the workflows name. The sandbox may be given by an address that leads to it. */
export function wantedCredentials(
	options: StackOptions,
	secrets: StackSecrets,
	databaseUrl: string,
	sandboxUrl: string,
	redisUrl: string | null,
): WantedCredential[] {
	const { model, localModel } = options;
	const endpoint =
		model.kind === 'endpoint'
			? { provider: model.provider, baseUrl: model.baseUrl, apiKey: model.apiKey }
			: model.kind === 'sandbox'
				? { provider: 'openaiCompatible', baseUrl: `${sandboxUrl}/openai/v1`, apiKey: secrets.sandboxModelKey }
				: null;
	return [
		{
			name: 'Truffles Platform',
			type: 'trufflesPlatformApi',
			data: {
				databaseUrl,
				masterKey: secrets.masterKey,
				redisUrl: redisUrl ?? '',
				qdrantUrl: options.qdrantUrl ?? '',
				qdrantApiKey: options.qdrantApiKey ?? '',
			},
		},
		{
			name: 'Truffles Models',
			type: 'trufflesModelApi',
			data: {
				...(endpoint === null
					? { provider: 'none' }
					: {
							...endpoint,
							cheapModel: options.cheapModel,
							strongModel: options.strongModel,
							embeddingModel: options.embeddingModel ?? '',
						}),
				...(localModel === null ? {} : { localBaseUrl: localModel.baseUrl, localModel: localModel.model }),
			},
		},
	];
}

/**
 * Sends one message through the whole flow. n8n tries to start a published trigger once; one that failed then (a wrong
 * credential, mended since) stays off though it is shown as published. So a message without outcome publishes the
 * trigger again before the check gives up.
 */
async function selfCheck(n8nUrl: string, webhookUrl: string, apiKey: string, client: ClientAccess): Promise<number> {
	let asked = await askSalon(webhookUrl, client, checkPhone(), SELF_CHECK_TEXT, FIRST_SELF_CHECK_TIMEOUT_MS);
	if (asked.kind === 'no_outcome') {
		await publishAgain(n8nUrl, apiKey, INBOX_WORKFLOW);
		asked = await askSalon(webhookUrl, client, checkPhone(), SELF_CHECK_TEXT, SELF_CHECK_TIMEOUT_MS);
	}
	if (asked.kind === 'refused')
		throw new StackProblem(`The self check failed: the gateway refused the message (${asked.problem}).`, EXIT.failed);
	if (asked.kind === 'no_outcome')
		throw new StackProblem(
			`The self check failed: the message got no outcome in ${asked.waitedMs / 1000} s. See logs/n8n.log in the state folder and the executions in n8n.`,
			EXIT.failed,
		);
	if (asked.result.delivery !== 'sent')
		throw new StackProblem(
			`The self check failed: the outcome was ${asked.result.outcome} and the reply was not delivered.`,
			EXIT.failed,
		);
	return asked.latencyMs;
}
