/** Messages that waited through an outage. */
import { type OpenedTurn, openTurn } from '../../lib/conversation/open-turn';
import { claimTurns } from '../../lib/inbox/inbox-store';
import { InboxFixture, readableKey } from '../support/inbox-fixture';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
let fixture: InboxFixture;

beforeEach(async () => {
	fixture = await InboxFixture.start(1);
});
afterEach(async () => {
	await fixture.stop();
});

const ago = (ms: number): Date => new Date(Date.now() - ms);

async function openNext(): Promise<OpenedTurn> {
	const [turn] = await claimTurns(fixture.app, 5, MINUTE_MS);
	if (turn === undefined) throw new Error('nothing was due');
	return await fixture.app.asClient(turn.clientId, async (tx) => await openTurn(tx, turn, () => readableKey));
}

const lastInboundAt = async (): Promise<Date | undefined> =>
	(await fixture.admin.query<{ last_inbound_at: Date }>('select last_inbound_at from conversations')).rows[0]
		?.last_inbound_at;

test('what a customer wrote during an outage is one turn, the newest question first', async () => {
	await fixture.receive('сколько стоит маникюр?', { writtenAt: ago(3 * HOUR_MS) });
	await fixture.receive('вы работаете сегодня?', { writtenAt: ago(HOUR_MS) });
	const opened = await openNext();
	expect(opened.kind === 'ready' && opened.item.text).toBe('вы работаете сегодня?\nсколько стоит маникюр?');
	expect(await fixture.count('turns')).toBe(1);
	const received = opened.kind === 'ready' ? Date.parse(opened.item.turn.receivedAt) : 0;
	expect(Math.abs(received - ago(3 * HOUR_MS).getTime())).toBeLessThan(MINUTE_MS);
});

test('the window of the channel is counted from the time of writing, not of delivery', async () => {
	const writtenAt = ago(2 * HOUR_MS);
	await fixture.receive('вопрос', { writtenAt });
	await openNext();
	expect(await lastInboundAt()).toEqual(writtenAt);
});

test('a late delivery does not set the window back', async () => {
	await fixture.receive('новое', { writtenAt: ago(1_000) });
	await openNext();
	const newest = await lastInboundAt();
	await fixture.admin.query(`update turns set status = 'done', outcome = 'answered'`);
	await fixture.admin.query('update conversation_lanes set active_turn_id = null, lease_until = null');
	await fixture.receive('старое', { writtenAt: ago(2 * HOUR_MS) });
	await openNext();
	expect(await lastInboundAt()).toEqual(newest);
});

test('a message of yesterday is not answered: it is recorded, a manager is asked, the customer is not written to', async () => {
	await fixture.receive('запишите меня на сегодня', { writtenAt: ago(DAY_MS + MINUTE_MS) });
	expect(await openNext()).toEqual({ kind: 'too_late' });
	expect(await fixture.count('turns', `outcome = 'handed_over' and outcome_reason = 'too_late'`)).toBe(1);
	expect(await fixture.count('messages', `author = 'user'`)).toBe(1);
	expect(await fixture.count('handovers', `reason = 'too_late' and notice_status = 'pending'`)).toBe(1);
	expect(await fixture.count('outbox')).toBe(0);
	const { rows } = await fixture.admin.query('select active_turn_id from conversation_lanes');
	expect(rows).toEqual([{ active_turn_id: null }]);
});

test('a customer who has written again since then is answered', async () => {
	await fixture.receive('запишите меня', { writtenAt: ago(DAY_MS + MINUTE_MS) });
	await fixture.receive('есть кто?', { writtenAt: ago(1_000) });
	expect((await openNext()).kind).toBe('ready');
});

test.each([
	{ name: 'in the future', writtenAt: new Date(Date.now() + HOUR_MS) },
	{ name: 'longer ago than any provider repeats a delivery', writtenAt: ago(9 * DAY_MS) },
])('a time of writing $name is not believed', async ({ writtenAt }) => {
	await fixture.receive('вопрос', { writtenAt });
	const opened = await openNext();
	expect(opened.kind).toBe('ready');
	const age = opened.kind === 'ready' ? Date.now() - Date.parse(opened.item.turn.receivedAt) : -1;
	expect(age).toBeGreaterThanOrEqual(0);
	expect(age).toBeLessThan(MINUTE_MS);
});

test('under an active manager a message of yesterday is held like any other', async () => {
	await fixture.receive('раз', { writtenAt: ago(1_000) });
	await openNext();
	await fixture.admin.query(`update turns set status = 'done', outcome = 'answered'`);
	await fixture.admin.query('update conversation_lanes set active_turn_id = null, lease_until = null');
	await fixture.admin.query('update conversations set human_active_since = now()');
	await fixture.receive('два', { writtenAt: ago(DAY_MS + MINUTE_MS) });
	expect((await openNext()).kind).toBe('held');
});
