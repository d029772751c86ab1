import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { KeptProcess } from './kept-process';
import { openLog } from './log-file';
import { buildN8nEnvironment, type N8nSettings } from './n8n-environment';
import { startN8n } from './n8n-process';
import { communityDir } from './package-install';
import { findFreePort } from './ports';
import { buildQueueEnvironment, type QueueRole } from './queue-environment';
import type { Shutdown } from './shutdown';
import type { StateFolder } from './state-folder';

/** One process of the stack, as `stack.json` names it. */
export interface StackProcess {
	readonly role: QueueRole;
	readonly pid: number;
	/** Its log, in the folder of logs. */
	readonly log: string;
}

export interface QueueModeStart {
	/** Of main; the others differ in folder and ports. */
	readonly n8n: N8nSettings;
	readonly webhookPort: number;
	readonly workers: number;
	readonly redisUrl: string;
	readonly folder: StateFolder;
	readonly inherited: NodeJS.ProcessEnv;
	readonly shutdown: Shutdown;
	readonly say: (line: string) => void;
	/** Told when a process was started again. */
	readonly onRestart: () => void;
}

export interface QueueMode {
	/** Where deliveries go. */
	readonly webhookUrl: string;
	/** Resolves when the webhook process and the workers are ready. */
	readonly ready: Promise<void>;
	processes(): readonly StackProcess[];
}

/**
 * Starts n8n in queue mode on this machine: main, one webhook process and workers, each under supervision and with a user
 * folder of its own, in which the same installed package is linked.
 *
 * @returns when main is ready, because the others need the tables that it makes; they are still starting then
 */
export async function startQueueMode(start: QueueModeStart): Promise<QueueMode> {
	const { n8n, folder, shutdown, say, onRestart } = start;
	const webhookUrl = `http://127.0.0.1:${start.webhookPort}`;
	const kept: Array<{ role: QueueRole; log: string; process: KeptProcess }> = [];

	const launch = async (role: QueueRole, name: string, port: number): Promise<KeptProcess> => {
		const settings: N8nSettings =
			role === 'main'
				? n8n
				: { ...n8n, userFolder: linkedUserFolder(folder, name), port, brokerPort: await findFreePort() };
		const environment = {
			...buildN8nEnvironment(settings, start.inherited),
			...buildQueueEnvironment({
				role,
				redisUrl: start.redisUrl,
				webhookUrl: `${webhookUrl}/`,
				editorUrl: `http://127.0.0.1:${n8n.port}/`,
				healthPort: port,
			}),
		};
		const log = openLog(folder.logsDir, name);
		const command = role === 'main' ? 'start' : role;
		const process = new KeptProcess(name, () => startN8n(environment, port, log, command), shutdown, say, onRestart);
		kept.push({ role, log: `${name}.log`, process });
		return process;
	};

	const main = await launch('main', 'n8n', n8n.port);
	await main.ready;
	const others = [await launch('webhook', 'n8n-webhook', start.webhookPort)];
	for (let number = 1; number <= start.workers; number += 1)
		others.push(await launch('worker', `n8n-worker-${number}`, await findFreePort()));
	const ready = Promise.all(others.map((process) => process.ready)).then(() => undefined);
	ready.catch(() => undefined);
	return {
		webhookUrl,
		ready,
		processes: () => kept.map(({ role, log, process }) => ({ role, log, pid: process.pid })),
	};
}

/** n8n keeps files of its own in its user folder; two processes must not share them. The package is the same for all. */
function linkedUserFolder(folder: StateFolder, name: string): string {
	const userFolder = path.join(folder.home, name);
	const packages = communityDir(userFolder);
	mkdirSync(path.dirname(packages), { recursive: true, mode: 0o700 });
	if (!existsSync(packages)) symlinkSync(communityDir(folder.n8nDir), packages, 'dir');
	return userFolder;
}
