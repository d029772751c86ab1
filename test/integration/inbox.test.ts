import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { failTurn } from '../../lib/conversation/fail-turn';
import { openTurn, type OpenedTurn } from '../../lib/conversation/open-turn';
import { recordOutcome, releaseLane } from '../../lib/conversation/record-outcome';
import { acceptEvents } from '../../lib/inbox/accept-deliveries';
import { claimTurns, type ClaimedTurn, extendLeases, nextDueMs, settleTurns } from '../../lib/inbox/inbox-store';
import { InboxFixture, readableKey } from '../support/inbox-fixture';

const LEASE_MS = 60_000;
let fixture: InboxFixture;

beforeEach(async () => {
	fixture = await InboxFixture.start(2);
});
afterEach(async () => {
	await fixture.stop();
});

const open = async (claim: ClaimedTurn): Promise<OpenedTurn> =>
	await fixture.app.asClient(claim.clientId, async (tx) => await openTurn(tx, claim, () => readableKey));

async function claimOne(leaseMs = LEASE_MS): Promise<ClaimedTurn> {
	const claimed = await claimTurns(fixture.app, 20, leaseMs);
	expect(claimed).toHaveLength(1);
	return claimed[0] as ClaimedTurn;
}

test('the same delivery twenty times at once is stored once', async () => {
	const results = await Promise.all(
		Array.from({ length: 20 }, async () => await fixture.receive('Сколько стоит стрижка?', { messageId: 'AA01' })),
	);
	expect(results.reduce((sum, result) => sum + result.accepted, 0)).toBe(1);
	expect(results.reduce((sum, result) => sum + result.repeated, 0)).toBe(19);
	expect(await fixture.count('inbound_events')).toBe(1);
});

test('the same message id of two clients is two messages', async () => {
	await fixture.receive('салем', { messageId: 'AA01' });
	await fixture.receive('салем', { messageId: 'AA01', clientId: fixture.clientIds[1] });
	expect(await fixture.count('inbound_events')).toBe(2);
	const claimed = await claimTurns(fixture.app, 20, LEASE_MS);
	expect(new Set(claimed.map((turn) => turn.clientId)).size).toBe(2);
});

test('the same message id on two channels of a client is two messages', async () => {
	const row = { kind: 'ignored', lane: null, event: {}, senderEnc: null, rawEnc: null, providerAt: null };
	for (const channel of ['whatsapp', 'telegram', 'whatsapp'])
		await acceptEvents(fixture.app, fixture.client, channel, [{ ...row, id: randomUUID(), providerEventId: '7' }], 0);
	expect(await fixture.count('inbound_events')).toBe(2);
});

test('a burst becomes one turn whose text keeps the order of arrival', async () => {
	await fixture.receive('Здравствуйте');
	await fixture.receive('хочу узнать');
	await fixture.receive('сколько стоит маникюр?');
	const opened = await open(await claimOne());
	expect(opened.kind).toBe('ready');
	expect(opened.kind === 'ready' && opened.item.text).toBe('Здравствуйте\nхочу узнать\nсколько стоит маникюр?');
	expect(await fixture.count('turns')).toBe(1);
	expect(await fixture.count('messages')).toBe(3);
});

test('messages that arrive within one millisecond keep their order', async () => {
	const words = Array.from({ length: 12 }, (_, index) => `слово ${index}`);
	for (const text of words) await fixture.receive(text);
	// As close together as a busy gateway commits them; the ids are random.
	await fixture.admin.query(
		`with numbered as (select id, row_number() over (order by received_at) as n from inbound_events)
		 update inbound_events e set received_at = timestamptz '2026-11-21 06:00:00Z' + n * interval '1 microsecond' from numbered where numbered.id = e.id`,
	);
	const opened = await open(await claimOne());
	expect(opened.kind === 'ready' && opened.item.text).toBe(words.join('\n'));
});

test('the wait starts again with every message but ends after the maximum', async () => {
	await fixture.receive('раз', { waitMs: 400, maxWaitMs: 500 });
	expect(await claimTurns(fixture.app, 20, LEASE_MS)).toHaveLength(0);
	await sleep(250);
	await fixture.receive('два', { waitMs: 400, maxWaitMs: 500 });
	const dueMs = (await nextDueMs(fixture.app)) as number;
	expect(dueMs).toBeGreaterThan(100);
	expect(dueMs).toBeLessThanOrEqual(255);
	await sleep(dueMs + 10);
	expect(await claimTurns(fixture.app, 20, LEASE_MS)).toHaveLength(1);
});

test('a message that arrives during a turn waits for it and is not lost', async () => {
	await fixture.receive('первое');
	const first = await claimOne();
	await fixture.receive('второе');
	expect(await claimTurns(fixture.app, 20, LEASE_MS)).toHaveLength(0);
	await fixture.app.asClient(first.clientId, async (tx) => {
		await openTurn(tx, first, () => readableKey);
		await recordOutcome(tx, first, { kind: 'answered', reason: 'facts' });
	});
	const opened = await open(await claimOne());
	expect(opened.kind === 'ready' && opened.item.text).toBe('второе');
});

test('two processes that claim at the same time never get the same conversation', async () => {
	for (let user = 0; user < 30; user += 1)
		await fixture.receive('салем', { address: `7701000${1000 + user}@s.whatsapp.net` });
	const claims = await Promise.all(Array.from({ length: 6 }, async () => await claimTurns(fixture.app, 10, LEASE_MS)));
	const lanes = claims.flat().map((claim) => claim.laneKey);
	expect(lanes).toHaveLength(30);
	expect(new Set(lanes).size).toBe(30);
});

