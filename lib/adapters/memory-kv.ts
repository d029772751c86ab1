import type { Clock } from '../ports/clock';
import type { Kv } from '../ports/kv';
import { systemClock } from './system-clock';

interface Entry {
	readonly value: string;
	readonly expiresAtMs: number;
}

/** Enough for rate windows and breakers of a few thousand clients; the oldest keys go first. */
const DEFAULT_MAX_ENTRIES = 50_000;

/**
 * Key-value store of one process: the embedded default, and what `RedisKv` falls back to.
 *
 * Bounded: when full, expired keys go first, then the least recently written. Not for several processes.
 */
export class MemoryKv implements Kv {
	private readonly entries = new Map<string, Entry>();

	/**
	 * @param clock      source of time; tests pass their own
	 * @param maxEntries upper limit of keys kept
	 */
	constructor(
		private readonly clock: Clock = systemClock,
		private readonly maxEntries: number = DEFAULT_MAX_ENTRIES,
	) {}

	async get(key: string): Promise<string | null> {
		return this.live(key)?.value ?? null;
	}

	async set(key: string, value: string, ttlMs: number): Promise<void> {
		this.write(key, { value, expiresAtMs: this.nowMs() + ttlMs });
	}

	async delete(key: string): Promise<void> {
		this.entries.delete(key);
	}

	async increment(key: string, windowMs: number): Promise<{ count: number; remainingMs: number }> {
		const now = this.nowMs();
		const current = this.live(key);
		const count = (current === null ? 0 : Number(current.value)) + 1;
		const expiresAtMs = current?.expiresAtMs ?? now + windowMs;
		this.write(key, { value: String(count), expiresAtMs });
		return { count, remainingMs: Math.max(0, expiresAtMs - now) };
	}

	async close(): Promise<void> {
		this.entries.clear();
	}

	private nowMs(): number {
		return this.clock.now().getTime();
	}

	private live(key: string): Entry | null {
		const entry = this.entries.get(key);
		if (entry === undefined) return null;
		if (entry.expiresAtMs > this.nowMs()) return entry;
		this.entries.delete(key);
		return null;
	}

	private write(key: string, entry: Entry): void {
		this.entries.delete(key);
		if (this.entries.size >= this.maxEntries) this.makeRoom();
		this.entries.set(key, entry);
	}

	private makeRoom(): void {
		const now = this.nowMs();
		for (const [key, entry] of this.entries) if (entry.expiresAtMs <= now) this.entries.delete(key);
		for (const key of this.entries.keys()) {
			if (this.entries.size < this.maxEntries) return;
			this.entries.delete(key);
		}
	}
}
