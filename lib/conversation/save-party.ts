import type { ClientKey } from '../crypto/client-keys';
import type { ClaimedTurn } from '../inbox/inbox-store';
import type { DbSession } from '../ports/db';
import { lastDisplayName, type TurnEvent } from './turn-events';

/** The two sides of a turn: the customer, and their conversation with the business. */
export interface Party {
	readonly userId: string;
	readonly conversation: {
		readonly id: string;
		readonly human_active_since: Date | null;
		readonly branch_id: string | null;
		readonly answered_before: boolean;
		readonly open_handover_id: string | null;
	};
}

type Lane = Pick<ClaimedTurn, 'clientId' | 'channel' | 'laneKey' | 'turnId'>;

/**
 * Creates or finds the customer and the conversation of a turn, and locks the conversation.
 * Throws TRF_SECRET_UNREADABLE when the customer's address cannot be decrypted.
 */
export async function saveParty(
	tx: DbSession,
	lane: Lane,
	key: ClientKey,
	events: readonly TurnEvent[],
): Promise<Party> {
	const address = events.find((event) => event.senderEnc !== null)?.senderEnc ?? null;
	// The address was encrypted by the gateway for the event; a row of its own gets its own nonce and purpose.
	const addressEnc =
		address === null ? null : key.encrypt(key.decrypt(address, 'inbound_events.sender'), 'users.address');
	const written = events.filter((event) => event.kind === 'message').map((event) => event.writtenAt.getTime());
	const lastInboundAt = written.length === 0 ? null : new Date(Math.max(...written));
	// One round trip. `answered_before` and the open handover decide on greeting and appending; the customer's last word
	// opens the channel's window.
	const { rows } = await tx.query<Party['conversation'] & { user_id: string }>(
		`with customer as (
		   insert into users (id, client_id, channel, address_hash, address_enc, display_name)
		   values (gen_random_uuid(), $1, $2, $3, $4, $5)
		   on conflict (client_id, channel, address_hash) do update set display_name = coalesce(excluded.display_name, users.display_name)
		   returning id
		 ), conversation as (
		   insert into conversations as c (id, client_id, user_id, channel, last_inbound_at)
		   select gen_random_uuid(), $1, customer.id, $2, $6 from customer
		   on conflict (client_id, channel, user_id) do update set last_inbound_at = greatest(c.last_inbound_at, excluded.last_inbound_at)
		   returning c.id, c.user_id, c.human_active_since, c.branch_id, (c.last_outbound_at is not null) as answered_before
		 ), turn as (
		   update turns set conversation_id = conversation.id from conversation where turns.id = $7
		 )
		 select c.*, (select h.id from handovers h where h.client_id = $1 and h.conversation_id = c.id and h.status <> 'resolved' limit 1) as open_handover_id
		   from conversation c`,
		[lane.clientId, lane.channel, lane.laneKey, addressEnc, lastDisplayName(events), lastInboundAt, lane.turnId],
	);
	const { user_id: userId, ...conversation } = rows[0] as Party['conversation'] & { user_id: string };
	return { userId, conversation };
}
