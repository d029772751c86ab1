import { TrufflesError } from '../errors';
import { openHandover } from '../handover/handover-store';
import type { Outcome, TurnItem } from '../item/turn-item';
import { recordOutcome, releaseLane } from '../conversation/record-outcome';
import type { ChannelSender } from '../ports/channel-sender';
import type { Db, DbSession } from '../ports/db';
import {
	cancelMessage,
	decideAfterSend,
	loadOutboxMessage,
	lockConversation,
	queueMessage,
	saveSendDecision,
	type SendDecision,
} from './outbox-store';

/** Longer than the gateway's usual answer, shorter than the outbox lease. */
const SEND_TIMEOUT_MS = 15_000;

export interface DeliveryPorts {
	readonly db: Db;
	/** The sender of this client's channel; throws TRF_CHANNEL_NOT_CONFIGURED or TRF_SECRET_MISSING. */
	readonly senderFor: (clientId: string, channel: string) => Promise<ChannelSender>;
	readonly decryptAddress: (clientId: string, addressEnc: Buffer) => Promise<string>;
	/** Name of the adapter a new handover is addressed to. */
	readonly handoverAdapterFor: (clientId: string) => Promise<string>;
}

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
 * the next turn cannot overtake this reply; if the process dies in between, the lease frees it.
 */
export async function deliverReply(ports: DeliveryPorts, item: TurnItem): Promise<Delivery> {
	const { reply } = item;
	if (reply === null) throw new TrufflesError('TRF_ITEM_INVALID', { problem: 'reply is empty at 8_Send_Response' });
	const clientId = item.client.id;
	const fence = { turnId: item.turn.id, attempt: item.turn.attempt };

	const written = await ports.db.asClient(clientId, async (tx) => {
		const { humanActive, addressEnc } = await lockConversation(tx, item.conversation.id);
		if (humanActive) {
			const held: Outcome = { kind: 'held', reason: 'human_took_over' };
			const ours = await recordOutcome(tx, fence, held, { classification: item.classification });
			return ours ? { kind: 'held' as const, outcome: held } : null;
		}
		const outcome = outcomeOf(item);
		const ours = await recordOutcome(tx, fence, outcome, { classification: item.classification, keepLane: true });
		if (!ours) return null;
		const queued = await queueMessage(tx, {
			clientId,
			conversationId: item.conversation.id,
			turnId: item.turn.id,
			channel: item.conversation.channel,
			author: 'bot',
			text: reply.text,
			language: reply.language,
			sendNow: true,
		});
		await tx.query('update turns set reply_message_id = $2 where id = $1', [item.turn.id, queued.messageId]);
		await tx.query('update conversations set reply_language = $2 where id = $1', [
			item.conversation.id,
			reply.language,
		]);
		return { kind: 'queued' as const, outcome, queued, addressEnc };
	});
	if (written === null) return { kind: 'lost' };
	if (written.kind === 'held') return { kind: 'not_sent', outcome: written.outcome, code: 'human_took_over' };

	const { queued, addressEnc, outcome } = written;
	const message = {
		...queued,
		conversationId: item.conversation.id,
		channel: item.conversation.channel,
		text: reply.text,
		attempts: 1,
		addressEnc,
	};
	const { decision, providerMessageId } = await send(ports, clientId, message);
	await ports.db.asClient(clientId, async (tx) => {
		const isWritten = await saveSendDecision(tx, message, decision, providerMessageId);
		if (isWritten) await askManagerWhenUndelivered(ports, tx, clientId, message, decision, item.turn.id);
		await releaseLane(tx, item.turn.id);
	});
	return decision.kind === 'sent' ? { kind: 'sent', outcome } : { kind: 'not_sent', outcome, code: decision.code };
}

/**
 * Sends (again) an outbox row that the inbox trigger has claimed. A row whose process died while sending is not sent
 * again ("prefer once"): it is marked unknown and a manager is told.
 */
export async function deliverOutbox(
	ports: DeliveryPorts,
	due: { readonly clientId: string; readonly outboxId: string; readonly uncertain: boolean },
): Promise<{ kind: 'sent' } | { kind: 'not_sent'; code: string } | { kind: 'lost' }> {
	const { clientId, outboxId } = due;
	const loaded = await ports.db.asClient(clientId, async (tx) => {
		const message = await loadOutboxMessage(tx, outboxId);
		if (message === null) return null;
		if (message.author === 'bot' && message.humanActive) {
			await cancelMessage(tx, message, 'human_took_over');
			return { kind: 'cancelled' as const };
		}
		return { kind: 'send' as const, message };
	});
	if (loaded === null) return { kind: 'lost' };
	if (loaded.kind === 'cancelled') return { kind: 'not_sent', code: 'human_took_over' };
	const { message } = loaded;
	const { decision, providerMessageId }: SendOutcome = due.uncertain
		? { decision: { kind: 'unknown', code: 'interrupted' }, providerMessageId: null }
		: await send(ports, clientId, message);
	await ports.db.asClient(clientId, async (tx) => {
		const isWritten = await saveSendDecision(tx, message, decision, providerMessageId);
		if (isWritten) await askManagerWhenUndelivered(ports, tx, clientId, message, decision, message.turnId);
	});
	return decision.kind === 'sent' ? { kind: 'sent' } : { kind: 'not_sent', code: decision.code };
}

function outcomeOf(item: TurnItem): Outcome {
	if (item.handover !== null) return { kind: 'handed_over', reason: item.handover.reason };
	return { kind: 'answered', reason: item.reply?.source ?? 'reply' };
}

interface SendOutcome {
	readonly decision: SendDecision;
	readonly providerMessageId: string | null;
}

async function send(
	ports: DeliveryPorts,
	clientId: string,
	message: {
		readonly channel: string;
		readonly text: string;
		readonly idempotencyKey: string;
		readonly attempts: number;
		readonly addressEnc: Buffer | null;
	},
): Promise<SendOutcome> {
	if (message.addressEnc === null) return { decision: { kind: 'failed', code: 'no_address' }, providerMessageId: null };
	let sender: ChannelSender;
	let address: string;
	try {
		sender = await ports.senderFor(clientId, message.channel);
		address = await ports.decryptAddress(clientId, message.addressEnc);
	} catch (error) {
		const code = error instanceof TrufflesError ? error.code : 'not_configured';
		return { decision: { kind: 'failed', code }, providerMessageId: null };
	}
	const result = await sender.sendText({
		address,
		text: message.text,
		idempotencyKey: message.idempotencyKey,
		timeoutMs: SEND_TIMEOUT_MS,
	});
	return {
		decision: decideAfterSend(result, message.attempts),
		providerMessageId: result.kind === 'sent' ? result.providerMessageId : null,
	};
}

async function askManagerWhenUndelivered(
	ports: DeliveryPorts,
	tx: DbSession,
	clientId: string,
	message: { readonly conversationId: string },
	decision: SendDecision,
	turnId: string | null,
): Promise<void> {
	if (decision.kind !== 'failed' && decision.kind !== 'unknown') return;
	await openHandover(tx, {
		clientId,
		conversationId: message.conversationId,
		turnId,
		reason: 'error',
		summary: '',
		adapter: await ports.handoverAdapterFor(clientId),
		noticeDelayMs: 0,
	});
	await tx.query(`select pg_notify('truffles_inbox', '')`);
}
