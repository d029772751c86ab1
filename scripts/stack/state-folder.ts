import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StackProblem } from './stack-problem';

/** The repository this script belongs to. */
export const REPOSITORY = path.resolve(__dirname, '..', '..');

/** Where one stack keeps everything it makes: database, n8n's folder, secrets, logs. */
export interface StateFolder {
	readonly home: string;
	readonly secretsFile: string;
	/** Ports and hashes remembered between starts; nothing secret. */
	readonly memoryFile: string;
	/** Addresses and process ids of the running stack; absent when none runs. */
	readonly stackFile: string;
	readonly lockFile: string;
	readonly postgresDir: string;
	/** N8N_USER_FOLDER: n8n makes `.n8n` below it. */
	readonly n8nDir: string;
	/** Of the Redis that --queue-mode starts. */
	readonly redisDir: string;
	readonly logsDir: string;
	readonly sandboxFile: string;
}

/** The folder's layout; `TRUFFLES_HOME` or `.truffles` beside package.json. Creates nothing. */
export function locateStateFolder(environment: NodeJS.ProcessEnv): StateFolder {
	const home = path.resolve(REPOSITORY, environment.TRUFFLES_HOME || '.truffles');
	return {
		home,
		secretsFile: path.join(home, 'secrets.json'),
		memoryFile: path.join(home, 'memory.json'),
		stackFile: path.join(home, 'stack.json'),
		lockFile: path.join(home, 'start.lock'),
		postgresDir: path.join(home, 'postgres', 'data'),
		n8nDir: path.join(home, 'n8n'),
		redisDir: path.join(home, 'redis'),
		logsDir: path.join(home, 'logs'),
		sandboxFile: path.join(home, 'sandbox.json'),
	};
}

/**
 * Creates the folder for this user only. Started by root it can be passed through (0711), because PostgreSQL refuses
 * to run as root and its own user has to reach its data; what is inside stays closed.
 */
export function prepareStateFolder(folder: StateFolder): void {
	const isRoot = process.getuid?.() === 0;
	const passMode = isRoot ? 0o711 : 0o700;
	try {
		for (const [dir, mode] of [
			[folder.home, passMode],
			[path.dirname(folder.postgresDir), passMode],
			[folder.n8nDir, 0o700],
			[folder.logsDir, 0o700],
		] as const) {
			mkdirSync(dir, { recursive: true, mode });
			chmodSync(dir, mode);
		}
	} catch (error) {
		throw new StackProblem(
			`The state folder ${folder.home} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'}). Set TRUFFLES_HOME to a folder of yours.`,
			undefined,
			error,
		);
	}
}

/** Writes JSON for this user only, atomically: a killed start leaves the old file or the new one. */
export function writePrivateJson(file: string, value: unknown): void {
	const temporary = `${file}.${randomUUID()}.tmp`;
	writeFileSync(temporary, `${JSON.stringify(value, null, '\t')}\n`, { mode: 0o600 });
	renameSync(temporary, file);
}

/** The file's object, or null when there is none. A file that is not a JSON object is a problem, not an empty state. */
export function readPrivateJson(file: string): Record<string, unknown> | null {
	if (!existsSync(file)) return null;
	try {
		const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
		if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
	} catch {
		// Falls through to the same answer as a wrong shape.
	}
	throw new StackProblem(
		`${file} is damaged. Restore it from a backup, or remove the folder ${path.dirname(file)} to begin anew (the demo's data is lost).`,
	);
}
