import type { ReplyLanguage } from '../item/turn-item';
import type { DbSession } from '../ports/db';

/** What a turn needs of its client. */
export interface TurnClient {
	readonly id: string;
	readonly slug: string;
	readonly name: string;
	readonly status: string;
	readonly time_zone: string;
	readonly default_language: ReplyLanguage;
	readonly config_version: number;
	readonly data_key_wrapped: Buffer;
}

/** The client of this session; null when it is gone. */
export async function loadTurnClient(tx: DbSession, clientId: string): Promise<TurnClient | null> {
	const { rows } = await tx.query<TurnClient>(
		'select id, slug, name, status, time_zone, default_language, config_version, data_key_wrapped from clients where id = $1',
		[clientId],
	);
	return rows[0] ?? null;
}

/** Locks a claimed turn and gives its client; null when the turn is not the caller's any more, or the client is gone. */
export async function lockClaimedTurn(
	tx: DbSession,
	claim: { readonly turnId: string; readonly attempt: number },
): Promise<TurnClient | null> {
	const { rows } = await tx.query<TurnClient>(
		`select c.id, c.slug, c.name, c.status, c.time_zone, c.default_language, c.config_version, c.data_key_wrapped
		   from turns t join clients c on c.id = t.client_id
		  where t.id = $1 and t.attempt = $2 and t.status = 'claimed' for update of t`,
		[claim.turnId, claim.attempt],
	);
	return rows[0] ?? null;
}
