import type { ReplyLanguage } from '../item/turn-item';
import type { DbSession } from '../ports/db';
import type { UnsentDecision } from './send-decision';

/** How long a send may be in flight before it counts as uncertain; longer than the channel's time-out. */
export const SEND_LEASE_MS = 45_000;

export interface OutboxMessage {
	readonly outboxId: string;
	readonly messageId: string;
	readonly conversationId: string;
	readonly author: 'bot' | 'manager' | 'system';
	readonly channel: string;
	readonly text: string;
	readonly language: ReplyLanguage;
	readonly idempotencyKey: string;
	/** How often it was tried, this time included; the fence against a process that lost it. */
	readonly attempts: number;
	readonly turnId: string | null;
	readonly writtenAt: Date;
	readonly configVersion: number;
	readonly conversation: LockedConversation;
}

/** What the transaction that sends knows of a conversation. */
export interface LockedConversation {
	readonly humanActive: boolean;
	readonly addressEnc: Buffer | null;
	/** Instant of the customer's last message; null when they never wrote. */
	readonly lastInboundAt: Date | null;
	/** True while an earlier message waits or is under way: a new one must wait behind it. */
	readonly hasUnsent: boolean;
}

/**
 * Writes an outbound message and its outbox row. `sendNow` marks the row as being sent by the caller, who must call
 * the channel right after the commit; otherwise the row is queued and the inbox trigger sends it.
 */
export async function queueMessage(
	tx: DbSession,
	message: {
		readonly clientId: string;
		readonly conversationId: string;
		readonly turnId: string | null;
		readonly channel: string;
		readonly author: 'bot' | 'manager' | 'system';
		readonly text: string;
		readonly language: string | null;
		readonly sendNow: boolean;
	},
): Promise<{ messageId: string; outboxId: string; idempotencyKey: string }> {
	const { rows } = await tx.query<{ message_id: string; outbox_id: string; idempotency_key: string }>(
		'select * from truffles.queue_message($1, $2, $3, $4, $5, $6, $7, $8)',
		[
			message.clientId,
			message.conversationId,
			message.turnId,
			message.channel,
			message.author,
			message.text,
			message.language,
			message.sendNow ? SEND_LEASE_MS : null,
		],
	);
	const row = rows[0] as { message_id: string; outbox_id: string; idempotency_key: string };
	return { messageId: row.message_id, outboxId: row.outbox_id, idempotencyKey: row.idempotency_key };
}

interface LockedConversationRow {
	readonly conversation_id: string;
	readonly human_active_since: Date | null;
	readonly address_enc: Buffer | null;
	readonly last_inbound_at: Date | null;
	readonly has_unsent: boolean;
	readonly owner_wrote: boolean;
}

/** Locks conversations and tells what sending depends on; inside the transaction that sends. By id; one that is gone is left out. */
export async function lockConversations(
	tx: DbSession,
	conversationIds: readonly string[],
): Promise<ReadonlyMap<string, LockedConversation>> {
	const { rows } = await tx.query<LockedConversationRow>('select * from truffles.lock_conversations($1::uuid[])', [
		conversationIds,
	]);
	return new Map(
		rows.map((row) => [
			row.conversation_id,
			{
				humanActive: row.human_active_since !== null || row.owner_wrote,
				addressEnc: row.address_enc,
				lastInboundAt: row.last_inbound_at,
				hasUnsent: row.has_unsent,
			},
		]),
	);
}

const GONE: LockedConversation = { humanActive: false, addressEnc: null, lastInboundAt: null, hasUnsent: false };

/** One conversation; see `lockConversations`. */
export async function lockConversation(tx: DbSession, conversationId: string): Promise<LockedConversation> {
	return (await lockConversations(tx, [conversationId])).get(conversationId) ?? GONE;
}

/**
 * One claimed outbox row with what sending needs, marked as started; null when it is not ours any more. Its lease starts
 * anew, because it may have waited behind others of its batch. Locks the conversation, then the row, like all who send.
 */
