import { classificationColumns, recordOutcome } from '../conversation/record-outcome';
import { forwardLater } from '../handover/forward-messages';
import { askManager } from '../handover/handover-store';
import type { Outcome, TurnItem } from '../item/turn-item';
import type { Db, DbSession } from '../ports/db';
import { type LockedConversation, lockConversations, SEND_LEASE_MS } from './outbox-store';
import { chooseSendMode, type SendMode } from './reply-window';
import { isAway, type MessageToSend, type Sending } from './send-message';

/** A reply as it is to be written, and what decides whether it may be sent. */
export interface ReplyToWrite {
	readonly item: TurnItem;
	readonly reply: Pick<NonNullable<TurnItem['reply']>, 'text' | 'language'>;
	readonly sending: Sending;
	readonly now: Date;
}

export type WrittenReply =
	| { readonly kind: 'ended'; readonly outcome: Outcome; readonly code: string }
	/** The caller must call the channel now. */
	| { readonly kind: 'sending'; readonly outcome: Outcome; readonly message: MessageToSend; readonly mode: SendMode };

export interface ReplyWriting {
	/** Null: the turn is not the caller's any more. */
	readonly written: WrittenReply | null;
	/** The failure of a connection that was lost while it committed: what was written may be there, or not. Null: it is there. */
	readonly inDoubt: unknown;
}

/**
 * Writes replies in one transaction, which locks the conversations, reads for the last time whether a person is active,
 * and writes message, outbox row and the turn's outcome of each.
 *
 * @param replies of this client, each conversation once
 * @returns what was written of each, in their order
 */
export async function writeReplies(
	db: Db,
	clientId: string,
	replies: readonly ReplyToWrite[],
): Promise<readonly ReplyWriting[]> {
	let done: ReadonlyArray<WrittenReply | null> | null = null;
	let inDoubt: unknown = null;
	try {
		await db.asClient(clientId, async (tx) => {
			done = await writeAll(tx, clientId, replies);
		});
	} catch (error) {
		if (done === null || !isAway(error)) throw error;
		inDoubt = error;
	}
	return (done ?? []).map((written) => ({ written, inDoubt }));
}

async function writeAll(
	tx: DbSession,
	clientId: string,
	replies: readonly ReplyToWrite[],
): Promise<ReadonlyArray<WrittenReply | null>> {
	const conversations = await lockConversations(
		tx,
		replies.map(({ item }) => item.conversation.id),
	);
	const decided: Array<{ readonly ready: ReadyReply } | { readonly ended: WrittenReply | null }> = [];
	for (const reply of replies) {
		const locked = conversations.get(reply.item.conversation.id) ?? null;
		decided.push(locked === null ? { ended: null } : await decide(tx, reply, locked));
	}
	const rows = await insertReplies(
		tx,
		clientId,
		decided.flatMap((one) => ('ready' in one ? [one.ready] : [])),
	);
	return decided.map((one) => ('ready' in one ? toWritten(one.ready, rows.get(one.ready.item.turn.id)) : one.ended));
}

/** A reply that nothing stands against. */
interface ReadyReply extends ReplyToWrite {
	readonly locked: LockedConversation;
	readonly mode: Exclude<SendMode, 'person'>;
	readonly outcome: Outcome;
	readonly sendNow: boolean;
}

/** Whether a reply may go out; when not, the turn ends here. `ended` is null when the turn is not ours any more. */
async function decide(
	tx: DbSession,
	reply: ReplyToWrite,
	locked: LockedConversation,
): Promise<{ readonly ready: ReadyReply } | { readonly ended: WrittenReply | null }> {
	const { item, sending, now } = reply;
	const { client, conversation, turn, classification } = item;
	const end = async (outcome: Outcome, code: string): Promise<WrittenReply | null> => {
		const fence = { turnId: turn.id, attempt: turn.attempt };
		return (await recordOutcome(tx, fence, outcome, { classification })) ? { kind: 'ended', outcome, code } : null;
	};
	if (locked.humanActive) {
		const ended = await end({ kind: 'held', reason: 'human_took_over' }, 'human_took_over');
		if (ended !== null) await forwardLater(tx, client.id, conversation.id, turn.id);
		return { ended };
	}
	const age = { author: 'bot', lastInboundAt: locked.lastInboundAt, writtenAt: now } as const;
	const mode = chooseSendMode(age, sending.capabilities, sending.settings.lateTemplate !== undefined, now);
	if (mode === 'person') {
		const ended = await end({ kind: 'handed_over', reason: 'too_late' }, 'too_late');
		if (ended !== null) await handOverTooLate(tx, item);
		return { ended };
	}
	const sendNow = !locked.hasUnsent;
	return { ready: { ...reply, locked, mode, sendNow, outcome: outcomeOf(item) } };
}

interface ReplyRow {
	readonly turn_id: string;
	readonly outbox_id: string;
	readonly idempotency_key: string;
}

/** By turn; turns that are not the caller's any more are left out. */
async function insertReplies(
	tx: DbSession,
	clientId: string,
	replies: readonly ReadyReply[],
): Promise<ReadonlyMap<string, ReplyRow>> {
	if (replies.length === 0) return new Map();
	const payload = replies.map(({ item, reply, sendNow, outcome }) => {
		const { language, ...understood } = classificationColumns(item.classification);
		return {
			...understood,
			turn_language: language,
			turn_id: item.turn.id,
			attempt: item.turn.attempt,
			conversation_id: item.conversation.id,
			channel: item.conversation.channel,
			text: reply.text,
			language: reply.language,
			send_now: sendNow,
			outcome: outcome.kind,
			reason: outcome.reason,
		};
	});
	const { rows } = await tx.query<ReplyRow>('select * from truffles.write_replies($1, $2::jsonb, $3)', [
		clientId,
		JSON.stringify(payload),
		SEND_LEASE_MS,
	]);
	return new Map(rows.map((row) => [row.turn_id, row]));
}

function toWritten(
	{ item, reply, locked, mode, outcome, sendNow }: ReadyReply,
	row: ReplyRow | undefined,
): WrittenReply | null {
	if (row === undefined) return null;
	if (!sendNow) return { kind: 'ended', outcome, code: 'waits_for_earlier' };
	const message: MessageToSend = {
		outboxId: row.outbox_id,
		conversationId: item.conversation.id,
		turnId: item.turn.id,
		channel: item.conversation.channel,
		text: reply.text,
		language: reply.language,
		idempotencyKey: row.idempotency_key,
		attempts: 1,
		addressEnc: locked.addressEnc,
		configVersion: item.client.configVersion,
	};
	return { kind: 'sending', outcome, message, mode };
}

function outcomeOf(item: TurnItem): Outcome {
	if (item.handover !== null) return { kind: 'handed_over', reason: item.handover.reason };
	return { kind: 'answered', reason: item.reply?.source ?? 'reply' };
}

async function handOverTooLate(tx: DbSession, item: TurnItem): Promise<void> {
	await askManager(tx, {
		clientId: item.client.id,
		conversationId: item.conversation.id,
		turnId: item.turn.id,
		reason: 'too_late',
	});
}
