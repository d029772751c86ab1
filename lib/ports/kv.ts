/**
 * What several processes share for speed, never for truth: rate windows, caches, breakers.
 * Adapters: `lib/adapters/redis-kv.ts` and `lib/adapters/memory-kv.ts` (one process, the embedded default).
 */
export interface Kv {
	get(key: string): Promise<string | null>;
	set(key: string, value: string, ttlMs: number): Promise<void>;
	delete(key: string): Promise<void>;
	/** Adds 1 and returns the count and the milliseconds until the window ends; a new key starts a window of `windowMs`. */
	increment(key: string, windowMs: number): Promise<{ count: number; remainingMs: number }>;
	close(): Promise<void>;
	/** True while answers come from this process's memory, because what is shared does not answer. Absent: never. */
	readonly degraded?: boolean;
}