export async function startSending(tx: DbSession, outboxId: string, attempts: number): Promise<OutboxMessage | null> {
	const { rows } = await tx.query<{
		conversation_id: string;
		message_id: string;
		turn_id: string | null;
		author: OutboxMessage['author'];
		channel: string;
		text: string;
		language: ReplyLanguage;
		idempotency_key: string;
		created_at: Date;
		config_version: number;
	}>(
		`select o.conversation_id, o.message_id, o.turn_id, o.author, o.channel, m.text, coalesce(m.language, k.default_language) as language,
		        o.idempotency_key, o.created_at, k.config_version
		   from outbox o join messages m on m.id = o.message_id and m.client_id = o.client_id join clients k on k.id = o.client_id
		  where o.id = $1`,
		[outboxId],
	);
	const row = rows[0];
	if (row === undefined) return null;
	const conversation = await lockConversation(tx, row.conversation_id);
	const { rowCount } = await tx.query(
		`update outbox set started_attempt = attempts, lease_until = now() + $3 * interval '1 millisecond'
		  where id = $1 and attempts = $2 and status = 'sending'`,
		[outboxId, attempts, SEND_LEASE_MS],
	);
	if (rowCount === 0) return null;
	return {
		outboxId,
		attempts,
		conversation,
		messageId: row.message_id,
		conversationId: row.conversation_id,
		turnId: row.turn_id,
		author: row.author,
		channel: row.channel,
		text: row.text,
		language: row.language,
		idempotencyKey: row.idempotency_key,
		writtenAt: row.created_at,
		configVersion: row.config_version,
	};
}

/** A message of which the channel has said that it was sent. */
export interface SentMessage {
	readonly outboxId: string;
	readonly conversationId: string;
	readonly channel: string;
	readonly providerMessageId: string | null;
	/** The turn whose lane is free from now on; null: none. */
	readonly endsTurnId: string | null;
}

/** Notes that messages were sent, in one statement and commit. See `truffles.note_sent`. */
export async function noteSent(db: DbSession, clientId: string, messages: readonly SentMessage[]): Promise<void> {
	const payload = messages.map((message) => ({
		outbox_id: message.outboxId,
		conversation_id: message.conversationId,
		channel: message.channel,
		provider_message_id: message.providerMessageId,
		turn_id: message.endsTurnId,
	}));
	await db.query('select truffles.note_sent($1, $2::jsonb)', [clientId, JSON.stringify(payload)]);
}

/** What waits behind a message that is repeated later is not due before it; see `truffles.queue_message`. */
const DELAY_LATER_ONES = `, delayed as (
		   update outbox o set next_attempt_at = greatest(o.next_attempt_at, now() + $4 * interval '1 millisecond')
		     from decided where o.conversation_id = $6 and o.status = 'queued' and o.id <> $1)`;

/**
 * Writes to outbox row and message that a message did not go out. Only one that is under way, by this attempt, can be queued
 * again or given up: the provider's delivery states, which can come before the answer to our call, say more. One round trip,
 * with the wake-up for what waits in the conversation.
 *
 * @returns false when the message was not ours to decide any more
 */
export async function saveUnsent(
	tx: DbSession,
	message: { readonly outboxId: string; readonly conversationId: string; readonly attempts: number },
	decision: UnsentDecision,
): Promise<boolean> {
	const { rows } = await tx.query<{ is_written: boolean }>(
		`with decided as (
		   update outbox set status = $2, last_error_code = $3, lease_until = null, next_attempt_at = now() + $4 * interval '1 millisecond'
		    where id = $1 and status = 'sending' and attempts = $5
		   returning message_id),
		 written as (update messages m set delivery_status = $2 from decided where m.id = decided.message_id returning m.id)
		 ${decision.kind === 'repeat' ? DELAY_LATER_ONES : ''}
		 select exists (select from written) as is_written,
		        case when $2 = 'queued' or exists (select from outbox where conversation_id = $6 and status = 'queued' and id <> $1)
		             then pg_notify('truffles_inbox', '') end`,
		[
			message.outboxId,
			decision.kind === 'repeat' ? 'queued' : decision.kind,
			decision.code,
			decision.kind === 'repeat' ? decision.delayMs : 0,
			message.attempts,
			message.conversationId,
		],
	);
	return rows[0]?.is_written === true;
}

/** A queued reply that must not go out any more, because a person has taken over. The text stays in the record. */
export async function cancelMessage(
	tx: DbSession,
	message: { readonly outboxId: string; readonly messageId: string },
	code: string,
): Promise<void> {
	await tx.query(`update outbox set status = 'cancelled', last_error_code = $2, lease_until = null where id = $1`, [
		message.outboxId,
		code,
	]);
	await tx.query(`update messages set delivery_status = 'cancelled' where id = $1`, [message.messageId]);
}
