import { setTimeout as sleep } from 'node:timers/promises';

import { createGroupedSteps } from '../../lib/adapters/grouped-steps';
import { systemClock } from '../../lib/adapters/system-clock';
import { openTurn } from '../../lib/conversation/open-turn';
import { TrufflesError } from '../../lib/errors';
import { claimOutbox, claimTurns, type ClaimedTurn } from '../../lib/inbox/inbox-store';
import type { TurnItem } from '../../lib/item/turn-item';
import { deliverOutbox, deliverReply, type DeliveryPorts } from '../../lib/outbox/deliver';
import { queueMessage } from '../../lib/outbox/outbox-store';
import type { Db } from '../../lib/ports/db';
import type { OutgoingText, SendResult } from '../../lib/ports/channel-sender';
import { DEFAULT_DELIVERY } from '../../lib/tenant/delivery-settings';
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

function ports(changes: Partial<DeliveryPorts> = {}): DeliveryPorts {
	const { db = fixture.app } = changes;
	return {
		...createGroupedSteps(db, () => readableKey),
		db,
		clock: systemClock,
		sleep: async () => undefined,
		deliverySettingsFor: async () => DEFAULT_DELIVERY,
		senderFor: async () => ({
			capabilities: { replyWindowMs: null, supportsTemplates: false },
			sendText: async (message) => {
				await beforeSend();
				sent.push(message);
				return nextResults.shift() ?? { kind: 'sent', providerMessageId: 'P1' };
			},
		}),
		decryptAddress: async (_clientId, sealed) => sealed.toString('utf8'),
		...changes,
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

test('an owner who writes before the conversation exists is not talked over, neither by the reply nor by the fallback', async () => {
	await fixture.receive('Сколько стоит стрижка?');
	const [claim] = await claimTurns(fixture.app, 1, 60_000);
	// The process died after claiming; meanwhile the owner has answered from the phone, and the echo waits behind the turn.
	await fixture.receive('Здравствуйте, это Айгуль', { isEcho: true });
	const turn = claim as ClaimedTurn;
	const opened = await fixture.app.asClient(turn.clientId, async (tx) => await openTurn(tx, turn, () => readableKey));
	if (opened.kind !== 'ready') throw new Error(`the turn is ${opened.kind}`);
	const reply = {
		text: 'Стрижка — 8 000 ₸.',
		language: 'ru',
		source: 'facts',
		facts: [],
		guard: null,
		rewrites: 0,
	} as const;
	expect(await deliverReply(ports(), { ...opened.item, reply })).toMatchObject({
		kind: 'not_sent',
		outcome: { kind: 'held', reason: 'human_took_over' },
	});
	expect(sent).toHaveLength(0);
	const [echo] = await claimTurns(fixture.app, 1, 60_000);
	const next = await fixture.app.asClient(
		turn.clientId,
		async (tx) => await openTurn(tx, echo as ClaimedTurn, () => readableKey),
	);
	expect(next).toMatchObject({ kind: 'ignored', reason: 'written_by_business' });
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
	{
		name: 'cut off before the answer (it may have been sent)',
		result: { kind: 'unreachable', code: 'interrupted' },
		status: 'unknown',
	},
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

const REFUSED_FOR_NOW: SendResult = { kind: 'refused', code: 'http_503', retryable: true, retryAfterMs: null };

async function resend(changes: Partial<DeliveryPorts> = {}): Promise<string[]> {
	const due = await claimOutbox(fixture.app, 5, 60_000);
	const results = await Promise.all(due.map(async (one) => await deliverOutbox(ports(changes), one)));
	return results.map((result) => (result.kind === 'not_sent' ? result.code : result.kind));
}

test('a reply waits behind an earlier one that is not out yet', async () => {
	const first = await answeredTurn('раз', 'первый ответ');
	nextResults = [REFUSED_FOR_NOW];
	await deliverReply(ports(), first.item);
	const second = await answeredTurn('два', 'второй ответ');
	expect(await deliverReply(ports(), second.item)).toMatchObject({ kind: 'not_sent', code: 'waits_for_earlier' });
	expect(sent.map((message) => message.text)).toEqual(['первый ответ']);
	expect(await resend()).toEqual([]);
	// Even a second one that is due at once, while the first waits for its backoff, may not overtake.
	await fixture.admin.query('update outbox set next_attempt_at = now() where turn_id = $1', [second.item.turn.id]);
	expect(await resend()).toEqual([]);
	await fixture.admin.query(`update outbox set next_attempt_at = now()`);
	expect(await resend()).toEqual(['sent']);
	expect(await resend()).toEqual(['sent']);
	expect(sent.map((message) => message.text)).toEqual(['первый ответ', 'первый ответ', 'второй ответ']);
});

test('while a message of the conversation is under way no other one is given out', async () => {
	const { item, claim } = await answeredTurn();
	let givenMeanwhile = -1;
	beforeSend = async () => {
		beforeSend = async () => undefined;
		await fixture.app.asClient(claim.clientId, async (tx) => {
			await queueMessage(tx, {
				clientId: claim.clientId,
				conversationId: item.conversation.id,
				turnId: null,
				channel: 'whatsapp',
				author: 'manager',
				text: 'Здравствуйте',
				language: null,
				sendNow: false,
			});
		});
		// Written later, but with a clock that was a little behind.
		await fixture.admin.query(`update outbox set created_at = now() - interval '1 minute' where author = 'manager'`);
		givenMeanwhile = (await claimOutbox(fixture.app, 5, 60_000)).length;
	};
	await deliverReply(ports(), item);
	expect(givenMeanwhile).toBe(0);
	expect(await resend()).toEqual(['sent']);
});

test('twenty processes that ask at once never get two messages of one conversation', async () => {
	const { item, claim } = await answeredTurn();
	await deliverReply(ports(), item);
	await fixture.app.asClient(claim.clientId, async (tx) => {
		for (let index = 0; index < 10; index += 1) {
			await queueMessage(tx, {
				clientId: claim.clientId,
				conversationId: item.conversation.id,
				turnId: null,
				channel: 'whatsapp',
				author: 'manager',
				text: String(index),
				language: null,
				sendNow: false,
			});
		}
	});
	const claims = await Promise.all(Array.from({ length: 20 }, async () => await claimOutbox(fixture.app, 5, 60_000)));
	expect(claims.flat()).toHaveLength(1);
});

async function interrupted(): Promise<void> {
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
}

describe('after a crash between sending and noting it', () => {
	test('a client that prefers once gets no second copy; a manager is asked', async () => {
		await interrupted();
		expect(await resend()).toEqual(['interrupted']);
		expect(sent).toHaveLength(0);
		expect(await fixture.count('handovers', `reason = 'error'`)).toBe(1);
	});

	test('a client that prefers delivery gets it again with the same key', async () => {
		await interrupted();
		const { rows } = await fixture.admin.query<{ idempotency_key: string }>('select idempotency_key from outbox');
		expect(await resend({ deliverySettingsFor: async () => ({ afterCrash: 'prefer-delivery' }) })).toEqual(['sent']);
		expect(sent.map((message) => message.idempotencyKey)).toEqual([rows[0]?.idempotency_key]);
		expect(await fixture.count('handovers')).toBe(0);
	});

	test('a person who has taken over meanwhile is not talked over, whatever the client prefers', async () => {
		await interrupted();
		await takeOver();
		expect(await resend({ deliverySettingsFor: async () => ({ afterCrash: 'prefer-delivery' }) })).toEqual([
			'interrupted',
		]);
		expect(sent).toHaveLength(0);
	});

	test('settings that cannot be read mean: once', async () => {
		await interrupted();
		const broken = async (): Promise<never> => await Promise.reject(new TrufflesError('TRF_SETTINGS_INVALID'));
		expect(await resend({ deliverySettingsFor: broken })).toEqual(['interrupted']);
		expect(sent).toHaveLength(0);
	});
});

test('a process that died before it called the channel leaves a message that is certainly not sent: it goes out', async () => {
	const { item } = await answeredTurn();
	nextResults = [REFUSED_FOR_NOW];
	await deliverReply(ports(), item);
	await fixture.admin.query(`update outbox set next_attempt_at = now()`);
	expect(await claimOutbox(fixture.app, 5, 10)).toHaveLength(1);
	await sleep(30);
	expect(await resend()).toEqual(['sent']);
	expect(sent).toHaveLength(2);
});

test('a process that lost its message to another one does not send it', async () => {
	const { item } = await answeredTurn();
	nextResults = [REFUSED_FOR_NOW];
	await deliverReply(ports(), item);
	await fixture.admin.query(`update outbox set next_attempt_at = now()`);
	const [lost] = await claimOutbox(fixture.app, 5, 10);
	await sleep(30);
	const [owned] = await claimOutbox(fixture.app, 5, 60_000);
	expect(await deliverOutbox(ports(), lost as NonNullable<typeof lost>)).toEqual({ kind: 'lost' });
	expect(await deliverOutbox(ports(), owned as NonNullable<typeof owned>)).toEqual({ kind: 'sent' });
	expect(sent).toHaveLength(2);
});

test('a database that restarts between sending and noting it leaves no doubt', async () => {
	const { item } = await answeredTurn();
	let notes = 0;
	const restarting: Db = {
		...fixture.app,
		asClient: async (clientId, work) => await fixture.app.asClient(clientId, work),
		query: async (text, params) => {
			if (text.includes('truffles.note_sent')) notes += 1;
			if (notes === 1 || notes === 2) throw new TrufflesError('TRF_DB_UNREACHABLE', { detail: '57P01' });
			return await fixture.app.query(text, params);
		},
	} as Db;
	expect(await deliverReply(ports({ db: restarting }), item)).toMatchObject({ kind: 'sent' });
	expect(notes).toBe(3);
	expect(await fixture.count('outbox', `status = 'sent'`)).toBe(1);
});

test('a channel whose settings cannot be loaded while the database is away keeps the reply for later', async () => {
	const { item } = await answeredTurn();
	const away = async (): Promise<never> => await Promise.reject(new TrufflesError('TRF_DB_UNREACHABLE'));
	expect(await deliverReply(ports({ senderFor: away }), item)).toMatchObject({ code: 'TRF_DB_UNREACHABLE' });
	expect(await fixture.count('outbox', `status = 'queued'`)).toBe(1);
	expect(await fixture.count('handovers')).toBe(0);
});

describe('what is older than a day', () => {
	const yesterday = async (): Promise<void> => {
		await fixture.admin.query(`update conversations set last_inbound_at = now() - interval '25 hours'`);
	};

	test('is not answered by the assistant: a manager is asked, and the outcome says so', async () => {
		const { item } = await answeredTurn();
		await yesterday();
		expect(await deliverReply(ports(), item)).toEqual({
			kind: 'not_sent',
			outcome: { kind: 'handed_over', reason: 'too_late' },
			code: 'too_late',
		});
		expect(sent).toHaveLength(0);
		expect(await fixture.count('handovers', `reason = 'too_late' and notice_status = 'pending'`)).toBe(1);
	});

	test('is not sent from the outbox either', async () => {
		const { item } = await answeredTurn();
		nextResults = [REFUSED_FOR_NOW];
		await deliverReply(ports(), item);
		await yesterday();
		await fixture.admin.query(`update outbox set next_attempt_at = now()`);
		expect(await resend()).toEqual(['too_late']);
		expect(sent).toHaveLength(1);
		expect(await fixture.count('handovers', `reason = 'too_late'`)).toBe(1);
	});

	test('goes inside the template of a channel that has templates', async () => {
		const { item } = await answeredTurn();
		await yesterday();
		const templates: string[] = [];
		const official: DeliveryPorts['senderFor'] = async () => ({
			capabilities: { replyWindowMs: 86_400_000, supportsTemplates: true },
			sendText: async () => ({ kind: 'refused', code: '131047', retryable: false, retryAfterMs: null }),
			sendTemplate: async ({ template, text, language }) => {
				templates.push(`${template}/${language}: ${text}`);
				return { kind: 'sent', providerMessageId: 'T1' };
			},
		});
		const named: DeliveryPorts['deliverySettingsFor'] = async () => ({
			afterCrash: 'prefer-once',
			lateTemplate: 'late_answer',
		});
		const delivery = await deliverReply(ports({ senderFor: official, deliverySettingsFor: named }), item);
		expect(delivery.kind).toBe('sent');
		expect(templates).toEqual(['late_answer/ru: Стрижка — 8 000 ₸.']);
	});
});

test('a late answer comes with an apology', async () => {
	const { item } = await answeredTurn();
	const receivedAt = new Date(Date.now() - 20 * 60_000).toISOString();
	await deliverReply(ports(), { ...item, turn: { ...item.turn, receivedAt } });
	expect(sent[0]?.text).toBe('Извините, что отвечаем с опозданием.\n\nСтрижка — 8 000 ₸.');
});

test('a manager who took over while the reply was being composed gets the message that it was for', async () => {
	const { item } = await answeredTurn();
	await takeOver();
	await fixture.admin.query(
		`insert into handovers (client_id, conversation_id, reason, status, notice_status) values ($1, $2, 'asked_for_human', 'active', 'sent')`,
		[item.client.id, item.conversation.id],
	);
	await deliverReply(ports(), item);
	const { rows } = await fixture.admin.query(
		`select h.notice_status, h.next_notice_at <= now() as due, e.detail from handovers h join handover_events e on e.handover_id = h.id`,
	);
	expect(rows).toEqual([{ notice_status: 'pending', due: true, detail: { delivered: false, turnId: item.turn.id } }]);
});
