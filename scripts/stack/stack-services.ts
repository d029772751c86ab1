/** What n8n needs around it: the database, in queue mode Redis, and the sandbox as the outside world. */
import { startSandbox } from '../../sandbox/server';
import { DEMO_SLUG } from './demo-client';
import { openLog } from './log-file';
import { prepareN8nSchema, startPostgres } from './postgres-server';
import { startRedis } from './redis-server';
import type { Shutdown } from './shutdown';
import type { StackOptions } from './stack-options';
import type { StackPorts } from './stack-ports';
import { StackProblem } from './stack-problem';
import type { StackSecrets } from './stack-secrets';
import type { StateFolder } from './state-folder';

/** Of PostgreSQL, per n8n process: 8 of n8n and 21 of our nodes at most, and some to spare. */
const CONNECTIONS_PER_PROCESS = 35;

/** The database of the user's, or the embedded one of this stack, with n8n's schema in it. */
export async function openDatabase(
	options: StackOptions,
	folder: StateFolder,
	ports: StackPorts,
	secrets: StackSecrets,
	shutdown: Shutdown,
): Promise<{ adminUrl: string }> {
	let adminUrl = options.databaseUrl;
	if (adminUrl === null) {
		const log = (line: string): void => {
			if (process.env.TRUFFLES_DEBUG) process.stderr.write(`${line}\n`);
		};
		const start = startPostgres({
			dataDir: folder.postgresDir,
			port: ports.postgres,
			password: secrets.postgresPassword,
			log,
			// Each process of n8n has connections of its own and of our nodes.
			...(options.queueMode === null
				? {}
				: { settings: { max_connections: String(CONNECTIONS_PER_PROCESS * (options.queueMode.workers + 4)) } }),
		});
		({ adminUrl } = await shutdown.ownStarting('PostgreSQL', start));
	}
	await prepareN8nSchema(adminUrl, secrets.n8nDbPassword);
	return { adminUrl };
}

/** The Redis of the user's; with queue mode and none given, one of this stack's own; otherwise none. */
export async function openRedis(
	options: StackOptions,
	folder: StateFolder,
	ports: StackPorts,
	secrets: StackSecrets,
	shutdown: Shutdown,
): Promise<string | null> {
	if (options.queueMode === null || options.redisUrl !== null) return options.redisUrl;
	const start = startRedis(folder.redisDir, ports.redis, secrets.redisPassword, openLog(folder.logsDir, 'redis'));
	return (await shutdown.ownStarting('Redis', start)).url;
}

/** The stand-ins of WhatsApp, Telegram and models, with the phone page. Returns their address. */
export async function openSandbox(
	folder: StateFolder,
	ports: StackPorts,
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