test('a killed process gives its turn back when the lease ends, with the next attempt and the same messages', async () => {
	await fixture.receive('есть кто?');
	const first = await claimOne(50);
	await open(first);
	await sleep(80);
	const second = await claimOne();
	expect(second.turnId).toBe(first.turnId);
	expect(second.attempt).toBe(2);
	const opened = await open(second);
	expect(opened.kind === 'ready' && opened.item.text).toBe('есть кто?');
	expect(await fixture.count('messages')).toBe(1);
	expect((await open(first)).kind).toBe('lost');
});

test('a process that lost its turn cannot record an outcome', async () => {
	await fixture.receive('есть кто?');
	const first = await claimOne(50);
	await sleep(80);
	const second = await claimOne();
	const late = await fixture.app.asClient(
		first.clientId,
		async (tx) => await recordOutcome(tx, first, { kind: 'answered', reason: 'late' }),
	);
	const own = await fixture.app.asClient(
		second.clientId,
		async (tx) => await recordOutcome(tx, second, { kind: 'answered', reason: 'facts' }),
	);
	expect([late, own]).toEqual([false, true]);
});

test('a heartbeat keeps a turn that takes longer than its lease', async () => {
	await fixture.receive('долгий вопрос');
	const turn = await claimOne(60);
	await extendLeases(fixture.app, [turn], LEASE_MS);
	await sleep(90);
	expect(await claimTurns(fixture.app, 20, LEASE_MS)).toHaveLength(0);
});

test('a finished turn whose lane was not released frees it when the lease ends, and is not run again', async () => {
	await fixture.receive('раз');
	const turn = await claimOne(50);
	await fixture.app.asClient(turn.clientId, async (tx) => {
		await openTurn(tx, turn, () => readableKey);
		await tx.query(`update turns set status = 'done', outcome = 'answered' where id = $1`, [turn.turnId]);
	});
	await fixture.receive('два');
	await sleep(80);
	const next = await claimOne();
	expect(next.turnId).not.toBe(turn.turnId);
	expect(next.attempt).toBe(1);
});

test('a turn without outcome after its execution comes back after its backoff', async () => {
	await fixture.receive('вопрос');
	const turn = await claimOne();
	const unsettled = await settleTurns(fixture.app, [turn], () => 40, 'TRF_TURN_FAILED');
	expect(unsettled).toEqual([{ turnId: turn.turnId, attempt: 1 }]);
	expect(await claimTurns(fixture.app, 20, LEASE_MS)).toHaveLength(0);
	await sleep(60);
	expect((await claimOne()).attempt).toBe(2);
});

test('while a person is active a message is kept, recorded as held, and not answered', async () => {
	await fixture.receive('раз');
	const first = await claimOne();
	await open(first);
	await fixture.app.asClient(first.clientId, async (tx) => {
		await recordOutcome(tx, first, { kind: 'answered', reason: 'facts' });
		await tx.query('update conversations set human_active_since = now() where client_id = $1', [first.clientId]);
	});
	await fixture.receive('два');
	const opened = await open(await claimOne());
	expect(opened.kind).toBe('held');
	expect(await fixture.count('turns', `outcome = 'held'`)).toBe(1);
	expect(await fixture.count('messages')).toBe(2);
	expect(await nextDueMs(fixture.app)).toBeNull();
});

test("a message from the business's own phone silences the assistant", async () => {
	await acceptEvents(
		fixture.app,
		fixture.client,
		'whatsapp',
		[
			{
				id: randomUUID(),
				providerEventId: 'E1',
				kind: 'echo',
				lane: { key: readableKey.addressHash('whatsapp', '77010000001@s.whatsapp.net'), kind: 'user', waitMs: 0 },
				event: { text: 'Здравствуйте, это Айгуль' },
				senderEnc: Buffer.from('77010000001@s.whatsapp.net'),
				rawEnc: null,
				providerAt: null,
			},
		],
		12_000,
	);
	expect((await open(await claimOne())).kind).toBe('ignored');
	await fixture.receive('а когда можно прийти?');
	expect((await open(await claimOne())).kind).toBe('held');
});

test('a failed turn gives the customer the fallback text and a manager the handover, once', async () => {
	await fixture.receive('вопрос');
	const turn = await claimOne();
	await open(turn);
	const fail = async () =>
		await fixture.app.asClient(
			turn.clientId,
			async (tx) =>
				await failTurn(
					tx,
					turn.clientId,
					turn,
					{ code: 'TRF_TURN_FAILED', where: 'test', problem: 'p', executionId: null },
					() => 'Секунду',
				),
		);
	expect(await fail()).toEqual({ kind: 'handed_over', reason: 'error' });
	expect(await fail()).toBeNull();
	expect(await fixture.count('outbox')).toBe(1);
	expect(await fixture.count('handovers', `notice_status = 'pending'`)).toBe(1);
});

test('the lane of one client is not released by another', async () => {
	await fixture.receive('вопрос');
	const turn = await claimOne(50);
	await fixture.app.asClient(fixture.clientIds[1] as string, async (tx) => await releaseLane(tx, turn.turnId));
	const { rows } = await fixture.admin.query('select 1 from conversation_lanes where active_turn_id = $1', [
		turn.turnId,
	]);
	expect(rows).toHaveLength(1);
});
