/** Messages that did not go out at once: repeated with the same key, in order, and after crashes as the client prefers. */
import { setTimeout as sleep } from 'node:timers/promises';

import { TrufflesError } from '../../lib/errors';
import { claimOutbox } from '../../lib/inbox/inbox-store';
import { deliverOutbox, deliverReply } from '../../lib/outbox/deliver';
import type { SendResult } from '../../lib/ports/channel-sender';
import type { Db } from '../../lib/ports/db';
import { OutboxFixture, REFUSED_FOR_NOW } from '../support/outbox-fixture';

let outbox: OutboxFixture;

beforeEach(async () => {
	outbox = await OutboxFixture.start();
});
afterEach(async () => {
	await outbox.stop();
});

test('a channel that cannot be reached is tried again later with the same key', async () => {
	const { item } = await outbox.answeredTurn();
	outbox.nextResults = [{ kind: 'unreachable', code: 'connection' }];
	expect(await deliverReply(outbox.ports(), item)).toMatchObject({ kind: 'not_sent', code: 'connection' });
	await outbox.endBackoff();
	const [due] = await claimOutbox(outbox.inbox.app, 5, 60_000);
	expect(due).toMatchObject({ attempt: 2, uncertain: false });
	expect(await deliverOutbox(outbox.ports(), due as NonNullable<typeof due>)).toEqual({ kind: 'sent' });
	expect(new Set(outbox.sent.map((message) => message.idempotencyKey)).size).toBe(1);
	expect(await outbox.inbox.count('outbox', `status = 'sent'`)).toBe(1);
});

test('a queued reply is cancelled when a person takes over before it goes out', async () => {
	const { item } = await outbox.answeredTurn();
	outbox.nextResults = [{ kind: 'refused', code: 'http_503', retryable: true, retryAfterMs: null }];
	await deliverReply(outbox.ports(), item);
	await outbox.takeOver();
	await outbox.endBackoff();
	const [due] = await claimOutbox(outbox.inbox.app, 5, 60_000);
	expect(await deliverOutbox(outbox.ports(), due as NonNullable<typeof due>)).toEqual({
		kind: 'not_sent',
		code: 'human_took_over',
	});
	expect(outbox.sent).toHaveLength(1);
	expect(await outbox.inbox.count('outbox', `status = 'cancelled'`)).toBe(1);
});

const GIVEN_UP: ReadonlyArray<{ name: string; result: SendResult; status: string }> = [
	{
		name: 'refused for good',
		result: { kind: 'refused', code: 'http_400', retryable: false, retryAfterMs: null },
		status: 'failed',
	},
	{
		name: 'timed out (it may have been sent)',
		result: { kind: 'unreachable', code: 'timeout' },
		status: 'unknown',
	},
	{
		name: 'cut off before the answer (it may have been sent)',
		result: { kind: 'unreachable', code: 'interrupted' },
		status: 'unknown',
	},
];
test.each(GIVEN_UP)('a reply that was $name is not repeated; a manager is asked', async ({ result, status }) => {
	const { item } = await outbox.answeredTurn();
	outbox.nextResults = [result];
	await deliverReply(outbox.ports(), item);
	expect(await outbox.inbox.count('outbox', `status = '${status}'`)).toBe(1);
	expect(await outbox.inbox.count('handovers', `reason = 'error' and notice_status = 'pending'`)).toBe(1);
	expect(await claimOutbox(outbox.inbox.app, 5, 60_000)).toHaveLength(0);
});

test('a process that died while sending does not send again; the row becomes unknown', async () => {
	await outbox.interrupted();
	const [due] = await claimOutbox(outbox.inbox.app, 5, 60_000);
	expect(due?.uncertain).toBe(true);
	expect(await deliverOutbox(outbox.ports(), due as NonNullable<typeof due>)).toEqual({
		kind: 'not_sent',
		code: 'interrupted',
	});
	expect(outbox.sent).toHaveLength(0);
});

test("a manager's words go out while the manager is active, in the order they were written", async () => {
	const { item } = await outbox.answeredTurn();
	await outbox.takeOver();
	for (const words of ['Здравствуйте', 'Есть время в 15:00']) {
		await outbox.queueManagerWords(item, words);
		await sleep(2);
	}
	const first = await claimOutbox(outbox.inbox.app, 5, 60_000);
	expect(first).toHaveLength(1);
	await deliverOutbox(outbox.ports(), first[0] as NonNullable<(typeof first)[0]>);
	const second = await claimOutbox(outbox.inbox.app, 5, 60_000);
	await deliverOutbox(outbox.ports(), second[0] as NonNullable<(typeof second)[0]>);
	expect(outbox.sent.map((message) => message.text)).toEqual(['Здравствуйте', 'Есть время в 15:00']);
});

test('a reply waits behind an earlier one that is not out yet', async () => {
	const first = await outbox.answeredTurn('раз', 'первый ответ');
	outbox.nextResults = [REFUSED_FOR_NOW];
	await deliverReply(outbox.ports(), first.item);
	const second = await outbox.answeredTurn('два', 'второй ответ');
	expect(await deliverReply(outbox.ports(), second.item)).toMatchObject({
		kind: 'not_sent',
		code: 'waits_for_earlier',
	});
	expect(outbox.sent.map((message) => message.text)).toEqual(['первый ответ']);
	expect(await outbox.resend()).toEqual([]);
	// Even a second one that is due at once, while the first waits for its backoff, may not overtake.
	await outbox.inbox.admin.query('update outbox set next_attempt_at = now() where turn_id = $1', [second.item.turn.id]);
	expect(await outbox.resend()).toEqual([]);
	await outbox.endBackoff();
	expect(await outbox.resend()).toEqual(['sent']);
	expect(await outbox.resend()).toEqual(['sent']);
	expect(outbox.sent.map((message) => message.text)).toEqual(['первый ответ', 'первый ответ', 'второй ответ']);
});

