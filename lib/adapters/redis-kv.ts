import { Redis } from 'ioredis';
import type { Kv } from '../ports/kv';
import { MemoryKv } from './memory-kv';

const COMMAND_TIMEOUT_MS = 500;
const RECONNECT_MAX_MS = 5_000;
const KEY_PREFIX = 'truffles:';

/**
 * INCR and PEXPIRE in one step: with two commands a process that dies in between leaves a window that
 * never ends, and the client would stay rate limited for ever.
 */
const INCREMENT_SCRIPT = `
local count = redis.call('INCR', KEYS[1])
local ttl = redis.call('PTTL', KEYS[1])
if ttl < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  ttl = tonumber(ARGV[1])
end
return {count, ttl}`;

export interface RedisKvOptions {
	readonly url: string;
	/** Called when Redis stops answering (true) and when it answers again (false). `detail` holds no address. */
	readonly onDegraded?: (degraded: boolean, detail: string) => void;
	/** Longest wait for one command before memory answers instead. */
	readonly commandTimeoutMs?: number;
	readonly keyPrefix?: string;
}

/**
 * Key-value store shared by several processes through Redis.
 *
 * Never throws: while Redis is down the same calls are answered from memory of this process, `degraded` is true
 * and `onDegraded` is told once per change. Counters restart with the fallback; PostgreSQL stays the truth.
 */
export class RedisKv implements Kv {
	private readonly redis: Redis;
	private readonly memory = new MemoryKv();
	private isDegraded = false;
	private closed = false;

	constructor(private readonly options: RedisKvOptions) {
		this.redis = new Redis(options.url, {
			keyPrefix: options.keyPrefix ?? KEY_PREFIX,
			commandTimeout: options.commandTimeoutMs ?? COMMAND_TIMEOUT_MS,
			connectTimeout: 2_000,
			maxRetriesPerRequest: 1,
			retryStrategy: (attempt) => Math.min(attempt * 200, RECONNECT_MAX_MS),
		});
		// Without a listener ioredis prints every reconnect attempt; the commands report the state already.
		this.redis.on('error', (error: unknown) => this.report(true, errorName(error)));
	}

	/** True while answers come from this process's memory. */
	get degraded(): boolean {
		return this.isDegraded;
	}

	async get(key: string): Promise<string | null> {
		return await this.attempt(
			() => this.redis.get(key),
			() => this.memory.get(key),
		);
	}

	async set(key: string, value: string, ttlMs: number): Promise<void> {
		await this.attempt(
			async () => {
				await this.redis.set(key, value, 'PX', Math.max(1, Math.ceil(ttlMs)));
			},
			() => this.memory.set(key, value, ttlMs),
		);
	}

	async delete(key: string): Promise<void> {
		await this.attempt(
			async () => {
				await this.redis.del(key);
			},
			() => this.memory.delete(key),
		);
	}

	async increment(key: string, windowMs: number): Promise<{ count: number; remainingMs: number }> {
		return await this.attempt(
			async () => {
				const reply = (await this.redis.eval(INCREMENT_SCRIPT, 1, key, Math.max(1, Math.ceil(windowMs)))) as [
					number,
					number,
				];
				return { count: Number(reply[0]), remainingMs: Math.max(0, Number(reply[1])) };
			},
			() => this.memory.increment(key, windowMs),
		);
	}

	async close(): Promise<void> {
		this.closed = true;
		await this.memory.close();
		this.redis.disconnect();
	}

	private async attempt<T>(onRedis: () => Promise<T>, onMemory: () => Promise<T>): Promise<T> {
		// A known-dead connection must not cost the timeout on every message.
		if (this.isDegraded && this.redis.status !== 'ready') return await onMemory();
		try {
			const result = await onRedis();
			this.report(false, 'ready');
			return result;
		} catch (error) {
			this.report(true, errorName(error));
			return await onMemory();
		}
	}

	private report(degraded: boolean, detail: string): void {
		if (this.closed || degraded === this.isDegraded) return;
		this.isDegraded = degraded;
		this.options.onDegraded?.(degraded, detail);
	}
}

/** The error's code or class; its message may hold the address and is never passed on. */
function errorName(error: unknown): string {
	if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string')
		return error.code;
	return error instanceof Error ? error.name : 'unknown';
}
