import { rmSync } from 'node:fs';
import { isProcessAlive } from './process-life';
import type { StackProcess } from './queue-mode';
import { EXIT, StackProblem } from './stack-problem';
import { loadSecrets } from './stack-secrets';
import { locateStateFolder, readPrivateJson, writePrivateJson, type StateFolder } from './state-folder';

/** What `stack.json` says about the stack that runs; for this user only, because of the database addresses. */
export interface StackFacts {
	/** Process of `npm start`. */
	readonly pid: number;
	readonly n8nPid: number;
	readonly startedAt: string;
	readonly n8nUrl: string;
	/** Where deliveries go: the webhook process in queue mode, otherwise the same. */
	readonly webhookUrl: string;
	/** The processes of queue mode; empty without it. */
	readonly processes: readonly StackProcess[];
	/** With its password; null when none is used. */
	readonly redisUrl: string | null;
	readonly sandboxUrl: string;
	/** As the administrator, for tests; as `truffles_app`, for everything else. */
	readonly databaseAdminUrl: string;
	readonly databaseAppUrl: string;
}

export interface RunningStack extends StackFacts {
	readonly apiKey: string;
	/** Base64 of 32 bytes. */
	readonly masterKey: string;
}

/** Tells other commands that a stack runs. */
export function announceStack(folder: StateFolder, facts: StackFacts): void {
	writePrivateJson(folder.stackFile, facts);
}

/** Takes the announcement back. */
export function withdrawStack(folder: StateFolder): void {
	rmSync(folder.stackFile, { force: true });
}

/** The stack that `npm start` keeps up in this state folder; null when none runs. */
export async function readRunningStack(environment: NodeJS.ProcessEnv = process.env): Promise<RunningStack | null> {
	const folder = locateStateFolder(environment);
	const facts = readPrivateJson(folder.stackFile) as StackFacts | null;
	if (facts === null || !isProcessAlive(facts.pid)) return null;
	const secrets = loadSecrets(folder);
	if (secrets.n8nApiKey === null) return null;
	return {
		...facts,
		apiKey: secrets.n8nApiKey,
		masterKey: environment.TRUFFLES_MASTER_KEY?.trim() || secrets.masterKey,
	};
}

/** As `readRunningStack`. @throws StackProblem (4) when none runs */
export async function requireRunningStack(environment: NodeJS.ProcessEnv = process.env): Promise<RunningStack> {
	const stack = await readRunningStack(environment);
	if (stack === null)
		throw new StackProblem('No stack is running. Start it with "npm start" in another terminal.', EXIT.conflict);
	return stack;
}
