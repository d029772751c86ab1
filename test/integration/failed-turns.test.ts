/** Turns that cannot be answered: what the customer, the managers and the people on call get. */
import { parkTurn, type ParkPorts } from '../../lib/conversation/park-turn';
import { openTurn, type OpenedTurn } from '../../lib/conversation/open-turn';
import { failTurn } from '../../lib/conversation/fail-turn';
import { TrufflesError } from '../../lib/errors';
import { handleHandoverItem } from '../../lib/handover/handle-handover-item';
import type { HandoverPorts } from '../../lib/handover/handover-ports';
import { acceptEvents } from '../../lib/inbox/accept-deliveries';
import { claimHandoverNotices, claimTurns, type ClaimedTurn } from '../../lib/inbox/inbox-store';
import { HANDOVER_DUE_SCHEMA } from '../../lib/inbox/work-item';
import type { ManagerNotice } from '../../lib/ports/manager-channel';
import { loadClientKnowledge } from '../../lib/tenant/client-knowledge';
import { InboxFixture, readableKey, TEST_SETTINGS } from '../support/inbox-fixture';

let fixture: InboxFixture;
let notices: ManagerNotice[];
let isKeyLost: boolean;

beforeEach(async () => {
	fixture = await InboxFixture.start(1);
	notices = [];
	isKeyLost = false;
	await fixture.admin.query('update client_settings set settings = $1', [
		JSON.stringify({
			...TEST_SETTINGS,
			handover: { adapter: 'telegram', telegram: { apiBaseUrl: 'https://api.telegram.org', chatId: '-1001' } },
		}),
	]);
});
afterEach(async () => {
	await fixture.stop();
});

const unwrapKey: ParkPorts['unwrapKey'] = () => {
	if (isKeyLost) throw new TrufflesError('TRF_SECRET_UNREADABLE');
	return readableKey;
};
const parkPorts = (): ParkPorts => ({ db: fixture.app, unwrapKey, fallbackText: () => 'Извините, ответит менеджер.' });
const handoverPorts = (): HandoverPorts => ({
	db: fixture.app,
	clock: { now: () => new Date() },
	packs: async (clientId) => await loadClientKnowledge(fixture.app, clientId),
	decryptAddress: async (_clientId, sealed) => sealed.toString('utf8'),
	unwrapKey,
	managerChannelFor: async () => ({
		adapter: 'telegram',
		notify: async (notice) => {
			notices.push(notice);
			return { kind: 'sent', providerMessageId: String(100 + notices.length) };
		},
		update: async (messageId) => ({ kind: 'sent', providerMessageId: messageId }),
		acknowledge: async () => undefined,
	}),
});

async function claimOne(): Promise<ClaimedTurn> {
	const [turn] = await claimTurns(fixture.app, 1, 60_000);
	if (turn === undefined) throw new Error('nothing was due');
	return turn;
}
const open = async (turn: ClaimedTurn): Promise<OpenedTurn> =>
	await fixture.app.asClient(turn.clientId, async (tx) => await openTurn(tx, turn, unwrapKey));
const park = async (turn: ClaimedTurn) => await parkTurn(parkPorts(), turn, 'Claim ready turns');

async function tellManagers(): Promise<void> {
	await fixture.admin.query(`update handovers set next_notice_at = now() where notice_status = 'pending'`);
	for (const due of await claimHandoverNotices(fixture.app, 10, 60_000))
		await handleHandoverItem(handoverPorts(), { ...due, schema: HANDOVER_DUE_SCHEMA });
}

const errors = async (): Promise<Array<{ code: string; message: string }>> =>
	(
		await fixture.admin.query<{ code: string; message: string }>(
			'select code, message from error_logs order by created_at',
		)
	).rows;

