import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LogFile } from './log-file';
import { waitForEnd } from './process-life';
import type { OwnedPart } from './shutdown';
import { StackProblem } from './stack-problem';

const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 50;
const LOG_LINES = 5;

/** True when `redis-server` is on PATH. */
export function hasRedisServer(environment: NodeJS.ProcessEnv = process.env): boolean {
	return spawnSync('redis-server', ['--version'], { stdio: 'ignore', env: environment }).status === 0;
}

/** @throws StackProblem when queue mode was asked for and there is no Redis it could use */
export function assertRedisForQueueMode(redisUrl: string | null, environment: NodeJS.ProcessEnv): void {
	if (redisUrl !== null || hasRedisServer(environment)) return;
	throw new StackProblem(
		'Queue mode needs Redis: its processes share the work through it. Set REDIS_URL to a Redis of yours, or install redis-server (package "redis-server" or "redis"), or start without --queue-mode.',
	);
}

/**
 * Starts a Redis of this stack's own on 127.0.0.1. It keeps nothing on disk: what must not be lost is in PostgreSQL.
 *
 * @returns its address, with the password, which stands in a file for this user only and in no argument
 */
export async function startRedis(
	dir: string,
	port: number,
	password: string,
	log: LogFile,
): Promise<{ url: string; part: OwnedPart }> {
	mkdirSync(dir, { recursive: true, mode: 0o700 });
	const config = path.join(dir, 'redis.conf');
	writeFileSync(
		config,
		`bind 127.0.0.1\nport ${port}\nrequirepass ${password}\nsave ""\nappendonly no\nlogfile ""\ndir ${JSON.stringify(dir)}\n`,
		{ mode: 0o600 },
	);
	const child = spawn('redis-server', [config], { stdio: ['ignore', log.descriptor, log.descriptor], detached: true });
	const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
	let failure: Error | null = null;
	child.once('error', (error) => {
		failure = error;
	});
	const deadline = performance.now() + START_TIMEOUT_MS;
	while (!/Ready to accept connections/.test(log.tail(LOG_LINES))) {
		if (failure !== null || isGone() || performance.now() > deadline)
			throw new StackProblem(`redis-server did not start. See ${log.file}.`, undefined, failure ?? undefined);
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
	const pid = child.pid as number;
	return {
		url: `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}`,
		part: {
			name: 'Redis',
			process: { pid, signal: 'SIGTERM' },
			async stop() {
				child.kill('SIGTERM');
				if (!(await waitForEnd(pid, STOP_TIMEOUT_MS))) child.kill('SIGKILL');
			},
		},
	};
}
