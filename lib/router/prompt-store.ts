import type { DbSession } from '../ports/db';

/** Name of the prompt that is added to the standing instructions when a model writes a reply. */
export const REPLY_PROMPT = 'reply';

/** Name of the prompt that is added when a model is asked what a message wants. */
export const CLASSIFY_PROMPT = 'classify';

/** The active version of one of the client's prompts; null when it has none of this name. */
export async function loadActivePrompt(tx: DbSession, clientId: string, name: string): Promise<string | null> {
	const { rows } = await tx.query<{ body: string }>(
		'select body from prompts where client_id = $1 and name = $2 and is_active',
		[clientId, name],
	);
	return rows[0]?.body ?? null;
}