test('a turn that failed before it was opened gets the fallback text and the handover with the words', async () => {
	await fixture.receive('сколько стоит стрижка?');
	expect(await park(await claimOne())).toEqual({ kind: 'handed_over', reason: 'error' });
	expect(await fixture.count('outbox', `status = 'queued' and author = 'bot'`)).toBe(1);
	await tellManagers();
	expect(notices.map((notice) => notice.text).join()).toContain('сколько стоит стрижка?');
	expect((await errors()).map((error) => error.code)).toEqual(['TRF_TURN_FAILED']);
});

test('a turn that is parked twice has one outcome, one reply and one handover', async () => {
	await fixture.receive('вопрос');
	const turn = await claimOne();
	await open(turn);
	const outcomes = [await park(turn), await park(turn)];
	expect(outcomes).toEqual([{ kind: 'handed_over', reason: 'error' }, null]);
	expect(await fixture.count('outbox')).toBe(1);
	expect(await fixture.count('handovers')).toBe(1);
});

test('the conversation goes on after a parked turn', async () => {
	await fixture.receive('раз');
	const turn = await claimOne();
	await fixture.receive('два');
	await park(turn);
	const next = await open(await claimOne());
	expect(next.kind === 'ready' && next.item.text).toBe('два');
});

test('messages that the database refuses do not keep the customer from the fallback text, nor the manager from the words', async () => {
	await fixture.admin.query(`alter table messages add constraint no_voice check (text not like 'сломанное%')`);
	await fixture.receive('сломанное сообщение');
	const turn = await claimOne();
	await expect(open(turn)).rejects.toThrow('no_voice');
	expect(await park(turn)).toEqual({ kind: 'handed_over', reason: 'error' });
	expect(await fixture.count('outbox', `status = 'queued'`)).toBe(1);
	await tellManagers();
	expect(notices[0]?.text).toContain('сломанное сообщение');
});

describe('while the master key is another one', () => {
	beforeEach(async () => {
		isKeyLost = true;
		await fixture.receive('есть кто?');
		await park(await claimOne());
	});

	test('the outcome says so, the people on call are told, and the handover waits without a conversation', async () => {
		const { rows } = await fixture.admin.query('select status, outcome, outcome_reason, error_code from turns');
		expect(rows).toEqual([
			{ status: 'failed', outcome: 'handed_over', outcome_reason: 'stranded', error_code: 'TRF_TURN_STRANDED' },
		]);
		expect(await fixture.count('handovers', `conversation_id is null and notice_status = 'pending'`)).toBe(1);
		const [alert] = await errors();
		expect(alert?.code).toBe('TRF_TURN_STRANDED');
		expect(alert?.message).toContain('TRF_SECRET_UNREADABLE');
		expect(alert?.message).not.toContain('есть кто');
	});

	test('a second message of the same customer joins the handover that waits', async () => {
		await fixture.receive('ау');
		await park(await claimOne());
		expect(await fixture.count('handovers')).toBe(1);
		expect(await fixture.count('turns', `outcome_reason = 'stranded'`)).toBe(2);
	});

	test('managers who can be reached all the same get the words', async () => {
		await tellManagers();
		expect(notices[0]?.text).toContain('есть кто?');
		expect(await fixture.count('conversations')).toBe(0);
	});

	test('with the right key the customer gets the fallback text, the manager everything that was said', async () => {
		await fixture.receive('ау');
		await park(await claimOne());
		isKeyLost = false;
		await tellManagers();
		expect(notices).toHaveLength(1);
		expect(notices[0]?.text).toContain('есть кто?');
		expect(await fixture.count('messages', `author = 'user'`)).toBe(2);
		expect(await fixture.count('outbox', `status = 'queued'`)).toBe(1);
		expect(await fixture.count('turns', 'conversation_id is null')).toBe(0);
		expect(await fixture.count('handovers', 'conversation_id is null')).toBe(0);
	});

	test('a customer who has a handover by then gets no second one', async () => {
		isKeyLost = false;
		await fixture.receive('я снова здесь');
		await park(await claimOne());
		await tellManagers();
		expect(await fixture.count('handovers', `status <> 'resolved'`)).toBe(1);
		expect(await fixture.count('handovers', `status = 'resolved'`)).toBe(1);
		expect(await fixture.count('outbox')).toBe(1);
	});
});

