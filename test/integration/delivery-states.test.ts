import { randomUUID } from 'node:crypto';
import fc from 'fast-check';

import { acceptEvents, type EventRow } from '../../lib/inbox/accept-deliveries';
import { claimOutbox } from '../../lib/inbox/inbox-store';
import { noteSent, queueMessage, saveUnsent } from '../../lib/outbox/outbox-store';
import type { UnsentDecision } from '../../lib/outbox/send-decision';
import { InboxFixture } from '../support/inbox-fixture';

jest.setTimeout(120_000);

/** Later ones win, whatever their order of arrival. */
const ORDER = ['sent', 'failed', 'delivered', 'read'] as const;
type State = (typeof ORDER)[number];

let fixture: InboxFixture;
let conversationId: string;

beforeEach(async () => {
	fixture = await InboxFixture.start(2);
	conversationId = await openConversation(fixture.client);
});
afterEach(async () => {
	await fixture.stop();
});

async function openConversation(clientId: string): Promise<string> {
	const { rows } = await fixture.admin.query<{ id: string }>(
		`with u as (insert into users (client_id, channel, address_hash, address_enc) values ($1, 'whatsapp', 'h', 'x') returning *)
		 insert into conversations (client_id, user_id, channel) select client_id, id, 'whatsapp' from u returning id`,
		[clientId],
	);
	return rows[0]?.id as string;
}

interface Sending {
	readonly outboxId: string;
	readonly messageId: string;
	readonly conversationId: string;
	readonly key: string;
	readonly attempts: number;
	readonly providerMessageId: string;
}

/** A reply on its way: written, not yet answered by the channel. */
async function startSending(providerMessageId: string = randomUUID()): Promise<Sending> {
	// At most one message of a conversation is under way.
	await fixture.admin.query(`update outbox set status = 'sent' where status in ('sending', 'queued')`);
	const { outboxId, messageId, idempotencyKey } = await fixture.app.asClient(
		fixture.client,
		async (tx) =>
			await queueMessage(tx, {
				clientId: fixture.client,
				conversationId,
				turnId: null,
				channel: 'whatsapp',
				author: 'bot',
				text: 'Стрижка — 8 000 ₸.',
				language: 'ru',
				sendNow: true,
			}),
	);
	return { outboxId, messageId, conversationId, key: idempotencyKey, attempts: 1, providerMessageId };
}

async function arrive(
	messageId: string,
	state: State,
	given: { key?: string; errorCode?: string; clientId?: string; channel?: string } = {},
): Promise<void> {
	const row: EventRow = {
		id: randomUUID(),
		providerEventId: `status:${messageId}:${state}`,
		kind: 'status',
		lane: null,
		event: { messageId, status: state, errorCode: given.errorCode ?? null, idempotencyKey: given.key ?? null },
		senderEnc: null,
		rawEnc: null,
		providerAt: null,
	};
	await acceptEvents(fixture.app, given.clientId ?? fixture.client, given.channel ?? 'whatsapp', [row], 0);
}

async function answerSent(sending: Sending, providerMessageId: string | null): Promise<void> {
	const { outboxId } = sending;
	const sent = { outboxId, conversationId: sending.conversationId, channel: 'whatsapp', providerMessageId };
	await noteSent(fixture.app, fixture.client, [{ ...sent, endsTurnId: null }]);
}

async function answerUnsent(sending: Sending, decision: UnsentDecision): Promise<boolean> {
	return await fixture.app.asClient(fixture.client, async (tx) => await saveUnsent(tx, sending, decision));
}

async function stateOf(sending: Sending): Promise<{ message: string; outbox: string; error: string | null }> {
	const { rows } = await fixture.admin.query<{ message: string; outbox: string; error: string | null }>(
		`select m.delivery_status as message, o.status as outbox, o.last_error_code as error
		   from outbox o join messages m on m.id = o.message_id where o.id = $1`,
		[sending.outboxId],
	);
	return rows[0] as { message: string; outbox: string; error: string | null };
}

test('states in any order, repeated or missing, before and after the answer of the channel, end in the highest', async () => {
	const steps = fc
		.subarray([...ORDER, ...ORDER])
		.chain((states) => fc.shuffledSubarray([...states, 'answer' as const], { minLength: states.length + 1 }));
	await fc.assert(
		fc.asyncProperty(steps, async (order) => {
			const sending = await startSending();
			let highest: State = 'sent';
			for (const step of order) {
				if (step === 'answer') await answerSent(sending, sending.providerMessageId);
				else {
					await arrive(sending.providerMessageId, step);
					if (ORDER.indexOf(step) > ORDER.indexOf(highest)) highest = step;
				}
			}
			expect(await stateOf(sending)).toMatchObject({
				message: highest,
				outbox: highest === 'failed' ? 'failed' : 'sent',
			});
		}),
		{ numRuns: 60 },
	);
});

