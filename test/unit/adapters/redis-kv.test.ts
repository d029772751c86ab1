import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RedisKv } from '../../../lib/adapters/redis-kv';
import { hasRedisServer } from '../../../scripts/stack/redis-server';

async function freePort(): Promise<number> {
	return await new Promise((resolve) => {
		const server = createServer().listen(0, '127.0.0.1', () => {
			const { port } = server.address() as AddressInfo;
			server.close(() => resolve(port));
		});
	});
}

async function startRedis(port: number, dir: string): Promise<ChildProcess> {
	const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir], {
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	await new Promise<void>((resolve, reject) => {
		child.once('error', reject);
		child.stdout?.on('data', (line: Buffer) => {
			if (line.toString().includes('Ready to accept connections')) resolve();
		});
	});
	return child;
}

async function stopRedis(child: ChildProcess): Promise<void> {
	const ended = new Promise((resolve) => child.once('exit', resolve));
	child.kill('SIGKILL');
	await ended;
}

const until = async (condition: () => Promise<boolean>): Promise<void> => {
	for (let tries = 0; tries < 100 && !(await condition()); tries += 1)
		await new Promise((resolve) => setTimeout(resolve, 100));
};

test('without Redis the calls are answered from memory, quickly, and it is said once', async () => {
	const seen: boolean[] = [];
	const kv = new RedisKv({ url: 'redis://127.0.0.1:1', onDegraded: (degraded) => seen.push(degraded) });
	const started = performance.now();
	expect(await kv.increment('r', 1_000)).toMatchObject({ count: 1 });
	expect(await kv.increment('r', 1_000)).toMatchObject({ count: 2 });
	await kv.set('a', '1', 1_000);
	expect(await kv.get('a')).toBe('1');
	expect(performance.now() - started).toBeLessThan(1_500);
	expect(kv.degraded).toBe(true);
	expect(seen).toEqual([true]);
	await kv.close();
});

const withRedis = hasRedisServer() ? describe : describe.skip;

withRedis('on a real Redis (skipped when redis-server is not on PATH)', () => {
	let redis: ChildProcess;
	let port: number;
	let dir: string;
	const url = (): string => `redis://127.0.0.1:${port}`;

	beforeAll(async () => {
		dir = mkdtempSync(path.join(tmpdir(), 'truffles-redis-'));
		port = await freePort();
		redis = await startRedis(port, dir);
	});

	afterAll(async () => {
		await stopRedis(redis);
		rmSync(dir, { recursive: true, force: true });
	});

	test('two processes count in one window, and the window ends', async () => {
		const [one, two] = [new RedisKv({ url: url() }), new RedisKv({ url: url() })];
		const counts = await Promise.all(
			[...Array(50).keys()].map((at) => (at % 2 === 0 ? one : two).increment('shared', 400)),
		);
		expect(Math.max(...counts.map(({ count }) => count))).toBe(50);
		expect(counts.every(({ remainingMs }) => remainingMs > 0 && remainingMs <= 400)).toBe(true);
		await new Promise((resolve) => setTimeout(resolve, 450));
		expect((await one.increment('shared', 400)).count).toBe(1);
		await Promise.all([one.close(), two.close()]);
	});

	test('a value lives as long as told and can be deleted', async () => {
		const kv = new RedisKv({ url: url() });
		await kv.set('a', 'сәлем', 100);
		expect(await kv.get('a')).toBe('сәлем');
		await new Promise((resolve) => setTimeout(resolve, 150));
		expect(await kv.get('a')).toBeNull();
		await kv.set('b', '1', 10_000);
		await kv.delete('b');
		expect(await kv.get('b')).toBeNull();
		await kv.close();
	});

	test('a Redis that dies and comes back is used again', async () => {
		const kv = new RedisKv({ url: url() });
		await kv.set('a', '1', 60_000);
		await stopRedis(redis);
		expect((await kv.increment('r', 60_000)).count).toBe(1);
		expect(kv.degraded).toBe(true);
		redis = await startRedis(port, dir);
		await until(async () => {
			await kv.get('a');
			return !kv.degraded;
		});
		expect(kv.degraded).toBe(false);
		await kv.close();
	}, 20_000);
});
