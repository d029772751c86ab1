import { openLog } from './log-file';
import { buildN8nEnvironment, type N8nSettings } from './n8n-environment';
import { startN8n } from './n8n-process';
import { hookFile } from './package-install';
import { connectionAs } from './postgres-server';
import { type QueueMode, startQueueMode } from './queue-mode';
import type { Shutdown } from './shutdown';
import type { StackOptions } from './stack-options';
import type { StackPorts } from './stack-ports';
import type { StackSecrets } from './stack-secrets';
import type { StateFolder } from './state-folder';

const TIME_ZONE = 'Asia/Almaty';

/** n8n as one process, or as those of queue mode. */
export interface RunningN8n {
	/** The one process, or main. */
	readonly pid: () => number;
	/** Null without queue mode. */
	readonly queueMode: QueueMode | null;
	/** Resolves when n8n has ended by itself; never in queue mode, where what ends is started again. */
	readonly ended: Promise<number | null>;
}

export interface N8nStart {
	readonly options: StackOptions;
	readonly folder: StateFolder;
	readonly ports: StackPorts;
	readonly secrets: StackSecrets;
	readonly shutdown: Shutdown;
	readonly databaseAdminUrl: string;
	/** Queue mode needs one. */
	readonly redisUrl: string | null;
	/** Told when a process of queue mode was started again. */
	readonly onRestart: () => void;
}

/** Starts n8n with the installed package. Returns when the editor and the API answer. */
export async function runN8n(start: N8nStart): Promise<RunningN8n> {
	const { options, folder, ports, secrets, shutdown, redisUrl } = start;
	const settings: N8nSettings = {
		userFolder: folder.n8nDir,
		port: ports.n8n,
		brokerPort: ports.broker,
		encryptionKey: secrets.n8nEncryptionKey,
		runnersToken: secrets.runnersToken,
		databaseUrl: connectionAs(start.databaseAdminUrl, 'n8n', secrets.n8nDbPassword),
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
			onRestart: start.onRestart,
		});
		return { pid: () => queueMode.processes()[0]?.pid ?? 0, queueMode, ended: new Promise(() => undefined) };
	}
	const started = startN8n(buildN8nEnvironment(settings, process.env), ports.n8n, openLog(folder.logsDir, 'n8n'));
	shutdown.own(started.part);
	await started.ready;
	return { pid: () => started.part.process?.pid ?? 0, queueMode: null, ended: started.ended };
}
