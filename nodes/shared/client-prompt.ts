import type { TurnItem } from '../../lib/item/turn-item';
import { loadActivePrompt } from '../../lib/router/prompt-store';
import type { Platform } from './platform';

/** One of the client's own prompts, read once per version of its configuration; null when it has none of this name. */
export async function clientPrompt(platform: Platform, { client }: TurnItem, name: string): Promise<string | null> {
	return await platform.perVersion.get(client.id, client.configVersion, `prompt ${name}`, async () => {
		return await platform.db.asClient(client.id, async (tx) => await loadActivePrompt(tx, client.id, name));
	});
}
