import { setTimeout as sleep } from 'node:timers/promises';

import { openTurn } from '../../lib/conversation/open-turn';
import { claimOutbox, claimTurns, type ClaimedTurn } from '../../lib/inbox/inbox-store';
import type { TurnItem } from '../../lib/item/turn-item';
import { deliverOutbox, deliverReply, type DeliveryPorts } from '../../lib/outbox/deliver';
import { queueMessage } from '../../lib/outbox/outbox-store';
import type { OutgoingText, SendResult } from '../../lib/ports/channel-sender';
import { InboxFixture, readableKey } from '../support/inbox-fixture';

let fixture: InboxFixture;
let sent: OutgoingText[];
let nextResults: SendResult[];
let beforeSend: () => Promise<void>;

beforeEach(async () => {
	fixture = await InboxFixture.start(1);
	sent = [];
	nextResults = [];
	beforeSend = async () => undefined;
});
afterEach(async () => {
	await fixture.stop();
});

function ports(): DeliveryPorts {
	return {
		db: fixture.app,
		senderFor: async () => ({
			sendText: async (message) => {
				await beforeSend();
				sent.push(message);
				return nextResults.shift() ?? { kind: 'sent', providerMessageId: 'P1' };
			},
		}),
		decryptAddress: async (_clientId, sealed) => sealed.toString('utf8'),
		handoverAdapterFor: async () => 'telegram',
	};
}

async function answeredTurn(
	text = 'Сколько стоит стрижка?',
	reply = 'Стрижка — 8 000 ₸.',
): Promise<{ item: TurnItem; claim: ClaimedTurn }> {
	await fixture.receive(text);
	const [claim] = await claimTurns(fixture.app, 1, 60_000);
	if (claim === undefined) throw new Error('nothing was due');
	const opened = await fixture.app.asClient(claim.clientId, async (tx) => await openTurn(tx, claim, () => readableKey));
	if (opened.kind !== 'ready') throw new Error(`the turn is ${opened.kind}`);
	const item: TurnItem = {
		...opened.item,
		reply: { text: reply, language: 'ru', source: 'facts', facts: [], guard: null, rewrites: 0 },
	};
	return { item, claim };
}

const takeOver = async (): Promise<void> => {
	await fixture.admin.query('update conversations set human_active_since = now()');
};

test('a reply, its outbox row and the outcome are connected, and the lane is free afterwards', async () => {
	const { item } = await answeredTurn();
	expect(await deliverReply(ports(), item)).toEqual({ kind: 'sent', outcome: { kind: 'answered', reason: 'facts' } });
	expect(sent).toHaveLength(1);
	expect(sent[0]?.address).toBe('77010000001@s.whatsapp.net');
	const { rows } = await fixture.admin.query(
		`select t.outcome, t.status, m.text, m.delivery_status, o.status as outbox, o.provider_message_id, m.conversation_id = t.conversation_id as connected
		   from turns t join messages m on m.id = t.reply_message_id join outbox o on o.message_id = m.id`,
	);
	expect(rows).toEqual([
		{
			outcome: 'answered',
			status: 'done',
			text: 'Стрижка — 8 000 ₸.',
			delivery_status: 'sent',
			outbox: 'sent',
			provider_message_id: 'P1',
			connected: true,
		},
	]);
	const lanes = await fixture.admin.query('select active_turn_id from conversation_lanes');
	expect(lanes.rows).toEqual([{ active_turn_id: null }]);
});

test('a manager who takes over after the reply was composed is not talked over', async () => {
	const { item } = await answeredTurn();
	await takeOver();
	expect(await deliverReply(ports(), item)).toMatchObject({
		kind: 'not_sent',
		outcome: { kind: 'held', reason: 'human_took_over' },
	});
	expect(sent).toHaveLength(0);
	expect(await fixture.count('outbox')).toBe(0);
});

test('the same turn run twice sends once', async () => {
	const { item } = await answeredTurn();
	const results = await Promise.all([deliverReply(ports(), item), deliverReply(ports(), item)]);
	expect(results.map((result) => result.kind).sort()).toEqual(['lost', 'sent']);
	expect(sent).toHaveLength(1);
});

