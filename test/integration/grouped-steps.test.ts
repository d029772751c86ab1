/** Many messages at once: one statement for all of them, and each keeps its own fate. */
import { createGroupedSteps } from '../../lib/adapters/grouped-steps';
import { systemClock } from '../../lib/adapters/system-clock';
import { type OpenedTurn, openTurns } from '../../lib/conversation/open-turn';
import type { ClientKey } from '../../lib/crypto/client-keys';
import { claimTurns, type ClaimedTurn } from '../../lib/inbox/inbox-store';
import type { TurnItem } from '../../lib/item/turn-item';
import { deliverReply, type DeliveryPorts } from '../../lib/outbox/deliver';
import { lockConversations } from '../../lib/outbox/outbox-store';
import type { Db, DbSession } from '../../lib/ports/db';
import { DEFAULT_DELIVERY } from '../../lib/tenant/delivery-settings';
import { InboxFixture, readableKey } from '../support/inbox-fixture';

const COUNT = 12;

let fixture: InboxFixture;
/** What was asked of the database: the names of our functions, begin and commit left out. */
let asked: string[];
let db: Db;
let sent: string[];

beforeEach(async () => {
	fixture = await InboxFixture.start(1);
	asked = [];
	sent = [];
	const noted = (session: DbSession): DbSession => ({
		query: async (text, params) => {
			asked.push(/truffles\.(\w+)/.exec(text)?.[1] ?? text.slice(0, 30));
			return await session.query(text, params);
		},
	});
	db = Object.assign(Object.create(fixture.app) as Db, {
		...noted(fixture.app),
		asClient: async <T>(clientId: string, work: (tx: DbSession) => Promise<T>): Promise<T> =>
			await fixture.app.asClient(clientId, async (tx) => await work(noted(tx))),
	});
});
afterEach(async () => {
	await fixture.stop();
});

function ports(): DeliveryPorts {
	return {
		...createGroupedSteps(db, () => readableKey),
		db,
		clock: systemClock,
		sleep: async () => await Promise.resolve(),
		deliverySettingsFor: async () => await Promise.resolve(DEFAULT_DELIVERY),
		senderFor: async () =>
			await Promise.resolve({
				capabilities: { replyWindowMs: null, supportsTemplates: false },
				sendText: async ({ text }) => {
					sent.push(text);
					return await Promise.resolve({ kind: 'sent', providerMessageId: `P ${text}` });
				},
			}),
		decryptAddress: async (_clientId, sealed) => await Promise.resolve(sealed.toString('utf8')),
	};
}

async function claimMany(): Promise<readonly ClaimedTurn[]> {
	for (let index = 0; index < COUNT; index += 1) await fixture.receive(`вопрос ${index}`, { address: `${index}` });
	return await claimTurns(fixture.app, COUNT, 60_000);
}

async function openAll(turns: readonly ClaimedTurn[]): Promise<ReadonlyArray<PromiseSettledResult<OpenedTurn>>> {
	const { openTurn } = createGroupedSteps(db, () => readableKey);
	return await Promise.allSettled(turns.map(async (turn) => await openTurn.do(turn.clientId, turn)));
}

const withReply = (item: TurnItem): TurnItem => ({
	...item,
	reply: { text: `ответ на ${item.text}`, language: 'ru', source: 'facts', facts: [], guard: null, rewrites: 0 },
});

async function answerable(): Promise<readonly TurnItem[]> {
	const opened = await openAll(await claimMany());
	return opened.map((one) => {
		if (one.status === 'rejected' || one.value.kind !== 'ready') throw new Error('not ready');
		return withReply(one.value.item);
	});
}

