import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';

import { MemoryKv } from '../../lib/adapters/memory-kv';
import { QueueWatch } from '../../lib/adapters/queue-watch';
import { RedisKv } from '../../lib/adapters/redis-kv';
import type { Kv } from '../../lib/ports/kv';
import { hasRedisServer } from '../../scripts/stack/redis-server';
import { findFreePort } from '../support/postgres';
import { eventually } from '../support/world';

const CHECK_MS = 50;
/** Several checks. */
const A_WHILE_MS = 400;

let kv: Kv;
let watch: QueueWatch | null;
const problems: unknown[] = [];

/** Starts to watch an execution that never ends, and says what has become of it. */
async function watching(over: Kv): Promise<{ state: string }> {
	kv = over;
	watch = new QueueWatch(kv, randomUUID(), (error) => problems.push(error), CHECK_MS);
	await watch.start();
	const execution = { state: 'running' };
	watch.untilLost(new Promise(() => undefined)).catch((error: { code?: string }) => {
		execution.state = error.code ?? 'failed';
	});
	return execution;
}

async function pause(ms: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, ms));
}

beforeEach(() => {
	problems.length = 0;
	watch = null;
});
afterEach(async () => {
	watch?.stop();
	await kv?.close();
	expect(problems).toEqual([]);
});

test('without Redis nothing is ever lost', async () => {
	const execution = await watching(new MemoryKv());
	await pause(A_WHILE_MS);
	expect(execution.state).toBe('running');
});

test('an execution that ends is passed on, with its result or its failure', async () => {
	await watching(new MemoryKv());
	expect(await watch?.untilLost(Promise.resolve('done'))).toBe('done');
	await expect(watch?.untilLost(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

/** Falls silent where a real one does so only now and then: between two commands of one check. */
class MomentKv extends MemoryKv {
	degraded = false;
	diesBeforeSet = false;

	override async set(key: string, value: string, ttlMs: number): Promise<void> {
		this.degraded ||= this.diesBeforeSet;
		if (!this.degraded) await super.set(key, value, ttlMs);
	}
}

test('a Redis that dies between the look and the new mark, and comes back empty, has lost what waited', async () => {
	const forgetful = new MomentKv();
	const execution = await watching(forgetful);
	forgetful.diesBeforeSet = true;
	await pause(A_WHILE_MS);
	expect(execution.state).toBe('running');
	await forgetful.close();
	Object.assign(forgetful, { degraded: false, diesBeforeSet: false });
	await pause(A_WHILE_MS);
	expect(execution.state).toBe('TRF_EXECUTION_LOST');
});

// A server of its own: it is emptied and killed.
(hasRedisServer() ? describe : describe.skip)('with a Redis that forgets', () => {
	let port: number;
	let server: ChildProcess;
	const url = (): string => `redis://127.0.0.1:${port}`;

	async function startServer(): Promise<void> {
		server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], { stdio: 'ignore' });
		const probe = new Redis(url(), { retryStrategy: () => 50, maxRetriesPerRequest: null });
		probe.on('error', () => undefined);
		await probe.ping();
		probe.disconnect();
	}
	async function killServer(): Promise<void> {
		const ended = new Promise((resolve) => server.once('exit', resolve));
		server.kill('SIGKILL');
		await ended;
	}

	beforeEach(async () => {
		port = await findFreePort();
		await startServer();
	});
	afterEach(killServer);

	test('what waited in it when it was emptied is lost; what begins afterwards is not', async () => {
		const before = await watching(new RedisKv({ url: url() }));
		await pause(A_WHILE_MS);
		expect(before.state).toBe('running');
		const redis = new Redis(url());
		await redis.flushall();
		redis.disconnect();
		await eventually(
			'the loss is noticed',
			async () => await Promise.resolve(before.state === 'TRF_EXECUTION_LOST'),
			5_000,
		);
		let after = 'running';
		watch?.untilLost(new Promise(() => undefined)).catch(() => (after = 'lost'));
		await pause(A_WHILE_MS);
		expect(after).toBe('running');
	});

	test('while it does not answer nothing is lost; when it comes back empty everything is', async () => {
		const execution = await watching(new RedisKv({ url: url(), commandTimeoutMs: 200 }));
		await killServer();
		await pause(A_WHILE_MS);
		expect(execution.state).toBe('running');
		await startServer();
		await eventually(
			'the loss is noticed',
			async () => await Promise.resolve(execution.state === 'TRF_EXECUTION_LOST'),
			10_000,
		);
	});

	test('a Redis that was away from the beginning and comes loses nothing', async () => {
		await killServer();
		const execution = await watching(new RedisKv({ url: url(), commandTimeoutMs: 200 }));
		await startServer();
		await pause(2_000);
		expect(execution.state).toBe('running');
	});
});