test('a state never goes back on the way', async () => {
	await fc.assert(
		fc.asyncProperty(fc.shuffledSubarray([...ORDER], { minLength: 2 }), async (order) => {
			const sending = await startSending();
			await answerSent(sending, sending.providerMessageId);
			let before = 0;
			for (const state of order) {
				await arrive(sending.providerMessageId, state);
				const now = ORDER.indexOf((await stateOf(sending)).message as State);
				expect(now).toBeGreaterThanOrEqual(before);
				before = now;
			}
		}),
		{ numRuns: 24 },
	);
});

test('of the states that came before the answer of the channel the highest counts, not the last', async () => {
	const sending = await startSending();
	await arrive(sending.providerMessageId, 'read');
	await arrive(sending.providerMessageId, 'delivered');
	await answerSent(sending, sending.providerMessageId);
	expect(await stateOf(sending)).toMatchObject({ message: 'read', outbox: 'sent' });
});

test('the answer of the channel and a state at the same instant find each other', async () => {
	for (let round = 0; round < 40; round += 1) {
		const sending = await startSending();
		await Promise.all([
			answerSent(sending, sending.providerMessageId),
			arrive(sending.providerMessageId, 'delivered'),
			arrive(sending.providerMessageId, 'read'),
		]);
		expect(await stateOf(sending)).toMatchObject({ message: 'read', outbox: 'sent' });
	}
});

test('a message that the customer has is not sent again when the channel did not answer in time', async () => {
	const sending = await startSending();
	await arrive(sending.providerMessageId, 'delivered', { key: sending.key });
	expect(await answerUnsent(sending, { kind: 'unknown', code: 'timeout' })).toBe(false);
	expect(await stateOf(sending)).toMatchObject({ message: 'delivered', outbox: 'sent' });
	expect(await answerUnsent(sending, { kind: 'repeat', delayMs: 0, code: 'http_503' })).toBe(false);
	expect(await stateOf(sending)).toMatchObject({ message: 'delivered', outbox: 'sent' });
});

test('a state that comes after the time-out says that the message was sent', async () => {
	const sending = await startSending();
	expect(await answerUnsent(sending, { kind: 'unknown', code: 'timeout' })).toBe(true);
	await arrive(sending.providerMessageId, 'sent', { key: sending.key });
	expect(await stateOf(sending)).toMatchObject({ message: 'sent', outbox: 'sent', error: null });
});

test('a process that died while sending leaves nothing to do when the state shows that it was sent', async () => {
	const sending = await startSending();
	await fixture.admin.query(`update outbox set lease_until = now() - interval '1 minute'`);
	await arrive(sending.providerMessageId, 'sent', { key: sending.key });
	expect(await claimOutbox(fixture.app, 10, 60_000)).toEqual([]);
	expect(await stateOf(sending)).toMatchObject({ message: 'sent', outbox: 'sent' });
});

test('a message that failed after it was accepted gives a manager the handover, once, with its code kept', async () => {
	const sending = await startSending();
	await answerSent(sending, sending.providerMessageId);
	await Promise.all(
		[1, 2, 3].map(async () => await arrive(sending.providerMessageId, 'failed', { errorCode: '131047' })),
	);
	expect(await stateOf(sending)).toEqual({ message: 'failed', outbox: 'failed', error: 'provider_131047' });
	expect(await fixture.count('handovers', `notice_status = 'pending' and next_notice_at <= now()`)).toBe(1);
	await arrive(sending.providerMessageId, 'sent');
	expect(await fixture.count('handovers')).toBe(1);
});

test('a failure that was known before the answer of the channel gives the handover too', async () => {
	const sending = await startSending();
	await arrive(sending.providerMessageId, 'failed', { errorCode: '131026' });
	expect(await fixture.count('handovers')).toBe(0);
	await answerSent(sending, sending.providerMessageId);
	expect(await stateOf(sending)).toMatchObject({ message: 'failed', outbox: 'failed' });
	expect(await fixture.count('handovers')).toBe(1);
});

test('a state of another client or channel with the same id changes nothing', async () => {
	const other = fixture.clientIds[1] as string;
	const sending = await startSending('wamid.same');
	await answerSent(sending, 'wamid.same');
	await arrive('wamid.same', 'read', { clientId: other, key: sending.key });
	await arrive('wamid.same', 'read', { channel: 'telegram', key: sending.key });
	expect(await stateOf(sending)).toMatchObject({ message: 'sent', outbox: 'sent' });
	const link = async (clientId: string) =>
		await fixture.app.asClient(
			clientId,
			async (tx) =>
				await tx.query(`select truffles.apply_delivery_states($1, 'whatsapp', 'wamid.same', $2, null)`, [
					fixture.client,
					sending.outboxId,
				]),
		);
	await arrive('wamid.same', 'failed');
	await fixture.admin.query(`update messages set delivery_status = 'sent'`);
	await link(other);
	expect((await stateOf(sending)).message).toBe('sent');
});

test('a state of a message that we do not know is kept and harms nothing', async () => {
	await arrive('wamid.unknown', 'read');
	expect(await fixture.count('inbound_events', `kind = 'status'`)).toBe(1);
});
