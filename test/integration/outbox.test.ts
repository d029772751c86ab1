/** A reply is sent once, with its outcome, and never past a person. */
import { openTurn } from '../../lib/conversation/open-turn';
import { TrufflesError } from '../../lib/errors';
import { claimTurns, type ClaimedTurn } from '../../lib/inbox/inbox-store';
import { deliverReply, type DeliveryPorts } from '../../lib/outbox/deliver';
import { readableKey } from '../support/inbox-fixture';
import { OutboxFixture, REFUSED_FOR_NOW } from '../support/outbox-fixture';

let outbox: OutboxFixture;

beforeEach(async () => {
	outbox = await OutboxFixture.start();
});
afterEach(async () => {
	await outbox.stop();
});

test('a reply, its outbox row and the outcome are connected, and the lane is free afterwards', async () => {
	const { item } = await outbox.answeredTurn();
	expect(await deliverReply(outbox.ports(), item)).toEqual({
		kind: 'sent',
		outcome: { kind: 'answered', reason: 'facts' },
	});
	expect(outbox.sent).toHaveLength(1);
	expect(outbox.sent[0]?.address).toBe('77010000001@s.whatsapp.net');
	const { rows } = await outbox.inbox.admin.query(
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
	const lanes = await outbox.inbox.admin.query('select active_turn_id from conversation_lanes');
	expect(lanes.rows).toEqual([{ active_turn_id: null }]);
});

test('a manager who takes over after the reply was composed is not talked over', async () => {
	const { item } = await outbox.answeredTurn();
	await outbox.takeOver();
	expect(await deliverReply(outbox.ports(), item)).toMatchObject({
		kind: 'not_sent',
		outcome: { kind: 'held', reason: 'human_took_over' },
	});
	expect(outbox.sent).toHaveLength(0);
	expect(await outbox.inbox.count('outbox')).toBe(0);
});

test('an owner who writes before the conversation exists is not talked over, neither by the reply nor by the fallback', async () => {
	await outbox.inbox.receive('Сколько стоит стрижка?');
	const [claim] = await claimTurns(outbox.inbox.app, 1, 60_000);
	// The process died after claiming; meanwhile the owner has answered from the phone, and the echo waits behind the turn.
	await outbox.inbox.receive('Здравствуйте, это Айгуль', { isEcho: true });
	const turn = claim as ClaimedTurn;
	const opened = await outbox.inbox.app.asClient(
		turn.clientId,
		async (tx) => await openTurn(tx, turn, () => readableKey),
	);
	if (opened.kind !== 'ready') throw new Error(`the turn is ${opened.kind}`);
	const reply = {
		text: 'Стрижка — 8 000 ₸.',
		language: 'ru',
		source: 'facts',
		facts: [],
		guard: null,
		rewrites: 0,
	} as const;
	expect(await deliverReply(outbox.ports(), { ...opened.item, reply })).toMatchObject({
		kind: 'not_sent',
		outcome: { kind: 'held', reason: 'human_took_over' },
	});
	expect(outbox.sent).toHaveLength(0);
	const [echo] = await claimTurns(outbox.inbox.app, 1, 60_000);
	const next = await outbox.inbox.app.asClient(
		turn.clientId,
		async (tx) => await openTurn(tx, echo as ClaimedTurn, () => readableKey),
	);
	expect(next).toMatchObject({ kind: 'ignored', reason: 'written_by_business' });
});

test('the same turn run twice sends once', async () => {
	const { item } = await outbox.answeredTurn();
	const results = await Promise.all([deliverReply(outbox.ports(), item), deliverReply(outbox.ports(), item)]);
	expect(results.map((result) => result.kind).sort()).toEqual(['lost', 'sent']);
	expect(outbox.sent).toHaveLength(1);
});

test('the lane stays taken while the channel is being called, so the next turn cannot overtake', async () => {
	const { item } = await outbox.answeredTurn();
	let claimedMeanwhile = -1;
	outbox.beforeSend = async () => {
		await outbox.inbox.receive('и ещё вопрос');
		claimedMeanwhile = (await claimTurns(outbox.inbox.app, 5, 60_000)).length;
	};
	await deliverReply(outbox.ports(), item);
	expect(claimedMeanwhile).toBe(0);
	expect(await claimTurns(outbox.inbox.app, 5, 60_000)).toHaveLength(1);
});

test('a channel whose settings cannot be loaded while the database is away keeps the reply for later', async () => {
	const { item } = await outbox.answeredTurn();
	const away = async (): Promise<never> => await Promise.reject(new TrufflesError('TRF_DB_UNREACHABLE'));
	expect(await deliverReply(outbox.ports({ senderFor: away }), item)).toMatchObject({ code: 'TRF_DB_UNREACHABLE' });
	expect(await outbox.inbox.count('outbox', `status = 'queued'`)).toBe(1);
	expect(await outbox.inbox.count('handovers')).toBe(0);
});

describe('what is older than a day', () => {
	const yesterday = async (): Promise<void> => {
		await outbox.inbox.admin.query(`update conversations set last_inbound_at = now() - interval '25 hours'`);
	};

	test('is not answered by the assistant: a manager is asked, and the outcome says so', async () => {
		const { item } = await outbox.answeredTurn();
		await yesterday();
		expect(await deliverReply(outbox.ports(), item)).toEqual({
			kind: 'not_sent',
			outcome: { kind: 'handed_over', reason: 'too_late' },
			code: 'too_late',
		});
		expect(outbox.sent).toHaveLength(0);
		expect(await outbox.inbox.count('handovers', `reason = 'too_late' and notice_status = 'pending'`)).toBe(1);
	});

	test('is not sent from the outbox either', async () => {
		const { item } = await outbox.answeredTurn();
		outbox.nextResults = [REFUSED_FOR_NOW];
		await deliverReply(outbox.ports(), item);
		await yesterday();
		await outbox.endBackoff();
		expect(await outbox.resend()).toEqual(['too_late']);
		expect(outbox.sent).toHaveLength(1);
		expect(await outbox.inbox.count('handovers', `reason = 'too_late'`)).toBe(1);
	});

	test('goes inside the template of a channel that has templates', async () => {
		const { item } = await outbox.answeredTurn();
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
		const delivery = await deliverReply(outbox.ports({ senderFor: official, deliverySettingsFor: named }), item);
		expect(delivery.kind).toBe('sent');
		expect(templates).toEqual(['late_answer/ru: Стрижка — 8 000 ₸.']);
	});
});

test('a late answer comes with an apology', async () => {
	const { item } = await outbox.answeredTurn();
	const receivedAt = new Date(Date.now() - 20 * 60_000).toISOString();
	await deliverReply(outbox.ports(), { ...item, turn: { ...item.turn, receivedAt } });
	expect(outbox.sent[0]?.text).toBe('Извините, что отвечаем с опозданием.\n\nСтрижка — 8 000 ₸.');
});

test('a manager who took over while the reply was being composed gets the message that it was for', async () => {
	const { item } = await outbox.answeredTurn();
	await outbox.takeOver();
	await outbox.inbox.admin.query(
		`insert into handovers (client_id, conversation_id, reason, status, notice_status) values ($1, $2, 'asked_for_human', 'active', 'sent')`,
		[item.client.id, item.conversation.id],
	);
	await deliverReply(outbox.ports(), item);
	const { rows } = await outbox.inbox.admin.query(
		`select h.notice_status, h.next_notice_at <= now() as due, e.detail from handovers h join handover_events e on e.handover_id = h.id`,
	);
	expect(rows).toEqual([{ notice_status: 'pending', due: true, detail: { delivered: false, turnId: item.turn.id } }]);
});