test('turns of one instant are opened in one transaction, each with its own words', async () => {
	const turns = await claimMany();
	const opened = await openAll(turns);
	expect(asked).toEqual(
		['select id, slug, name, status, t', 'take_up_turns', 'save_turns'].map((text) => text.slice(0, 30)),
	);
	expect(opened.map((one) => one.status === 'fulfilled' && one.value.kind === 'ready' && one.value.item.text)).toEqual(
		turns.map(() => expect.stringMatching(/^вопрос \d+$/) as unknown),
	);
	expect(new Set(opened.map((one) => JSON.stringify(one))).size).toBe(COUNT);
	expect(await fixture.count('conversations')).toBe(COUNT);
	const { rows } = await fixture.admin.query(
		`select count(*)::int as n from turns t join conversations c on c.id = t.conversation_id join users u on u.id = c.user_id
		  join messages m on m.turn_id = t.id and m.conversation_id = c.id where u.address_hash = t.lane_key`,
	);
	expect(rows).toEqual([{ n: COUNT }]);
});

test('a turn is opened with a look at a few index entries, however much the tables have grown since they were analysed', async () => {
	const turns = await claimMany();
	await fixture.admin.transaction(async (tx) => {
		await tx.query('set local session_replication_role = replica');
		await tx.query(
			`insert into inbound_events (client_id, channel, provider_event_id, kind, lane_key, event, turn_id)
			 select $1, 'whatsapp', 'old:' || n, 'message', 'old', '{"text": "Сколько стоит маникюр?"}', gen_random_uuid() from generate_series(1, 2000) n`,
			[fixture.client],
		);
		await tx.query(
			`insert into messages (client_id, conversation_id, turn_id, direction, author, text)
			 select $1, gen_random_uuid(), gen_random_uuid(), 'inbound', 'user', 'Сколько стоит маникюр?' from generate_series(1, 2000)`,
			[fixture.client],
		);
	});
	const read = await fixture.app.asClient(fixture.client, async (tx) => {
		const before = await indexEntriesRead(tx);
		await openTurns(tx, fixture.client, turns, () => readableKey);
		return (await indexEntriesRead(tx)) - before;
	});
	expect(read).toBeGreaterThan(COUNT);
	expect(read).toBeLessThan(COUNT * 10);
});

test('claiming and replying look at the waiting events of their own customers, however many others wait', async () => {
	for (let index = 0; index < COUNT; index += 1) await fixture.receive(`вопрос ${index}`, { address: `${index}` });
	await fixture.admin.query(
		`insert into inbound_events (client_id, channel, provider_event_id, kind, lane_key, event)
		 select $1, 'whatsapp', 'waiting:' || n, 'message', 'other:' || n, '{"text": "Сколько стоит маникюр?"}' from generate_series(1, 2000) n`,
		[fixture.client],
	);
	const claimed = await fixture.app.transaction(async (tx) => {
		const before = await indexEntriesRead(tx);
		const turns = await claimTurns(tx, COUNT, 60_000);
		return { turns, read: (await indexEntriesRead(tx)) - before };
	});
	expect(claimed.turns).toHaveLength(COUNT);
	expect(claimed.read).toBeLessThan(COUNT * 5);

	const opened = (await openAll(claimed.turns)).map((one) => (one.status === 'fulfilled' ? one.value : null));
	const ids = opened.map((one) => (one?.kind === 'ready' ? one.item.conversation.id : ''));
	const read = await fixture.app.asClient(fixture.client, async (tx) => {
		const before = await indexEntriesRead(tx);
		expect((await lockConversations(tx, ids)).size).toBe(COUNT);
		return (await indexEntriesRead(tx)) - before;
	});
	expect(read).toBeLessThan(COUNT * 2);
});

/** Index entries of events and messages that this session has read so far. */
async function indexEntriesRead(tx: DbSession): Promise<number> {
	const { rows } = await tx.query<{ entries: string }>(
		`select sum(pg_stat_get_xact_tuples_returned(indexrelid)) as entries from pg_index
		  where indrelid in ('truffles.inbound_events'::regclass, 'truffles.messages'::regclass)`,
	);
	return Number(rows[0]?.entries);
}

