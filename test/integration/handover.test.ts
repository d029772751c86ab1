import { openTurn } from '../../lib/conversation/open-turn';
import { handleHandoverItem, type HandoverStep } from '../../lib/handover/handle-handover-item';
import type { HandoverPorts } from '../../lib/handover/handover-ports';
import { acceptEvents } from '../../lib/inbox/accept-deliveries';
import { claimHandoverNotices, claimOutbox, claimTurns } from '../../lib/inbox/inbox-store';
import { HANDOVER_DUE_SCHEMA, MANAGER_EVENT_SCHEMA } from '../../lib/inbox/work-item';
import type { TurnItem } from '../../lib/item/turn-item';
import type { ManagerNotice, NoticeResult } from '../../lib/ports/manager-channel';
import { loadClientKnowledge } from '../../lib/tenant/client-knowledge';
import { InboxFixture, readableKey, TEST_SETTINGS } from '../support/inbox-fixture';

let fixture: InboxFixture;
let notices: ManagerNotice[];
let edits: Array<{ messageId: string; notice: ManagerNotice }>;
let acknowledged: string[];
let isTelegramDown: boolean;

beforeEach(async () => {
	fixture = await InboxFixture.start(1);
	await fixture.admin.query('update client_settings set settings = $1', [
		JSON.stringify({
			...TEST_SETTINGS,
			handover: { adapter: 'telegram', telegram: { apiBaseUrl: 'https://api.telegram.org', chatId: '-1001' } },
		}),
	]);
	notices = [];
	edits = [];
	acknowledged = [];
	isTelegramDown = false;
});
afterEach(async () => {
	await fixture.stop();
});

function ports(): HandoverPorts {
	const answer = (id: string): NoticeResult =>
		isTelegramDown ? { kind: 'unreachable', code: 'timeout' } : { kind: 'sent', providerMessageId: id };
	return {
		db: fixture.app,
		clock: { now: () => new Date('2026-11-21T06:00:00Z') },
		packs: async (clientId) => await loadClientKnowledge(fixture.app, clientId),
		decryptAddress: async (_clientId, sealed) => sealed.toString('utf8'),
		unwrapKey: () => readableKey,
		managerChannelFor: async (_clientId, adapter) =>
			adapter === 'telegram'
				? {
						adapter: 'telegram',
						notify: async (notice) => {
							notices.push(notice);
							return answer(String(100 + notices.length));
						},
						update: async (messageId, notice) => {
							edits.push({ messageId, notice });
							return answer(messageId);
						},
						acknowledge: async (_callbackId, text) => {
							acknowledged.push(text);
						},
					}
				: null,
	};
}

async function openedTurn(text: string): Promise<TurnItem> {
	await fixture.receive(text);
	const [claim] = (await claimTurns(fixture.app, 5, 60_000)).filter((one) => one.kind === 'user');
	if (claim === undefined) throw new Error('nothing was due');
	const opened = await fixture.app.asClient(claim.clientId, async (tx) => await openTurn(tx, claim, () => readableKey));
	if (opened.kind !== 'ready' && opened.kind !== 'held') throw new Error(`the turn is ${opened.kind}`);
	return opened.item;
}

async function handOver(text: string): Promise<TurnItem> {
	const item = await openedTurn(text);
	const step = await handleHandoverItem(ports(), {
		...item,
		handover: { reason: 'asked_for_human', id: null, notified: false },
	});
	if (step.kind !== 'reply') throw new Error('expected a reply');
	await fixture.admin.query(`update turns set status = 'done', outcome = 'handed_over'`);
	await fixture.admin.query('update conversation_lanes set active_turn_id = null, lease_until = null');
	return step.item;
}

let updateId = 0;
async function managerDoes(
	event: Record<string, unknown>,
	kind: 'manager_action' | 'manager_message' = 'manager_action',
): Promise<HandoverStep> {
	updateId += 1;
	const providerEventId = `update:${updateId}`;
	await acceptEvents(
		fixture.app,
		fixture.client,
		'telegram',
		[
			{
				id: `00000000-0000-4000-8000-${String(updateId).padStart(12, '0')}`,
				providerEventId,
				kind,
				lane: { key: `manager:${providerEventId}`, kind: 'manager', waitMs: 0 },
				event: { managerName: 'Айгуль', callbackId: 'cb', ...event },
				senderEnc: null,
				rawEnc: null,
				providerAt: null,
			},
		],
		12_000,
	);
	const [claim] = (await claimTurns(fixture.app, 5, 60_000)).filter((one) => one.kind === 'manager');
	if (claim === undefined) throw new Error('the manager event was not due');
	return await handleHandoverItem(ports(), { ...claim, schema: MANAGER_EVENT_SCHEMA });
}

const humanActive = async (): Promise<boolean> => {
	const { rows } = await fixture.admin.query<{ active: boolean }>(
		'select human_active_since is not null as active from conversations',
	);
	return rows[0]?.active === true;
};

test("a handover reaches the group with the customer's words, phone and both buttons, and the customer is told so", async () => {
	const item = await handOver('Позовите человека');
	expect(item.handover).toMatchObject({ reason: 'asked_for_human', notified: true });
	expect(item.reply).toMatchObject({ source: 'handover', language: 'ru' });
	expect(item.reply?.text).toContain('менеджер');
	expect(notices).toHaveLength(1);
	expect(notices[0]?.text).toContain('Позовите человека');
	expect(notices[0]?.text).toContain('+7 701 000 0001');
	expect(notices[0]?.buttons.map((button) => button.action)).toEqual(['take', 'resolve']);
	const { rows } = await fixture.admin.query('select status, notice_status, notice_message_id, summary from handovers');
	expect(rows).toMatchObject([{ status: 'pending', notice_status: 'sent', notice_message_id: '101' }]);
	expect(rows[0]?.summary).not.toContain('701');
});

