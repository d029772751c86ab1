import { loadActivePrompt, REPLY_PROMPT } from '../../lib/router/prompt-store';
import type { TurnItem } from '../../lib/item/turn-item';
import type { Platform } from '../shared/platform';

/** Prompts of this many clients are kept in memory; the one read first goes first. */
const CACHED_CLIENTS = 200;

interface Cached {
	readonly version: number;
	readonly prompt: Promise<string | null>;
}

const caches = new WeakMap<Platform, Map<string, Cached>>();

/** The client's own reply prompt, which must not be shown; read once per version of its configuration. */
export async function clientPrompt(platform: Platform, { client }: TurnItem): Promise<string | null> {
	let cache = caches.get(platform);
	if (cache === undefined) caches.set(platform, (cache = new Map()));
	const cached = cache.get(client.id);
	if (cached?.version === client.configVersion) return await cached.prompt;
	const prompt = platform.db.asClient(client.id, async (tx) => await loadActivePrompt(tx, client.id, REPLY_PROMPT));
	cache.delete(client.id);
	cache.set(client.id, { version: client.configVersion, prompt });
	prompt.catch(() => cache.delete(client.id));
	const oldest = cache.size > CACHED_CLIENTS ? cache.keys().next().value : undefined;
	if (oldest !== undefined) cache.delete(oldest);
	return await prompt;
}
