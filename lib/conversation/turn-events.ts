import type { Attachment } from '../item/turn-item';
import type { ClaimedTurn } from '../inbox/inbox-store';
import type { DbSession } from '../ports/db';

/** One stored event of a turn, in the order of arrival. */
export interface TurnEvent {
	readonly id: string;
	readonly kind: string;
	readonly providerEventId: string;
	readonly text: string;
	readonly displayName: string | null;
	readonly attachments: readonly Attachment[];
	readonly senderEnc: Buffer | null;
	readonly receivedAt: Date;
	/**
	 * Instant at which the customer wrote: what the provider says, unless that is in the future or older than a provider
	 * repeats a delivery (eight days); then the instant of arrival.
	 */
	readonly writtenAt: Date;
}

/** The events of a turn, and the instant at which they were read. */
export interface TurnEvents {
	readonly events: readonly TurnEvent[];
	readonly readAt: Date;
}

/** Reads a turn's events and marks them as taken up. */
export async function loadTurnEvents(tx: DbSession, turnId: string): Promise<TurnEvents> {
	// Ordered by the database: a JavaScript Date has no microseconds, and two messages of a burst can share a millisecond.
	const { rows } = await tx.query<{
		id: string;
		kind: string;
		provider_event_id: string;
		event: {
			readonly text?: string;
			readonly displayName?: string | null;
			readonly attachments?: readonly Attachment[];
		};
		sender_enc: Buffer | null;
		received_at: Date;
		written_at: Date;
		read_at: Date;
	}>(
		`with opened as (
		   update inbound_events set processed_at = coalesce(processed_at, now()) where turn_id = $1
		   returning id, kind, provider_event_id, event, sender_enc, received_at, provider_at)
		 select *, now() as read_at,
		        case when provider_at between received_at - interval '8 days' and received_at then provider_at else received_at end as written_at
		   from opened order by received_at, id`,
		[turnId],
	);
	const events = rows.map((row) => ({
		id: row.id,
		kind: row.kind,
		providerEventId: row.provider_event_id,
		text: row.event.text ?? '',
		displayName: row.event.displayName ?? null,
		attachments: row.event.attachments ?? [],
		senderEnc: row.sender_enc,
		receivedAt: row.received_at,
		writtenAt: row.written_at,
	}));
	return { events, readAt: rows[0]?.read_at ?? new Date(0) };
}

/** Saves customer messages and the business's own words as messages of the conversation; the second time adds nothing. */
export async function saveTurnMessages(
	tx: DbSession,
	turn: Pick<ClaimedTurn, 'clientId' | 'turnId'>,
	conversationId: string,
	events: readonly TurnEvent[],
): Promise<void> {
	const messages = events.map((event) => ({
		id: event.id,
		direction: event.kind === 'echo' ? 'outbound' : 'inbound',
		author: event.kind === 'echo' ? 'manager' : 'user',
		text: event.text,
		attachments: event.attachments,
		provider_message_id: event.providerEventId,
		delivery_status: event.kind === 'echo' ? 'sent' : 'received',
	}));
	// The instant of arrival comes from the event itself: a JavaScript Date has no microseconds. In the order of arrival,
	// because `seq` is given in it.
	await tx.query(
		`insert into messages (id, client_id, conversation_id, turn_id, direction, author, text, attachments, provider_message_id, created_at, delivery_status)
		 select m.id, $1, $2, $3, m.direction, m.author, m.text, m.attachments, m.provider_message_id, e.received_at, m.delivery_status
		   from rows from (jsonb_to_recordset($4::jsonb) as (id uuid, direction text, author text, text text, attachments jsonb, provider_message_id text, delivery_status text))
		        with ordinality as m(id, direction, author, text, attachments, provider_message_id, delivery_status, place)
		   join inbound_events e on e.id = m.id
		  order by m.place
		 on conflict (id) do nothing`,
		[turn.clientId, conversationId, turn.turnId, JSON.stringify(messages)],
	);
}

/** The name the customer showed last; null when none. */
export function lastDisplayName(events: readonly TurnEvent[]): string | null {
	return events.findLast((event) => event.displayName !== null)?.displayName ?? null;
}