test('the lane stays taken while the channel is being called, so the next turn cannot overtake', async () => {
	const { item } = await answeredTurn();
	let claimedMeanwhile = -1;
	beforeSend = async () => {
		await fixture.receive('и ещё вопрос');
		claimedMeanwhile = (await claimTurns(fixture.app, 5, 60_000)).length;
	};
	await deliverReply(ports(), item);
	expect(claimedMeanwhile).toBe(0);
	expect(await claimTurns(fixture.app, 5, 60_000)).toHaveLength(1);
});

test('a channel that cannot be reached is tried again later with the same key', async () => {
	const { item } = await answeredTurn();
	nextResults = [{ kind: 'unreachable', code: 'connection' }];
	expect(await deliverReply(ports(), item)).toMatchObject({ kind: 'not_sent', code: 'connection' });
	await fixture.admin.query(`update outbox set next_attempt_at = now()`);
	const [due] = await claimOutbox(fixture.app, 5, 60_000);
	expect(due).toMatchObject({ attempt: 2, uncertain: false });
	expect(await deliverOutbox(ports(), due as NonNullable<typeof due>)).toEqual({ kind: 'sent' });
	expect(new Set(sent.map((message) => message.idempotencyKey)).size).toBe(1);
	expect(await fixture.count('outbox', `status = 'sent'`)).toBe(1);
});

test('a queued reply is cancelled when a person takes over before it goes out', async () => {
	const { item } = await answeredTurn();
	nextResults = [{ kind: 'refused', code: 'http_503', retryable: true, retryAfterMs: null }];
	await deliverReply(ports(), item);
	await takeOver();
	await fixture.admin.query(`update outbox set next_attempt_at = now()`);
	const [due] = await claimOutbox(fixture.app, 5, 60_000);
	expect(await deliverOutbox(ports(), due as NonNullable<typeof due>)).toEqual({
		kind: 'not_sent',
		code: 'human_took_over',
	});
	expect(sent).toHaveLength(1);
	expect(await fixture.count('outbox', `status = 'cancelled'`)).toBe(1);
});

const GIVEN_UP: ReadonlyArray<{ name: string; result: SendResult; status: string }> = [
	{
		name: 'refused for good',
		result: { kind: 'refused', code: 'http_400', retryable: false, retryAfterMs: null },
		status: 'failed',
	},
	{ name: 'timed out (it may have been sent)', result: { kind: 'unreachable', code: 'timeout' }, status: 'unknown' },
];
test.each(GIVEN_UP)('a reply that was $name is not repeated; a manager is asked', async ({ result, status }) => {
	const { item } = await answeredTurn();
	nextResults = [result];
	await deliverReply(ports(), item);
	expect(await fixture.count('outbox', `status = '${status}'`)).toBe(1);
	expect(await fixture.count('handovers', `reason = 'error' and notice_status = 'pending'`)).toBe(1);
	expect(await claimOutbox(fixture.app, 5, 60_000)).toHaveLength(0);
});

test('a process that died while sending does not send again; the row becomes unknown', async () => {
	const { item, claim } = await answeredTurn();
	await fixture.app.asClient(claim.clientId, async (tx) => {
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
	await fixture.admin.query(`update outbox set lease_until = now() - interval '1 second'`);
	const [due] = await claimOutbox(fixture.app, 5, 60_000);
	expect(due?.uncertain).toBe(true);
	expect(await deliverOutbox(ports(), due as NonNullable<typeof due>)).toEqual({
		kind: 'not_sent',
		code: 'interrupted',
	});
	expect(sent).toHaveLength(0);
});

test("a manager's words go out while the manager is active, in the order they were written", async () => {
	const { item, claim } = await answeredTurn();
	await takeOver();
	for (const words of ['Здравствуйте', 'Есть время в 15:00']) {
		await fixture.app.asClient(claim.clientId, async (tx) => {
			await queueMessage(tx, {
				clientId: claim.clientId,
				conversationId: item.conversation.id,
				turnId: null,
				channel: 'whatsapp',
				author: 'manager',
				text: words,
				language: null,
				sendNow: false,
			});
		});
		await sleep(2);
	}
	const first = await claimOutbox(fixture.app, 5, 60_000);
	expect(first).toHaveLength(1);
	await deliverOutbox(ports(), first[0] as NonNullable<(typeof first)[0]>);
	const second = await claimOutbox(fixture.app, 5, 60_000);
	await deliverOutbox(ports(), second[0] as NonNullable<(typeof second)[0]>);
	expect(sent.map((message) => message.text)).toEqual(['Здравствуйте', 'Есть время в 15:00']);
});
