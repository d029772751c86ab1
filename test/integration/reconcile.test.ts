import { recordOutcome } from '../../lib/conversation/record-outcome';
import { openTurn } from '../../lib/conversation/open-turn';
import { claimTurns } from '../../lib/inbox/inbox-store';
import { reconcileInbox } from '../../lib/inbox/reconcile';
import { InboxFixture, readableKey } from '../support/inbox-fixture';

const MINUTE_MS = 60_000;
let fixture: InboxFixture;

beforeEach(async () => {
	fixture = await InboxFixture.start(2);
});
afterEach(async () => {
	await fixture.stop();
});

/** Everything that was accepted so far happened this long ago. */
async function age(minutes: number): Promise<void> {
	const by = `- interval '${minutes} minutes'`;
	await fixture.admin.query(`update inbound_events set received_at = received_at ${by}`);
	await fixture.admin.query(`update turns set received_at = received_at ${by}, claimed_at = claimed_at ${by}`);
	await fixture.admin.query(`update conversation_lanes set first_at = first_at ${by}, due_at = due_at ${by}`);
}

const alerts = async (): Promise<Array<{ client_id: string; message: string }>> =>
	(
		await fixture.admin.query<{ client_id: string; message: string }>(
			`select client_id, message from error_logs where code = 'TRF_TURN_OVERDUE' order by created_at`,
		)
	).rows;

const reconcile = async () => await reconcileInbox(fixture.app, 15 * MINUTE_MS);

test('messages that nobody has claimed for too long are an alert for their client', async () => {
	await fixture.receive('раз');
	await fixture.receive('два');
	await age(20);
	await fixture.receive('только что', { clientId: fixture.clientIds[1] });
	expect(await reconcile()).toMatchObject([{ clientId: fixture.client, events: 2, rearmed: 0, isNew: true }]);
	const [alert, ...others] = await alerts();
	expect(others).toEqual([]);
	expect(alert?.client_id).toBe(fixture.client);
	expect(alert?.message).toMatch(/^2 accepted messages have no outcome after 15 minutes/);
});

test('a turn that was claimed and never ended is an alert too', async () => {
	await fixture.receive('вопрос');
	await claimTurns(fixture.app, 1, MINUTE_MS);
	await age(20);
	expect(await reconcile()).toMatchObject([{ events: 1 }]);
});

test('what has an outcome, or is still young, is no alert', async () => {
	await fixture.receive('вопрос');
	const [turn] = await claimTurns(fixture.app, 1, MINUTE_MS);
	if (turn === undefined) throw new Error('nothing was due');
	await fixture.app.asClient(turn.clientId, async (tx) => {
		await openTurn(tx, turn, () => readableKey);
		await recordOutcome(tx, turn, { kind: 'answered', reason: 'facts' });
	});
	await age(20);
	await fixture.receive('ещё вопрос');
	expect(await reconcile()).toEqual([]);
	expect(await alerts()).toEqual([]);
});

test('an alert is not repeated while it is fresh, but after an hour', async () => {
	await fixture.receive('вопрос');
	await age(20);
	await reconcile();
	expect(await reconcile()).toMatchObject([{ isNew: false }]);
	expect(await alerts()).toHaveLength(1);
	await fixture.admin.query(`update error_logs set created_at = now() - interval '61 minutes'`);
	await reconcile();
	expect(await alerts()).toHaveLength(2);
});

test('a conversation that would never be claimed is claimed again', async () => {
	await fixture.receive('забытое');
	await age(20);
	await fixture.admin.query('update conversation_lanes set due_at = null');
	expect(await claimTurns(fixture.app, 1, MINUTE_MS)).toEqual([]);
	expect(await reconcile()).toMatchObject([{ rearmed: 1 }]);
	expect(await claimTurns(fixture.app, 1, MINUTE_MS)).toHaveLength(1);
});

test('a turn cannot be finished without an outcome, nor have one and go on', async () => {
	await fixture.receive('вопрос');
	await claimTurns(fixture.app, 1, MINUTE_MS);
	await expect(fixture.admin.query(`update turns set status = 'done'`)).rejects.toThrow('turns_outcome_recorded_check');
	await expect(fixture.admin.query(`update turns set outcome = 'answered'`)).rejects.toThrow(
		'turns_outcome_recorded_check',
	);
});