test('a second request while the first is open adds to it instead of opening another', async () => {
	await handOver('Позовите человека');
	await handOver('ну где же вы');
	expect(await fixture.count('handovers')).toBe(1);
	expect(notices[1]).toMatchObject({ inReplyTo: '101', buttons: [] });
	expect(notices[1]?.text).toContain('ну где же вы');
});

test('taking silences the assistant and resolving lets it answer again', async () => {
	const { handover } = await handOver('Позовите человека');
	expect(await managerDoes({ action: 'take', handoverId: handover?.id })).toEqual({ kind: 'done', what: 'taken' });
	expect(await humanActive()).toBe(true);
	expect(edits[0]?.messageId).toBe('101');
	expect(edits[0]?.notice.text).toMatch(/Клиент: .*\nТелефон: \+7 701 000 0001\n/);
	expect(edits[0]?.notice.text).toMatch(/Взял\(а\): Айгуль$/);
	expect(edits[0]?.notice.text).not.toContain('Нажмите');
	expect(edits[0]?.notice.buttons.map((button) => button.action)).toEqual(['resolve']);

	const held = await openedTurn('вы тут?');
	expect(held.outcome).toEqual({ kind: 'held', reason: 'human_active' });
	expect(await handleHandoverItem(ports(), { ...held })).toEqual({ kind: 'done', what: 'forwarded' });
	expect(notices.at(-1)?.text).toContain('вы тут?');

	expect(await managerDoes({ action: 'resolve', handoverId: handover?.id })).toEqual({
		kind: 'done',
		what: 'resolved',
	});
	expect(await humanActive()).toBe(false);
	expect((await openedTurn('спасибо')).outcome).toBeNull();
	expect(acknowledged).toHaveLength(2);
});

test('two managers who press at once: one takes, the other is told who has it', async () => {
	const { handover } = await handOver('Позовите человека');
	await managerDoes({ action: 'take', handoverId: handover?.id });
	expect(await managerDoes({ action: 'take', handoverId: handover?.id, managerName: 'Дана' })).toEqual({
		kind: 'done',
		what: 'already_taken',
	});
	expect(acknowledged[1]).toContain('Айгуль');
});

test('a reply to the notice goes to the customer and takes over by itself', async () => {
	await handOver('Позовите человека');
	expect(await managerDoes({ inReplyTo: '101', text: 'Здравствуйте, слушаю вас' }, 'manager_message')).toEqual({
		kind: 'done',
		what: 'relayed',
	});
	expect(await humanActive()).toBe(true);
	expect(await claimOutbox(fixture.app, 5, 60_000)).toHaveLength(1);
	const { rows } = await fixture.admin.query(`select author, text from messages where direction = 'outbound'`);
	expect(rows).toEqual([{ author: 'manager', text: 'Здравствуйте, слушаю вас' }]);
});

test('a reply to a forwarded message of the customer reaches the same customer', async () => {
	const { handover } = await handOver('Позовите человека');
	await managerDoes({ action: 'take', handoverId: handover?.id });
	await handleHandoverItem(ports(), { ...(await openedTurn('а на завтра есть?')) });
	expect(await managerDoes({ inReplyTo: '102', text: 'Да, в 15:00' }, 'manager_message')).toEqual({
		kind: 'done',
		what: 'relayed',
	});
});

test('a reply under a resolved notice silences the assistant again', async () => {
	const { handover } = await handOver('Позовите человека');
	await managerDoes({ action: 'resolve', handoverId: handover?.id });
	await managerDoes({ inReplyTo: '101', text: 'И ещё одно' }, 'manager_message');
	expect(await humanActive()).toBe(true);
	expect(await fixture.count('handovers', `status = 'active'`)).toBe(1);
});

test('with Telegram down the customer is not told that it was passed on, and the notice is repeated until it arrives', async () => {
	isTelegramDown = true;
	const item = await handOver('Позовите человека');
	expect(item.handover?.notified).toBe(false);
	expect(item.reply?.text).not.toContain('передан');
	expect(await claimHandoverNotices(fixture.app, 5, 1_000)).toHaveLength(0);
	await fixture.admin.query('update handovers set next_notice_at = now()');
	const [due] = await claimHandoverNotices(fixture.app, 5, 1_000);
	expect(await handleHandoverItem(ports(), { ...due, schema: HANDOVER_DUE_SCHEMA })).toEqual({
		kind: 'done',
		what: 'notice_postponed',
	});
	isTelegramDown = false;
	await fixture.admin.query('update handovers set next_notice_at = now()');
	const [again] = await claimHandoverNotices(fixture.app, 5, 1_000);
	expect(await handleHandoverItem(ports(), { ...again, schema: HANDOVER_DUE_SCHEMA })).toEqual({
		kind: 'done',
		what: 'notice_sent',
	});
	expect(notices.at(-1)?.text).toContain('Позовите человека');
	const { rows } = await fixture.admin.query(`select code, message from error_logs where code = 'TRF_NOTIFY_FAILED'`);
	expect(rows).toHaveLength(2);
});

test('a button of a handover that does not exist does nothing', async () => {
	expect(await managerDoes({ action: 'take', handoverId: '11111111-2222-4333-8444-555555555555' })).toEqual({
		kind: 'done',
		what: 'unknown_handover',
	});
});
