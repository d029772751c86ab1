import type { ReplyLanguage } from '../item/turn-item';
import type { DbSession } from '../ports/db';
import type { SendDecision } from './send-decision';

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

/** What waits behind a message that is repeated later is not due before it; so nobody has to look at it until then. */
const DUE_OF_EARLIER = `(select max(o.next_attempt_at) from outbox o where o.conversation_id = $2 and o.status = 'queued')`;

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
		/** The message is the reply of its turn, in the language in which the conversation goes on. */
		readonly isReply?: boolean;
	},
): Promise<{ messageId: string; outboxId: string; idempotencyKey: string }> {
	const { rows } = await tx.query<{ message_id: string; outbox_id: string; idempotency_key: string }>(
		`with new_message as (
		   insert into messages (id, client_id, conversation_id, turn_id, direction, author, text, attachments, created_at, delivery_status, language)
		   values (gen_random_uuid(), $1, $2, $3, 'outbound', $4, $5, '[]', now(), 'queued', $6) returning id),
		 answered as (update turns set reply_message_id = new_message.id from new_message where turns.id = $3 and $10),
		 spoken as (update conversations set reply_language = $6 where id = $2 and $10)
		 insert into outbox (id, client_id, conversation_id, message_id, turn_id, author, channel, status, attempts, next_attempt_at, lease_until, idempotency_key, created_at, started_attempt)
		 select gen_random_uuid(), $1, $2, id, $3, $4, $7, case when $8 then 'sending' else 'queued' end, case when $8 then 1 else 0 end,
		        greatest(now(), case when not $8 then ${DUE_OF_EARLIER} end), case when $8 then now() + $9 * interval '1 millisecond' end, id::text, clock_timestamp(), case when $8 then 1 else 0 end
		   from new_message
		 returning message_id, id as outbox_id, idempotency_key`,
		[
			message.clientId,
			message.conversationId,
			message.turnId,
			message.author,
			message.text,
			message.language,
			message.channel,
			message.sendNow,
			SEND_LEASE_MS,
			message.isReply === true,
		],
	);
	const row = rows[0] as { message_id: string; outbox_id: string; idempotency_key: string };
	if (!message.sendNow) await tx.query(`select pg_notify('truffles_inbox', '')`);
	return { messageId: row.message_id, outboxId: row.outbox_id, idempotencyKey: row.idempotency_key };
}

/** Locks the conversation and tells what sending depends on; inside the transaction that sends. */
export async function lockConversation(tx: DbSession, conversationId: string): Promise<LockedConversation> {
	const { rows } = await tx.query<{
		human_active_since: Date | null;
		address_enc: Buffer | null;
		last_inbound_at: Date | null;
		has_unsent: boolean;
		owner_wrote: boolean;
	}>('select * from truffles.lock_conversation($1)', [conversationId]);
	const row = rows[0];
	return {
		humanActive: row?.human_active_since != null || row?.owner_wrote === true,
		addressEnc: row?.address_enc ?? null,
		lastInboundAt: row?.last_inbound_at ?? null,
		hasUnsent: row?.has_unsent ?? false,
	};
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

/**
 * Writes the decision to the outbox row, its message and the conversation.
 *
 * The provider's own delivery states say more than our decision: where they are known already (they can come before the
 * answer to our call), they stay, and a message that is known to be sent is not queued again.
 *
 * @returns false when the delivery states had decided already
 */
export async function saveSendDecision(
	tx: DbSession,
	message: { readonly outboxId: string; readonly conversationId: string; readonly attempts: number },
	decision: SendDecision,
	providerMessageId: string | null,
): Promise<boolean> {
	// First, because everybody locks the conversation before its messages.
	if (decision.kind === 'sent' && providerMessageId !== null) {
		await tx.query('update conversations set last_outbound_at = now() where id = $1', [message.conversationId]);
	}
	const known = providerMessageId !== null && (await applyDeliveryStates(tx, message.outboxId, providerMessageId));
	if (!known) return await writeDecision(tx, message, decision, providerMessageId);
	await wakeForWaiting(tx, message.conversationId);
	return false;
}

/**
 * Connects an outbox row with its provider's id and applies the states that came before. Before the row is touched: the
 * gateway, which does the same when a state arrives, locks in this order.
 * @returns whether any state was known
 */
async function applyDeliveryStates(tx: DbSession, outboxId: string, providerMessageId: string): Promise<boolean> {
	const { rows } = await tx.query<{ state: string | null }>(
		'select truffles.apply_delivery_states(client_id, channel, $2, id, null) as state from outbox where id = $1',
		[outboxId, providerMessageId],
	);
	return rows[0]?.state != null;
}

/** This message, when it is repeated, or the one behind it has its time now. */
async function wakeForWaiting(tx: DbSession, conversationId: string): Promise<void> {
	await tx.query(
		`select pg_notify('truffles_inbox', '') where exists (select from outbox where conversation_id = $1 and status = 'queued')`,
		[conversationId],
	);
}

/** Asked by the condition of the update that follows, so that the conversation is locked before its message. */
const TOUCH_CONVERSATION = 'update conversations set last_outbound_at = now() where id = $7 returning id';
const LEAVE_CONVERSATION = 'select $7::uuid as id';
/** See DUE_OF_EARLIER. */
const DELAY_LATER_ONES = `, delayed as (
		   update outbox o set next_attempt_at = greatest(o.next_attempt_at, now() + $5 * interval '1 millisecond')
		     from decided where o.conversation_id = $7 and o.status = 'queued' and o.id <> $1)`;

/**
 * Only a message that is under way, by this attempt, can be queued again or given up; that it was sent counts always.
 * One round trip: the conversation's time, outbox row, message, and the wake-up for what waits in this conversation.
 */
async function writeDecision(
	tx: DbSession,
	message: { readonly outboxId: string; readonly conversationId: string; readonly attempts: number },
	decision: SendDecision,
	providerMessageId: string | null,
): Promise<boolean> {
	const touch = decision.kind === 'sent' && providerMessageId === null ? TOUCH_CONVERSATION : LEAVE_CONVERSATION;
	const { rows } = await tx.query<{ is_written: boolean }>(
		`with conversation as (${touch}),
		 decided as (
		   update outbox set status = $2, provider_message_id = coalesce($3, provider_message_id), last_error_code = $4, lease_until = null,
		     next_attempt_at = now() + $5 * interval '1 millisecond', sent_at = case when $2 = 'sent' then now() else sent_at end
		    where id = $1 and (status = 'sending' and attempts = $6 or $2 = 'sent') and (select count(*) from conversation) > 0
		   returning message_id),
		 written as (
		   update messages m set delivery_status = $2, provider_message_id = coalesce($3, m.provider_message_id)
		     from decided where m.id = decided.message_id returning m.id)
		 ${decision.kind === 'repeat' ? DELAY_LATER_ONES : ''}
		 select exists (select from written) as is_written,
		        case when $2 = 'queued' or exists (select from outbox where conversation_id = $7 and status = 'queued' and id <> $1)
		             then pg_notify('truffles_inbox', '') end`,
		[
			message.outboxId,
			decision.kind === 'repeat' ? 'queued' : decision.kind,
			providerMessageId,
			decision.kind === 'sent' ? null : decision.code,
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
