import { TrufflesError } from '../errors';
import type { Outcome, TurnItem } from '../item/turn-item';
import type { DbSession } from '../ports/db';
import { apologiseWhenLate } from './late-reply';
import { cancelMessage, lockConversation, startSending } from './outbox-store';
import { chooseSendMode } from './reply-window';
import { decideAfterCrash } from './send-decision';
import {
	type DeliveryPorts,
	type MessageToSend,
	noteSending,
	prepareSending,
	repeatWhileAway,
	sendMessage,
} from './send-message';
import type { WrittenReply } from './write-replies';

export type { DeliveryPorts } from './send-message';

export type Delivery =
	| { readonly kind: 'sent'; readonly outcome: Outcome }
	/** Not out yet or never: repeated later, unknown, failed (then a manager was asked), or a person has taken over. */
	| { readonly kind: 'not_sent'; readonly outcome: Outcome; readonly code: string }
	/** The turn belongs to another process by now; nothing was written. */
	| { readonly kind: 'lost' };

/**
 * Sends the reply of a turn.
 *
 * One transaction locks the conversation, reads for the last time whether a person is active, writes message, outbox
 * row and the turn's outcome; only then is the channel called. The lane stays taken until the call has ended, so that
 * the next turn cannot overtake this reply; if the process dies in between, the lease frees it. While an earlier message
 * of the conversation is not out yet, the reply waits behind it in the outbox.
 */
export async function deliverReply(ports: DeliveryPorts, item: TurnItem): Promise<Delivery> {
	const { client, conversation, reply } = item;
	if (reply === null) throw new TrufflesError('TRF_ITEM_INVALID', { problem: 'reply is empty at 8_Send_Response' });
	const sending = await prepareSending(ports, client.id, conversation.channel, client.configVersion);
	const now = ports.clock.now();
	const text = apologiseWhenLate(reply, item.turn.receivedAt, item.history, now);
	const toWrite = { item, reply: { ...reply, text }, sending, now };
	const { written, inDoubt } = await ports.writeReply.do(client.id, toWrite);
	if (inDoubt !== null) return await deliverIfWritten(ports, client.id, written, inDoubt);
	if (written === null) return { kind: 'lost' };
	if (written.kind === 'ended') return { kind: 'not_sent', outcome: written.outcome, code: written.code };

	const { message, mode, outcome } = written;
	const result = await sendMessage(ports, client.id, message, sending, mode);
	await noteSending(ports, client.id, message, result, item.turn.id);
	const { decision } = result;
	return decision.kind === 'sent' ? { kind: 'sent', outcome } : { kind: 'not_sent', outcome, code: decision.code };
}

/**
 * A connection that is lost while it commits leaves open whether the reply was written. The channel was not called, and
 * nobody else sends it before its lease ends: a written one goes out as if it had waited in the outbox.
 *
 * @throws the failure when it was not written, or belongs to another process by now
 */
async function deliverIfWritten(
	ports: DeliveryPorts,
	clientId: string,
	written: WrittenReply | null,
	failure: unknown,
): Promise<Delivery> {
	if (written?.kind !== 'sending') throw failure;
	const { message, outcome } = written;
	// The transaction in doubt holds the conversation until it has ended, one way or the other.
	await repeatWhileAway(
		ports,
		async () => await ports.db.asClient(clientId, async (tx) => await lockConversation(tx, message.conversationId)),
	);
	const { outboxId, attempts } = message;
	const delivery = await deliverOutbox(ports, { clientId, outboxId, attempt: attempts, uncertain: false });
	if (delivery.kind === 'lost') throw failure;
	return { ...delivery, outcome };
}

/**
 * Sends (again) an outbox row that the inbox trigger has claimed. A row whose process died while sending is sent again
 * only if the client prefers that (`delivery.afterCrash`); otherwise it is marked unknown and a manager is told.
 */
export async function deliverOutbox(
	ports: DeliveryPorts,
	due: {
		readonly clientId: string;
		readonly outboxId: string;
		readonly attempt: number;
		readonly uncertain: boolean;
	},
): Promise<{ kind: 'sent' } | { kind: 'not_sent'; code: string } | { kind: 'lost' }> {
	const { clientId, outboxId } = due;
	const start = async (tx: DbSession) => {
		const message = await startSending(tx, outboxId, due.attempt);
		const isTakenOver = message?.author === 'bot' && message.conversation.humanActive;
		if (message !== null && isTakenOver && !due.uncertain) await cancelMessage(tx, message, 'human_took_over');
		return message === null ? null : { message, isTakenOver };
	};
	// To start twice changes nothing; a start that is noted and not followed by a call would leave the message in doubt.
	const started = await repeatWhileAway(ports, async () => await ports.db.asClient(clientId, start));
	if (started === null) return { kind: 'lost' };
	if (started.isTakenOver && !due.uncertain) return { kind: 'not_sent', code: 'human_took_over' };

	const { conversation, ...row } = started.message;
	const message: MessageToSend = { ...row, addressEnc: conversation.addressEnc };
	const sending = await prepareSending(ports, clientId, row.channel, row.configVersion);
	const afterCrash = started.isTakenOver ? 'prefer-once' : sending.settings.afterCrash;
	const crash = due.uncertain ? decideAfterCrash(message.attempts, afterCrash) : null;
	const mode = chooseSendMode(
		{ ...row, lastInboundAt: conversation.lastInboundAt },
		sending.capabilities,
		sending.settings.lateTemplate !== undefined,
		ports.clock.now(),
	);
	const result =
		crash === null
			? await sendMessage(ports, clientId, message, sending, mode)
			: { decision: crash, providerMessageId: null };
	await noteSending(ports, clientId, message, result, null);
	const { decision } = result;
	return decision.kind === 'sent' ? { kind: 'sent' } : { kind: 'not_sent', code: decision.code };
}