test('when not even a handover can be recorded the turn still ends, with an alert of its own', async () => {
	isKeyLost = true;
	await fixture.admin.query(`alter table handovers add constraint none_at_all check (reason = 'never')`);
	await fixture.receive('есть кто?');
	expect(await park(await claimOne())).toEqual({ kind: 'ignored', reason: 'stranded' });
	expect((await errors()).map((error) => error.code)).toEqual(['TRF_TURN_STRANDED']);
});

test('a database that is away for a moment parks nothing in a poorer way: the turn comes back', async () => {
	await fixture.receive('вопрос');
	const turn = await claimOne();
	let calls = 0;
	const restarting: ParkPorts['db'] = Object.assign(Object.create(fixture.app) as ParkPorts['db'], {
		asClient: async (...args: Parameters<ParkPorts['db']['asClient']>) => {
			calls += 1;
			if (calls === 1) throw new TrufflesError('TRF_DB_UNREACHABLE');
			return await fixture.app.asClient(...args);
		},
	});
	await expect(parkTurn({ ...parkPorts(), db: restarting }, turn, 'x')).rejects.toThrow('PostgreSQL did not answer');
	expect(await fixture.count('turns', 'outcome is null')).toBe(1);
});

test('settings that cannot be read do not keep a turn from its outcome', async () => {
	await fixture.admin.query(`update client_settings set settings = '{"nonsense": true}'`);
	await fixture.receive('вопрос');
	expect(await park(await claimOne())).toEqual({ kind: 'handed_over', reason: 'error' });
	expect(await fixture.count('handovers', `adapter = 'none'`)).toBe(1);
});

test("a manager's event that fails again and again is an alert and frees its lane", async () => {
	await acceptEvents(
		fixture.app,
		fixture.client,
		'telegram',
		[
			{
				id: '00000000-0000-4000-8000-000000000001',
				providerEventId: 'update:1',
				kind: 'manager_action',
				lane: { key: 'manager:update:1', kind: 'manager', waitMs: 0 },
				event: { action: 'take', managerName: 'Айгуль' },
				senderEnc: null,
				rawEnc: null,
				providerAt: null,
			},
		],
		12_000,
	);
	expect(await park(await claimOne())).toEqual({ kind: 'ignored', reason: 'manager_event_failed' });
	expect((await errors()).map((error) => error.code)).toEqual(['TRF_MANAGER_EVENT_FAILED']);
	const { rows } = await fixture.admin.query('select active_turn_id from conversation_lanes');
	expect(rows).toEqual([{ active_turn_id: null }]);
});

test('a turn that fails under a person who has taken over is held, and the person gets the message', async () => {
	await fixture.receive('позовите человека');
	const first = await claimOne();
	await open(first);
	await fixture.app.asClient(first.clientId, async (tx) => {
		await failTurn(
			tx,
			first.clientId,
			first,
			{ code: 'TRF_TURN_FAILED', where: 'test', problem: 'p', executionId: null },
			() => 'Извините',
		);
	});
	await tellManagers();
	await fixture.receive('и ещё: сколько стоит?');
	const second = await claimOne();
	await open(second);
	await fixture.admin.query('update conversations set human_active_since = now()');
	await fixture.admin.query(`update handovers set status = 'active'`);
	expect(await park(second)).toEqual({ kind: 'held', reason: 'human_active' });
	await tellManagers();
	expect(notices).toHaveLength(2);
	expect(notices[1]?.text).toContain('и ещё: сколько стоит?');
	expect(notices[1]?.text).not.toContain('позовите человека');
	expect(notices[1]?.inReplyTo).toBe('101');
	await tellManagers();
	expect(notices).toHaveLength(2);
	expect(await fixture.count('outbox')).toBe(1);
});
