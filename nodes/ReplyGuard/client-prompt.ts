import type { TurnItem } from '../../lib/item/turn-item';
import { loadActivePrompt, REPLY_PROMPT } from '../../lib/router/prompt-store';
import type { Platform } from '../shared/platform';

/** The client's own reply prompt, which must not be shown; read once per version of its configuration. */
export async function clientPrompt(platform: Platform, { client }: TurnItem): Promise<string | null> {
	return await platform.perVersion.get(client.id, client.configVersion, 'reply prompt', async () => {
		return await platform.db.asClient(client.id, async (tx) => await loadActivePrompt(tx, client.id, REPLY_PROMPT));
	});
}
