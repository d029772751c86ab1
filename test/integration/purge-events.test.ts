import { randomUUID } from 'node:crypto';

import { openTurn } from '../../lib/conversation/open-turn';
import { recordOutcome } from '../../lib/conversation/record-outcome';
import { MIN_EVENT_AGE_DAYS, purgeInboundEvents } from '../../lib/gateway/purge-events';
import { acceptEvents } from '../../lib/inbox/accept-deliveries';
import { claimTurns } from '../../lib/inbox/inbox-store';
import { reconcileInbox } from '../../lib/inbox/reconcile';
import { InboxFixture, readableKey } from '../support/inbox-fixture';

let fixture: InboxFixture;

beforeEach(async () => {
	fixture = await InboxFixture.start(2);
});
afterEach(async () => {
	await fixture.stop();
});

/** One event of each fate: answered, being answered, waiting, without a lane. All look as old as said. */
async function everyFate(ageHours: number): Promise<void> {
	for (const [text, fate] of [
		['answered', 'done'],
		['running', 'claimed'],
		['waiting', 'waiting'],
	] as const) {
		await fixture.receive(text, { address: `${text}@s.whatsapp.net`, messageId: text });
		if (fate === 'waiting') continue;
		const [claim] = await claimTurns(fixture.app, 1, 60_000);
		if (claim === undefined) throw new Error('nothing was due');
		await fixture.app.asClient(claim.clientId, async (tx) => {
			await openTurn(tx, claim, () => readableKey);
			if (fate === 'done') await recordOutcome(tx, claim, { kind: 'answered', reason: 'facts' });
		});
	}
	const status = { messageId: 'wamid.1', status: 'read', errorCode: null, idempotencyKey: null };
	const row = { id: randomUUID(), lane: null, senderEnc: null, rawEnc: null, providerAt: null };
	await acceptEvents(
		fixture.app,
		fixture.client,
		'whatsapp',
		[{ ...row, providerEventId: 'status', kind: 'status', event: status }],
		0,
	);
	await fixture.admin.query(`update inbound_events set received_at = received_at - $1 * interval '1 hour'`, [ageHours]);
}

async function left(): Promise<string[]> {
	const { rows } = await fixture.admin.query<{ id: string }>(
		'select provider_event_id as id from inbound_events order by 1',
	);
	return rows.map((row) => row.id);
}

test('finished events older than eight days go, unfinished ones stay however old', async () => {
	await everyFate(8 * 24 + 1);
	expect(await purgeInboundEvents(fixture.app, MIN_EVENT_AGE_DAYS)).toBe(2);
	expect(await left()).toEqual(['running', 'waiting']);
	expect(await fixture.count('messages')).toBe(2);
	expect(await fixture.count('turns')).toBe(2);
});

test('within eight days everything stays, because the sender may still repeat it', async () => {
	await everyFate(8 * 24 - 1);
	expect(await purgeInboundEvents(fixture.app, MIN_EVENT_AGE_DAYS)).toBe(0);
	expect(await left()).toHaveLength(4);
	expect(await fixture.receive('answered', { address: 'answered@s.whatsapp.net', messageId: 'answered' })).toEqual({
		accepted: 0,
		repeated: 1,
	});
});

test('a younger age than eight days is refused by the database', async () => {
	await everyFate(24 * 30);
	await expect(purgeInboundEvents(fixture.app, 7)).rejects.toMatchObject({ code: '22023' });
	expect(await left()).toHaveLength(4);
});

test('many events go in batches, those of all clients', async () => {
	for (let n = 0; n < 25; n += 1)
		await fixture.receive('x', { clientId: fixture.clientIds[n % 2], messageId: `m${n}` });
	await fixture.admin.query(`update inbound_events set processed_at = now(), received_at = now() - interval '9 days'`);
	expect(await purgeInboundEvents(fixture.app, 8, { batchRows: 10 })).toBe(25);
	expect(await left()).toEqual([]);
});

test('a purge takes so many batches and leaves the rest to the next one', async () => {
	for (let n = 0; n < 25; n += 1) await fixture.receive('x', { messageId: `m${n}` });
	await fixture.admin.query(`update inbound_events set processed_at = now(), received_at = now() - interval '9 days'`);
	expect(await purgeInboundEvents(fixture.app, 8, { batchRows: 10, maxBatches: 2 })).toBe(20);
	expect(await left()).toHaveLength(5);
});

test('while one process purges, another leaves it to that one', async () => {
	await everyFate(24 * 9);
	await fixture.admin.transaction(async (tx) => {
		// As a purge of another process that is in the middle of its batch.
		await tx.query(`select pg_advisory_xact_lock(hashtextextended('truffles.purge_inbound_events', 0))`);
		expect(await purgeInboundEvents(fixture.app, 8)).toBe(0);
		expect(await left()).toHaveLength(4);
	});
	expect(await purgeInboundEvents(fixture.app, 8)).toBe(2);
});

test('purging and reconciling at the same time: what has no outcome is neither deleted nor forgotten', async () => {
	await everyFate(24 * 31);
	await fixture.admin.query(`update turns set claimed_at = claimed_at - interval '31 days'`);
	const rounds = Array.from({ length: 10 }, async () => [
		await reconcileInbox(fixture.app),
		await purgeInboundEvents(fixture.app, 30, { batchRows: 1 }),
	]);
	const done = await Promise.all(rounds);
	expect(await left()).toEqual(['running', 'waiting']);
	for (const [overdue] of done) expect(overdue).toMatchObject([{ clientId: fixture.client, events: 2 }]);
});
