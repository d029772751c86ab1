import { loadTurnEvents } from '../conversation/turn-events';
import {
	TURN_ITEM_SCHEMA,
	type Channel,
	type HistoryEntry,
	type ReplyLanguage,
	type TurnItem,
} from '../item/turn-item';
import type { DbSession } from '../ports/db';
import type { HandoverRow } from './handover-store';
import { loadStrandedItem } from './stranded-handover';

const HISTORY_MESSAGES = 6;

/**
 * The standard item of a handover whose turn is over: what a notice needs, read from the database.
 * Its text are the customer's last words of the handover's turn, or their last message when it has no turn.
 */
export async function loadHandoverItem(
	tx: DbSession,
	clientId: string,
	handover: HandoverRow,
): Promise<TurnItem | null> {
	if (handover.conversation_id === null) return await loadStrandedItem(tx, clientId, handover);
	const { rows } = await tx.query<{
		slug: string;
		name: string;
		time_zone: string;
		default_language: ReplyLanguage;
		config_version: number;
		user_id: string;
		display_name: string | null;
		channel: Channel;
		human_active: boolean;
	}>(
		`select k.slug, k.name, k.time_zone, k.default_language, k.config_version, u.id as user_id, u.display_name, c.channel,
		        c.human_active_since is not null as human_active
		   from conversations c join clients k on k.id = c.client_id join users u on u.id = c.user_id and u.client_id = c.client_id
		  where c.client_id = $1 and c.id = $2`,
		[clientId, handover.conversation_id],
	);
	const row = rows[0];
	if (row === undefined) return null;
	const messages = await tx.query<{
		author: HistoryEntry['author'];
		text: string;
		created_at: Date;
		turn_id: string | null;
	}>(
		'select author, text, created_at, turn_id from messages where client_id = $1 and conversation_id = $2 order by seq desc limit $3',
		[clientId, handover.conversation_id, HISTORY_MESSAGES],
	);
	const latest = messages.rows.find((message) => message.author === 'user');
	const turnId = handover.turn_id ?? latest?.turn_id ?? null;
	const words = messages.rows.filter(
		(message) => message.author === 'user' && (message.turn_id === turnId || message === latest),
	);
	const said =
		words.length > 0 || turnId === null
			? words.reverse().map((message) => message.text)
			: await loadUnsavedWords(tx, turnId);
	return {
		schema: TURN_ITEM_SCHEMA,
		client: {
			id: clientId,
			slug: row.slug,
			name: row.name,
			timeZone: row.time_zone,
			defaultLanguage: row.default_language,
			configVersion: row.config_version,
		},
		branch: null,
		user: { id: row.user_id, displayName: row.display_name },
		conversation: {
			id: handover.conversation_id,
			channel: row.channel,
			isFirstTurn: false,
			humanActive: row.human_active,
			openHandoverId: handover.id,
		},
		turn: { id: turnId ?? handover.id, attempt: 1, receivedAt: handover.created_at.toISOString(), messageIds: [] },
		text: said.join('\n'),
		attachments: [],
		history: messages.rows
			.filter((message) => !words.includes(message))
			.reverse()
			.map((message) => ({ author: message.author, text: message.text, at: message.created_at.toISOString() })),
		classification: null,
		retrieval: null,
		reply: null,
		handover: { reason: handover.reason, id: handover.id, notified: false },
		outcome: null,
		billing: [],
		notes: [],
	};
}

/** The words of a turn whose messages could not be saved, as they arrived. */
async function loadUnsavedWords(tx: DbSession, turnId: string): Promise<string[]> {
	const { events } = await loadTurnEvents(tx, turnId);
	return events.filter((event) => event.kind === 'message').map((event) => event.text);
}
