import type { IndexableChunk, LexicalIndex } from './lexical-index';

const DEFAULT_MAX_CHUNKS = 50_000;

/**
 * Indexes of the clients served lately, least recently used out first, bounded by the chunks they hold together.
 *
 * The key is client id + configuration version: a change of knowledge makes a new entry and drops the old one.
 * Two searches that miss at once share one build.
 */
export class LexicalIndexCache<C extends IndexableChunk> {
	private readonly entries = new Map<string, { version: number; index: Promise<LexicalIndex<C>>; size: number }>();
	private chunks = 0;

	/** @param maxChunks chunks kept over all clients; one client larger than this is still served, then dropped */
	constructor(private readonly maxChunks: number = DEFAULT_MAX_CHUNKS) {}

	/** Clients held at the moment. */
	get clients(): number {
		return this.entries.size;
	}

	/** True when the client's index, of whatever version, is held. */
	has(clientId: string): boolean {
		return this.entries.has(clientId);
	}

	/** The client's index, built by `build` when absent or out of date. A failed build is not kept. */
	async get(clientId: string, configVersion: number, build: () => Promise<LexicalIndex<C>>): Promise<LexicalIndex<C>> {
		const cached = this.entries.get(clientId);
		if (cached !== undefined && cached.version === configVersion) {
			this.entries.delete(clientId);
			this.entries.set(clientId, cached);
			return await cached.index;
		}
		this.drop(clientId);
		const entry = { version: configVersion, index: build(), size: 0 };
		this.entries.set(clientId, entry);
		try {
			const index = await entry.index;
			if (this.entries.get(clientId) === entry) {
				entry.size = index.size;
				this.chunks += index.size;
				this.shrink();
			}
			return index;
		} catch (error) {
			if (this.entries.get(clientId) === entry) this.entries.delete(clientId);
			throw error;
		}
	}

	/** Forgets a client (erased, suspended). */
	drop(clientId: string): void {
		const entry = this.entries.get(clientId);
		if (entry === undefined) return;
		this.entries.delete(clientId);
		this.chunks -= entry.size;
	}

	private shrink(): void {
		for (const clientId of this.entries.keys()) {
			if (this.chunks <= this.maxChunks) return;
			this.drop(clientId);
		}
	}
}
