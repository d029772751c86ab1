/** A real Redis for a test file: the one at REDIS_URL, or a server of its own when redis-server is installed. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { hasRedisServer } from '../../scripts/stack/redis-server';
import { findFreePort } from './postgres';

export interface TestRedis {
	readonly url: string;
	stop(): Promise<void>;
}

/** True when tests with Redis can run here. */
export function hasRedis(): boolean {
	return Boolean(process.env['REDIS_URL']) || hasRedisServer();
}

/** Starts (or finds) the server. Call only when `hasRedis()`. */
export async function startTestRedis(): Promise<TestRedis> {
	const given = process.env['REDIS_URL'];
	if (given) return { url: given, stop: async () => await Promise.resolve() };
	const port = await findFreePort();
	const dir = mkdtempSync(path.join(tmpdir(), 'truffles-redis-'));
	const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir], {
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	await new Promise<void>((resolve, reject) => {
		child.once('error', reject);
		child.stdout?.on('data', (line: Buffer) => {
			if (line.toString().includes('Ready to accept connections')) resolve();
		});
	});
	return {
		url: `redis://127.0.0.1:${port}`,
		stop: async () => {
			const ended = new Promise((resolve) => child.once('exit', resolve));
			child.kill('SIGKILL');
			await ended;
			rmSync(dir, { recursive: true, force: true });
		},
	};
}
