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