test('while a message of the conversation is under way no other one is given out', async () => {
	const { item } = await outbox.answeredTurn();
	let givenMeanwhile = -1;
	outbox.beforeSend = async () => {
		outbox.beforeSend = async () => undefined;
		await outbox.queueManagerWords(item, 'Здравствуйте');
		// Written later, but with a clock that was a little behind.
		await outbox.inbox.admin.query(
			`update outbox set created_at = now() - interval '1 minute' where author = 'manager'`,
		);
		givenMeanwhile = (await claimOutbox(outbox.inbox.app, 5, 60_000)).length;
	};
	await deliverReply(outbox.ports(), item);
	expect(givenMeanwhile).toBe(0);
	expect(await outbox.resend()).toEqual(['sent']);
});

test('twenty processes that ask at once never get two messages of one conversation', async () => {
	const { item } = await outbox.answeredTurn();
	await deliverReply(outbox.ports(), item);
	await outbox.queueManagerWords(item, ...Array.from({ length: 10 }, (_, index) => String(index)));
	const claims = await Promise.all(
		Array.from({ length: 20 }, async () => await claimOutbox(outbox.inbox.app, 5, 60_000)),
	);
	expect(claims.flat()).toHaveLength(1);
});

describe('after a crash between sending and noting it', () => {
	test('a client that prefers once gets no second copy; a manager is asked', async () => {
		await outbox.interrupted();
		expect(await outbox.resend()).toEqual(['interrupted']);
		expect(outbox.sent).toHaveLength(0);
		expect(await outbox.inbox.count('handovers', `reason = 'error'`)).toBe(1);
	});

	test('a client that prefers delivery gets it again with the same key', async () => {
		await outbox.interrupted();
		const { rows } = await outbox.inbox.admin.query<{ idempotency_key: string }>('select idempotency_key from outbox');
		expect(await outbox.resend({ deliverySettingsFor: async () => ({ afterCrash: 'prefer-delivery' }) })).toEqual([
			'sent',
		]);
		expect(outbox.sent.map((message) => message.idempotencyKey)).toEqual([rows[0]?.idempotency_key]);
		expect(await outbox.inbox.count('handovers')).toBe(0);
	});

	test('a person who has taken over meanwhile is not talked over, whatever the client prefers', async () => {
		await outbox.interrupted();
		await outbox.takeOver();
		expect(await outbox.resend({ deliverySettingsFor: async () => ({ afterCrash: 'prefer-delivery' }) })).toEqual([
			'interrupted',
		]);
		expect(outbox.sent).toHaveLength(0);
	});

	test('settings that cannot be read mean: once', async () => {
		await outbox.interrupted();
		const broken = async (): Promise<never> => await Promise.reject(new TrufflesError('TRF_SETTINGS_INVALID'));
		expect(await outbox.resend({ deliverySettingsFor: broken })).toEqual(['interrupted']);
		expect(outbox.sent).toHaveLength(0);
	});
});

test('a process that died before it called the channel leaves a message that is certainly not sent: it goes out', async () => {
	const { item } = await outbox.answeredTurn();
	outbox.nextResults = [REFUSED_FOR_NOW];
	await deliverReply(outbox.ports(), item);
	await outbox.endBackoff();
	expect(await claimOutbox(outbox.inbox.app, 5, 10)).toHaveLength(1);
	await sleep(30);
	expect(await outbox.resend()).toEqual(['sent']);
	expect(outbox.sent).toHaveLength(2);
});

test('a process that lost its message to another one does not send it', async () => {
	const { item } = await outbox.answeredTurn();
	outbox.nextResults = [REFUSED_FOR_NOW];
	await deliverReply(outbox.ports(), item);
	await outbox.endBackoff();
	const [lost] = await claimOutbox(outbox.inbox.app, 5, 10);
	await sleep(30);
	const [owned] = await claimOutbox(outbox.inbox.app, 5, 60_000);
	expect(await deliverOutbox(outbox.ports(), lost as NonNullable<typeof lost>)).toEqual({ kind: 'lost' });
	expect(await deliverOutbox(outbox.ports(), owned as NonNullable<typeof owned>)).toEqual({ kind: 'sent' });
	expect(outbox.sent).toHaveLength(2);
});

test('a database that restarts between sending and noting it leaves no doubt', async () => {
	const { item } = await outbox.answeredTurn();
	let notes = 0;
	const restarting: Db = {
		...outbox.inbox.app,
		asClient: async (clientId, work) => await outbox.inbox.app.asClient(clientId, work),
		query: async (text, params) => {
			if (text.includes('truffles.note_sent')) notes += 1;
			if (notes === 1 || notes === 2) throw new TrufflesError('TRF_DB_UNREACHABLE', { detail: '57P01' });
			return await outbox.inbox.app.query(text, params);
		},
	} as Db;
	expect(await deliverReply(outbox.ports({ db: restarting }), item)).toMatchObject({ kind: 'sent' });
	expect(notes).toBe(3);
	expect(await outbox.inbox.count('outbox', `status = 'sent'`)).toBe(1);
});