test('a turn that cannot be opened fails alone', async () => {
	const turns = await claimMany();
	await fixture.admin.query(`update inbound_events set sender_enc = 'unreadable' where turn_id = $1`, [
		turns[3]?.turnId,
	]);
	const steps = createGroupedSteps(db, () =>
		Object.assign(Object.create(readableKey) as ClientKey, {
			decrypt: (sealed: Buffer) => {
				if (sealed.toString() === 'unreadable') throw new Error('another key');
				return sealed.toString();
			},
		}),
	);
	const opened = await Promise.allSettled(turns.map(async (turn) => await steps.openTurn.do(turn.clientId, turn)));
	expect(opened.map(({ status }) => status === 'rejected')).toEqual(turns.map((_, index) => index === 3));
	expect(await fixture.count('conversations')).toBe(COUNT - 1);
});

test('a conversation that somebody holds keeps no other waiting', async () => {
	const items = await answerable();
	const [held] = items;
	let release = (): void => undefined;
	const released = new Promise<void>((resolve) => (release = resolve));
	const holding = fixture.admin.transaction(async (tx) => {
		await tx.query('select from conversations where id = $1 for update', [held?.conversation.id]);
		await released;
	});
	const shared = ports();
	const deliveries = items.map(async (item) => await deliverReply(shared, item));
	await Promise.all(deliveries.slice(1));
	expect(sent).toHaveLength(COUNT - 1);
	release();
	await holding;
	expect(await deliveries[0]).toMatchObject({ kind: 'sent' });
	expect(sent).toHaveLength(COUNT);
});

test('replies of one instant are written in one transaction and noted in few statements, and a person who took over is not talked over', async () => {
	const items = await answerable();
	await fixture.admin.query('update conversations set human_active_since = now() where id = $1', [
		items[5]?.conversation.id,
	]);
	asked = [];
	const shared = ports();
	const deliveries = await Promise.all(items.map(async (item) => await deliverReply(shared, item)));
	expect(deliveries.map((delivery) => delivery.kind)).toEqual(
		items.map((_, index) => (index === 5 ? 'not_sent' : 'sent')),
	);
	expect(sent.sort()).toEqual(items.flatMap((item, index) => (index === 5 ? [] : [`ответ на ${item.text}`])).sort());
	expect(asked.filter((name) => name === 'write_replies')).toHaveLength(1);
	expect(asked.filter((name) => name === 'note_sent').length).toBeLessThan(4);
	const { rows } = await fixture.admin.query(
		`select count(*)::int as n from turns t join messages m on m.id = t.reply_message_id join outbox o on o.message_id = m.id
		   join messages q on q.turn_id = t.id and q.direction = 'inbound'
		  where t.outcome = 'answered' and o.status = 'sent' and m.text = 'ответ на ' || q.text and o.provider_message_id = 'P ' || m.text`,
	);
	expect(rows).toEqual([{ n: COUNT - 1 }]);
	expect(await fixture.count('turns', `outcome = 'held'`)).toBe(1);
	const lanes = await fixture.admin.query('select from conversation_lanes where active_turn_id is not null');
	expect(lanes.rowCount).toBe(0);
});

test('a turn that another process has claimed meanwhile is theirs; the others of the batch are answered', async () => {
	const items = await answerable();
	await fixture.admin.query('update turns set attempt = 2 where id = $1', [items[2]?.turn.id]);
	const shared = ports();
	const deliveries = await Promise.all(items.map(async (item) => await deliverReply(shared, item)));
	expect(deliveries.map((delivery) => delivery.kind)).toEqual(items.map((_, index) => (index === 2 ? 'lost' : 'sent')));
	expect(await fixture.count('outbox')).toBe(COUNT - 1);
});

test('one turn that runs twice at the same moment is answered once', async () => {
	const [item] = await answerable();
	const shared = ports();
	const twice = [item, item].map(async (one) => await deliverReply(shared, one as TurnItem));
	expect((await Promise.all(twice)).map((delivery) => delivery.kind).sort()).toEqual(['lost', 'sent']);
	expect(sent).toHaveLength(1);
});
