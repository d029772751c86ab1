import type { ClientKey } from '../crypto/client-keys';
import type { ClaimedTurn } from '../inbox/inbox-store';
import type { DbSession } from '../ports/db';
import { lastDisplayName, type TurnEvent } from './turn-events';

type Lane = Pick<ClaimedTurn, 'clientId' | 'channel' | 'laneKey' | 'turnId'>;

/**
 * Creates or finds the customer and the conversation of a turn, and locks the conversation.
 *
 * @returns the id of the conversation
 * @throws TRF_SECRET_UNREADABLE when the customer's address cannot be decrypted
 */
export async function saveParty(
	tx: DbSession,
	lane: Lane,
	key: ClientKey,
	events: readonly TurnEvent[],
): Promise<string> {
	const about = describeParty(key, events);
	const { rows } = await tx.query<{ conversation_id: string }>(
		'select conversation_id from truffles.save_party($1, $2, $3, $4, $5, $6, $7)',
		[lane.clientId, lane.channel, lane.laneKey, about.addressEnc, about.displayName, about.lastInboundAt, lane.turnId],
	);
	return (rows[0] as { conversation_id: string }).conversation_id;
}

/** What the events of a turn say about the customer. Throws TRF_SECRET_UNREADABLE. */
export function describeParty(
	key: ClientKey,
	events: readonly TurnEvent[],
): { readonly addressEnc: Buffer | null; readonly displayName: string | null; readonly lastInboundAt: Date | null } {
	const address = events.find((event) => event.senderEnc !== null)?.senderEnc ?? null;
	const written = events.filter((event) => event.kind === 'message').map((event) => event.writtenAt.getTime());
	return {
		// The address was encrypted by the gateway for the event; a row of its own gets its own nonce and purpose.
		addressEnc: address === null ? null : key.encrypt(key.decrypt(address, 'inbound_events.sender'), 'users.address'),
		displayName: lastDisplayName(events),
		lastInboundAt: written.length === 0 ? null : new Date(Math.max(...written)),
	};
}
