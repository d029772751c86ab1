import { releaseLane } from '../conversation/record-outcome';
import { TrufflesError } from '../errors';
import { askManager } from '../handover/handover-store';
import type { ReplyLanguage } from '../item/turn-item';
import type { ChannelCapabilities, ChannelSender, SendResult } from '../ports/channel-sender';
import type { Clock } from '../ports/clock';
import type { Db, DbSession } from '../ports/db';
import type { Grouped } from '../ports/grouped';
import { DEFAULT_DELIVERY, type DeliverySettings } from '../tenant/delivery-settings';
import { saveUnsent, type SentMessage } from './outbox-store';
import { decideAfterSend, decideWithoutSender, type SendDecision, type UnsentDecision } from './send-decision';
import type { SendMode } from './reply-window';
import type { ReplyToWrite, ReplyWriting } from './write-replies';

/** Longer than the gateway's usual answer, shorter than the outbox lease. */
const SEND_TIMEOUT_MS = 15_000;

/** Waits while the database is away; together shorter than the outbox lease. */
const AWAY_WAITS_MS = [500, 2_000, 5_000, 10_000];

export interface DeliveryPorts {
	readonly db: Db;
	readonly clock: Clock;
	readonly sleep: (ms: number) => Promise<void>;
	/** The sender of this client's channel; throws TRF_CHANNEL_NOT_CONFIGURED or TRF_SECRET_MISSING. */
	readonly senderFor: (clientId: string, channel: string, configVersion: number) => Promise<ChannelSender>;
	readonly decryptAddress: (clientId: string, addressEnc: Buffer, configVersion: number) => Promise<string>;
	readonly deliverySettingsFor: (clientId: string, configVersion: number) => Promise<DeliverySettings>;
	/** By client. See `write-replies.ts`. */
	readonly writeReply: Grouped<ReplyToWrite, ReplyWriting>;
	/** By client. See `noteSent` of `outbox-store.ts`. */
	readonly noteSent: Grouped<SentMessage, void>;
}

/** A message whose outbox row is marked as being sent by this process. */
export interface MessageToSend {
	readonly outboxId: string;
	readonly conversationId: string;
	readonly turnId: string | null;
	readonly channel: string;
	readonly text: string;
	readonly language: ReplyLanguage;
	readonly idempotencyKey: string;
	readonly attempts: number;
	readonly addressEnc: Buffer | null;
	readonly configVersion: number;
}

/** How this client's channel sends now; `problem` when it cannot be told, which is never a reason to throw. */
export interface Sending {
	readonly settings: DeliverySettings;
	readonly capabilities: ChannelCapabilities;
	readonly sender: ChannelSender | null;
	readonly problem: unknown;
}

const NO_CAPABILITIES: ChannelCapabilities = { replyWindowMs: null, supportsTemplates: false };

/** Loads what sending needs, before any transaction: a pool that waits for itself would stand still. */
export async function prepareSending(
	ports: DeliveryPorts,
	clientId: string,
	channel: string,
	configVersion: number,
): Promise<Sending> {
	const settings = await ports.deliverySettingsFor(clientId, configVersion).catch(() => DEFAULT_DELIVERY);
	try {
		const sender = await ports.senderFor(clientId, channel, configVersion);
		return { settings, sender, capabilities: sender.capabilities, problem: null };
	} catch (problem) {
		return { settings, sender: null, capabilities: NO_CAPABILITIES, problem };
	}
}

export interface SendOutcome {
	readonly decision: SendDecision;
	readonly providerMessageId: string | null;
}

/** Calls the channel once. `person`: the channel is not called. Never throws. */
export async function sendMessage(
	ports: DeliveryPorts,
	clientId: string,
	message: MessageToSend,
	sending: Sending,
	mode: SendMode,
): Promise<SendOutcome> {
	const undone = (decision: SendDecision): SendOutcome => ({ decision, providerMessageId: null });
	if (mode === 'person') return undone({ kind: 'failed', code: 'too_late' });
	if (message.addressEnc === null) return undone({ kind: 'failed', code: 'no_address' });
	if (sending.sender === null) return undone(decideWithoutSender(sending.problem, message.attempts));
	let address: string;
	try {
		address = await ports.decryptAddress(clientId, message.addressEnc, message.configVersion);
	} catch (error) {
		return undone(decideWithoutSender(error, message.attempts));
	}
	const result = await call(sending.sender, sending.settings, message, address, mode);
	return {
		decision: decideAfterSend(result, message.attempts, sending.settings.afterCrash),
		providerMessageId: result.kind === 'sent' ? result.providerMessageId : null,
	};
}

async function call(
	sender: ChannelSender,
	settings: DeliverySettings,
	message: MessageToSend,
	address: string,
	mode: SendMode,
): Promise<SendResult> {
	const { text, language, idempotencyKey } = message;
	const outgoing = { address, text, idempotencyKey, timeoutMs: SEND_TIMEOUT_MS };
	if (mode !== 'template' || settings.lateTemplate === undefined || sender.sendTemplate === undefined)
		return await sender.sendText(outgoing);
	return await sender.sendTemplate({ ...outgoing, language, template: settings.lateTemplate });
}

/**
 * Notes what became of a message, and asks a manager when it did not go out. Tried again for as long as the message is
 * ours: a database that restarts at this moment must not leave a sent message in doubt.
 *
 * @param endsTurnId the turn whose lane is free from now on; null: none
 */
export async function noteSending(
	ports: DeliveryPorts,
	clientId: string,
	message: MessageToSend,
	outcome: SendOutcome,
	endsTurnId: string | null,
): Promise<void> {
	const { decision, providerMessageId } = outcome;
	await repeatWhileAway(ports, async () => {
		if (decision.kind === 'sent') {
			await ports.noteSent.do(clientId, { ...message, providerMessageId, endsTurnId });
			return;
		}
		await ports.db.asClient(clientId, async (tx) => {
			const isWritten = await saveUnsent(tx, message, decision);
			if (isWritten) await askManagerWhenUndelivered(tx, clientId, message, decision);
			if (endsTurnId !== null) await releaseLane(tx, endsTurnId);
		});
	});
}

/** Does it again while the database is away, for as long as a message that is being sent is ours. */
export async function repeatWhileAway<T>(ports: Pick<DeliveryPorts, 'sleep'>, work: () => Promise<T>): Promise<T> {
	for (const waitMs of AWAY_WAITS_MS) {
		try {
			return await work();
		} catch (error) {
			if (!isAway(error)) throw error;
			await ports.sleep(waitMs);
		}
	}
	return await work();
}

/** True for failures after which the same statements may succeed; what was to be committed may be, or not. */
export function isAway(error: unknown): boolean {
	return error instanceof TrufflesError && error.retryable;
}

async function askManagerWhenUndelivered(
	tx: DbSession,
	clientId: string,
	message: MessageToSend,
	decision: UnsentDecision,
): Promise<void> {
	if (decision.kind !== 'failed' && decision.kind !== 'unknown') return;
	await askManager(tx, {
		clientId,
		conversationId: message.conversationId,
		turnId: message.turnId,
		reason: decision.code === 'too_late' ? 'too_late' : 'error',
	});
}
