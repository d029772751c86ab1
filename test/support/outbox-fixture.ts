import { createGroupedSteps } from '../../lib/adapters/grouped-steps';
import { systemClock } from '../../lib/adapters/system-clock';
import { openTurn } from '../../lib/conversation/open-turn';
import { claimOutbox, claimTurns, type ClaimedTurn } from '../../lib/inbox/inbox-store';
import type { TurnItem } from '../../lib/item/turn-item';
import { deliverOutbox, type DeliveryPorts } from '../../lib/outbox/deliver';
import { queueMessage } from '../../lib/outbox/outbox-store';
import type { OutgoingText, SendResult } from '../../lib/ports/channel-sender';
import { DEFAULT_DELIVERY } from '../../lib/tenant/delivery-settings';
import { InboxFixture, readableKey } from './inbox-fixture';

/** The channel says: later. */
export const REFUSED_FOR_NOW: SendResult = { kind: 'refused', code: 'http_503', retryable: true, retryAfterMs: null };

/** An inbox with a channel that only notes what it is given. */
export class OutboxFixture {
	readonly sent: OutgoingText[] = [];
	/** What the channel answers to the next calls; when it is empty: sent. */
	nextResults: SendResult[] = [];
	/** Happens while the channel is being called. */
	beforeSend: () => Promise<void> = async () => undefined;

	private constructor(readonly inbox: InboxFixture) {}

	static async start(): Promise<OutboxFixture> {
		return new OutboxFixture(await InboxFixture.start(1));
	}

	ports(changes: Partial<DeliveryPorts> = {}): DeliveryPorts {
		const { db = this.inbox.app } = changes;
		return {
			...createGroupedSteps(db, () => readableKey),
			db,
			clock: systemClock,
			sleep: async () => undefined,
			deliverySettingsFor: async () => DEFAULT_DELIVERY,
			senderFor: async () => ({
				capabilities: { replyWindowMs: null, supportsTemplates: false },
				sendText: async (message) => {
					await this.beforeSend();
					this.sent.push(message);
					return this.nextResults.shift() ?? { kind: 'sent', providerMessageId: 'P1' };
				},
			}),
			decryptAddress: async (_clientId, sealed) => sealed.toString('utf8'),
			...changes,
		};
	}

	/** A turn that is opened and has a reply, which nobody has sent. */
	async answeredTurn(
		text = 'Сколько стоит стрижка?',
		reply = 'Стрижка — 8 000 ₸.',
	): Promise<{ item: TurnItem; claim: ClaimedTurn }> {
		await this.inbox.receive(text);
		const [claim] = await claimTurns(this.inbox.app, 1, 60_000);
		if (claim === undefined) throw new Error('nothing was due');
		const opened = await this.inbox.app.asClient(
			claim.clientId,
			async (tx) => await openTurn(tx, claim, () => readableKey),
		);
		if (opened.kind !== 'ready') throw new Error(`the turn is ${opened.kind}`);
		const item: TurnItem = {
			...opened.item,
			reply: { text: reply, language: 'ru', source: 'facts', facts: [], guard: null, rewrites: 0 },
		};
		return { item, claim };
	}

	async takeOver(): Promise<void> {
		await this.inbox.admin.query('update conversations set human_active_since = now()');
	}

	/** Makes every message that waits for its backoff due at once. */
	async endBackoff(): Promise<void> {
		await this.inbox.admin.query('update outbox set next_attempt_at = now()');
	}

	/** Queues words of a manager to the conversation of a turn, in one transaction. */
	async queueManagerWords({ client, conversation }: TurnItem, ...words: readonly string[]): Promise<void> {
		await this.inbox.app.asClient(client.id, async (tx) => {
			for (const text of words)
				await queueMessage(tx, {
					clientId: client.id,
					conversationId: conversation.id,
					turnId: null,
					channel: 'whatsapp',
					author: 'manager',
					text,
					language: null,
					sendNow: false,
				});
		});
	}

	/** A reply whose process died while it was sending. */
	async interrupted(): Promise<void> {
		const { item, claim } = await this.answeredTurn();
		await this.inbox.app.asClient(claim.clientId, async (tx) => {
			await queueMessage(tx, {
				clientId: claim.clientId,
				conversationId: item.conversation.id,
				turnId: item.turn.id,
				channel: 'whatsapp',
				author: 'bot',
				text: 'ответ',
				language: 'ru',
				sendNow: true,
			});
		});
		await this.inbox.admin.query(`update outbox set lease_until = now() - interval '1 second'`);
	}

	/** Sends what is due; the code or kind of every result. */
	async resend(changes: Partial<DeliveryPorts> = {}): Promise<string[]> {
		const due = await claimOutbox(this.inbox.app, 5, 60_000);
		const results = await Promise.all(due.map(async (one) => await deliverOutbox(this.ports(changes), one)));
		return results.map((result) => (result.kind === 'not_sent' ? result.code : result.kind));
	}

	async stop(): Promise<void> {
		await this.inbox.stop();
	}
}
