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

/** An event as `truffles.take_up_events` answers it. */
export interface TurnEventRow {
	readonly id: string;
	readonly kind: string;
	readonly provider_event_id: string;
	readonly event: {
		readonly text?: string;
		readonly displayName?: string | null;
		readonly attachments?: readonly Attachment[];
	};
	readonly sender_enc: Buffer | null;
	readonly received_at: Date;
	readonly written_at: Date;
	readonly read_at: Date;
}

/** Reads a turn's events and marks them as taken up. */
export async function loadTurnEvents(tx: DbSession, turnId: string): Promise<TurnEvents> {
	const { rows } = await tx.query<TurnEventRow>('select * from truffles.take_up_events($1)', [turnId]);
	return { events: rows.map(toTurnEvent), readAt: rows[0]?.read_at ?? new Date(0) };
}

export function toTurnEvent(row: TurnEventRow): TurnEvent {
	return {
		id: row.id,
		kind: row.kind,
		providerEventId: row.provider_event_id,
		text: row.event.text ?? '',
		displayName: row.event.displayName ?? null,
		attachments: row.event.attachments ?? [],
		senderEnc: row.sender_enc,
		receivedAt: row.received_at,
		writtenAt: row.written_at,
	};
}

/** Saves customer messages and the business's own words as messages of the conversation; the second time adds nothing. */
export async function saveTurnMessages(
	tx: DbSession,
	turn: Pick<ClaimedTurn, 'clientId' | 'turnId'>,
	conversationId: string,
): Promise<void> {
	await tx.query('select truffles.save_turn_messages($1, $2, $3)', [turn.clientId, conversationId, turn.turnId]);
}

/** The name the customer showed last; null when none. */
export function lastDisplayName(events: readonly TurnEvent[]): string | null {
	return events.findLast((event) => event.displayName !== null)?.displayName ?? null;
}
