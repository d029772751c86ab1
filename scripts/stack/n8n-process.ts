import { spawn } from 'node:child_process';
import path from 'node:path';
import type { LogFile } from './log-file';
import { waitForEnd } from './process-life';
import type { OwnedPart } from './shutdown';
import { StackProblem } from './stack-problem';
import { REPOSITORY } from './state-folder';

/** n8n migrates its own tables on the first start; on two busy cores that was seen to take half a minute. */
const READY_TIMEOUT_MS = 180_000;
const POLL_MS = 150;
const LOG_LINES = 200;
/** Longer than n8n's own N8N_GRACEFUL_SHUTDOWN_TIMEOUT. */
const STOP_TIMEOUT_MS = 30_000;

export interface N8nProcess {
	readonly url: string;
	readonly part: OwnedPart;
	/** Resolves when n8n answers that it is ready; rejects when it ended or did not become ready in time. */
	readonly ready: Promise<void>;
	/** Resolves when n8n has ended, whoever ended it. */
	readonly ended: Promise<number | null>;
}

/**
 * Starts n8n under this Node, as the leader of its own process group: a Ctrl-C in the terminal does not reach it.
 *
 * @param port where it answers that it is ready
 */
export function startN8n(
	environment: Record<string, string>,
	port: number,
	log: LogFile,
	command: 'start' | 'webhook' | 'worker' = 'start',
): N8nProcess {
	const child = spawn(
		process.execPath,
		[path.join(REPOSITORY, 'runtime', 'node_modules', 'n8n', 'bin', 'n8n'), command],
		{
			env: environment,
			stdio: ['ignore', log.descriptor, log.descriptor],
			detached: true,
			cwd: environment.N8N_USER_FOLDER,
		},
	);
	const ended = new Promise<number | null>((resolve) => {
		child.once('exit', (code) => resolve(code));
		child.once('error', () => resolve(null));
	});
	const pid = child.pid;
	if (pid === undefined)
		throw new StackProblem(
			'n8n could not be started. Remove the folder runtime/node_modules and run the command again.',
		);
	const url = `http://127.0.0.1:${port}`;
	const part: OwnedPart = {
		name: command === 'start' ? 'n8n' : `n8n ${command}`,
		process: { pid, signal: 'SIGTERM' },
		async stop() {
			child.kill('SIGTERM');
			if (!(await waitForEnd(pid, STOP_TIMEOUT_MS))) process.kill(-pid, 'SIGKILL');
			await ended;
		},
	};
	const ready = Promise.race([waitUntilReady(url, log), ended.then((code) => explainEnd(code, log))]);
	// Somebody else awaits it later; until then a failure must not count as unhandled.
	ready.catch(() => undefined);
	return { url, part, ready, ended };
}

/** n8n stays up, without ever becoming ready, when a community package cannot be loaded. */
const BROKEN_PACKAGE = /Failed to load package "(n8n-nodes-[^"]+)"\s+(.*)/;

/** Also then it was seen to stay up, stuck (2.40.5: missing right in the database). */
const FAILED_START = /(There was an error initializing DB.*|Exiting due to an error.*)/;

async function waitUntilReady(url: string, log: LogFile): Promise<void> {
	const deadline = performance.now() + READY_TIMEOUT_MS;
	while (performance.now() < deadline) {
		const answer = await fetch(`${url}/healthz/readiness`, { signal: AbortSignal.timeout(2000) }).catch(() => null);
		if (answer?.ok === true) return;
		const text = log.tail(LOG_LINES);
		const [, name, reason] = BROKEN_PACKAGE.exec(text) ?? [];
		if (name !== undefined) throw new StackProblem(`n8n cannot load the package ${name}: ${reason}. See ${log.file}.`);
		const [, failure] = FAILED_START.exec(text) ?? [];
		if (failure !== undefined)
			throw new StackProblem(`n8n could not start (${failure.trim().slice(0, 200)}). See ${log.file}.`);
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
	throw new StackProblem(
		`n8n was not ready after ${READY_TIMEOUT_MS / 1000} s. Its log is in the state folder (logs/n8n.log).`,
	);
}

function explainEnd(code: number | null, log: LogFile): never {
	const text = log.tail(LOG_LINES);
	if (/is already in use/.test(text))
		throw new StackProblem("n8n's port is in use. Stop what uses it, or start with --n8n-port <another port>.");
	if (/Mismatching encryption keys/.test(text))
		throw new StackProblem(
			'The n8n folder was made with another encryption key. Restore secrets.json, or remove the state folder to begin anew.',
		);
	const reason =
		text
			.split('\n')
			.filter((line) => /error/i.test(line))
			.pop() ?? `exit code ${code}`;
	throw new StackProblem(`n8n ended while it was starting (${reason.trim().slice(0, 200)}). See ${log.file}.`);
}
