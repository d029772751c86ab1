/** Who takes the lanes of several conversations takes them in the order of all, or two of them wait for each other. */
import { systemClock } from '../../lib/adapters/system-clock';
import { type OpenedTurn, openTurns } from '../../lib/conversation/open-turn';
import { type ClaimedTurn, claimTurns, extendLeases, settleTurns } from '../../lib/inbox/inbox-store';
import type { TurnItem } from '../../lib/item/turn-item';
import { noteSent } from '../../lib/outbox/outbox-store';
import type { Sending } from '../../lib/outbox/send-message';
import { writeReplies } from '../../lib/outbox/write-replies';
import type { DbSession } from '../../lib/ports/db';
import { DEFAULT_DELIVERY } from '../../lib/tenant/delivery-settings';
import { InboxFixture, readableKey } from '../support/inbox-fixture';

/** Among so many conversations two lie the other way round than their lanes. */
const COUNT = 12;
const LEASE_MS = 60_000;
const LOCK_LANE = 'select from conversation_lanes where lane_key = $1 for update';

interface Opened {
	readonly claim: ClaimedTurn;
	readonly item: TurnItem;
}

let fixture: InboxFixture;

beforeEach(async () => {
	fixture = await InboxFixture.start(1);
});
afterEach(async () => {
	await fixture.stop();
});

const openClaims = async (tx: DbSession, claims: readonly ClaimedTurn[]): Promise<readonly OpenedTurn[]> =>
	await openTurns(tx, fixture.client, claims, () => readableKey);

const claimsOf = (opened: readonly Opened[]): readonly ClaimedTurn[] => opened.map(({ claim }) => claim);

async function noteBothSent(opened: readonly Opened[]): Promise<void> {
	const messages = opened.map(({ claim, item }) => ({
		outboxId: claim.turnId,
		conversationId: item.conversation.id,
		channel: claim.channel,
		providerMessageId: claim.laneKey,
		endsTurnId: claim.turnId,
	}));
	await noteSent(fixture.app, fixture.client, messages);
}

async function writeBehindEarlierMessages(opened: readonly Opened[]): Promise<void> {
	for (const { item } of opened)
		await fixture.app.asClient(fixture.client, async (tx) => {
			await tx.query(`select truffles.queue_message($1, $2, null, 'whatsapp', 'bot', 'раньше', 'ru', null)`, [
				fixture.client,
				item.conversation.id,
			]);
		});
	const sending: Sending = {
		settings: DEFAULT_DELIVERY,
		capabilities: { replyWindowMs: null, supportsTemplates: false },
		sender: null,
		problem: null,
	};
	const reply = { text: 'ответ', language: 'ru' } as const;
	const replies = opened.map(({ item }) => ({ item, reply, sending, now: systemClock.now() }));
	await writeReplies(fixture.app, fixture.client, replies);
}

/** Opened again, now without messages. */
async function openWithoutMessages(opened: readonly Opened[]): Promise<void> {
	await fixture.admin.query('update inbound_events set turn_id = null');
	await fixture.app.asClient(fixture.client, async (tx) => await openClaims(tx, claimsOf(opened)));
}

interface Step {
	readonly name: string;
	readonly run: (opened: readonly Opened[]) => Promise<unknown>;
}

/** What takes the lanes of several turns. */
const STEPS: readonly Step[] = [
	{ name: 'noting that replies were sent', run: noteBothSent },
	{ name: 'writing replies that wait for earlier messages', run: writeBehindEarlierMessages },
	{ name: 'opening turns that end at once', run: openWithoutMessages },
	{
		name: 'prolonging leases',
		run: async (opened) => await extendLeases(fixture.app, claimsOf(opened), LEASE_MS),
	},
	{
		name: 'settling turns',
		run: async (opened) => await settleTurns(fixture.app, claimsOf(opened), () => LEASE_MS, null),
	},
];

/** Two open turns: the later lane belongs to the earlier conversation. */
async function openPair(): Promise<readonly [first: Opened, second: Opened]> {
	// The last lane is the first row of its table: who reads the table from its beginning takes it first.
	for (let digit = COUNT; digit > 0; digit -= 1) await fixture.receive('вопрос', { address: digit.toString(16) });
	const claims = await claimTurns(fixture.app, COUNT, LEASE_MS);
	const opened = await fixture.app.asClient(fixture.client, async (tx) => await openClaims(tx, claims));
	const { rows } = await fixture.admin.query<{ one: string; other: string }>(
		`select one.id as one, other.id as other from turns one join turns other
		   on one.lane_key < other.lane_key and one.conversation_id > other.conversation_id limit 1`,
	);
	const find = (turnId?: string): Opened => {
		const index = claims.findIndex((claim) => claim.turnId === turnId);
		const turn = opened[index];
		if (turn?.kind !== 'ready') throw new Error('not ready');
		return { claim: claims[index] as ClaimedTurn, item: turn.item };
	};
	return [find(rows[0]?.one), find(rows[0]?.other)];
}

test.each(STEPS)('$name takes the lanes in the order in which an accepted delivery takes them', async ({ run }) => {
	const [first, second] = await openPair();
	const free = await whileLaneIsHeld(
		first,
		async () => await run([second, first]),
		async () => (await fixture.admin.query(`${LOCK_LANE} skip locked`, [second.claim.laneKey])).rowCount,
	);
	expect(free).toBe(1);
});

test("a provider's id is taken after the lanes, as an accepted delivery takes it", async () => {
	const [first, second] = await openPair();
	const free = await whileLaneIsHeld(
		first,
		async () => await noteBothSent([second, first]),
		async () =>
			await fixture.admin.query(
				`select bool_and(pg_try_advisory_xact_lock(hashtextextended($1 || ' whatsapp ' || id, 0))) as both_ids from unnest($2::text[]) id`,
				[fixture.client, [first.claim.laneKey, second.claim.laneKey]],
			),
	);
	expect(free.rows).toEqual([{ both_ids: true }]);
});

/** Looks while the step waits for the lane; then the step ends as it should. */
async function whileLaneIsHeld<Seen>(
	{ claim }: Opened,
	step: () => Promise<unknown>,
	look: () => Promise<Seen>,
): Promise<Seen> {
	let running: Promise<unknown> = Promise.resolve();
	const seen = await fixture.admin.transaction(async (tx) => {
		await tx.query(LOCK_LANE, [claim.laneKey]);
		running = step();
		// Its failure is thrown below.
		running.catch(() => undefined);
		await untilSomebodyWaits();
		return await look();
	});
	await running;
	return seen;
}

async function untilSomebodyWaits(): Promise<void> {
	const deadline = Date.now() + 5_000;
	while (Date.now() < deadline) {
		const { rowCount } = await fixture.admin.query(
			`select from pg_stat_activity where application_name = 'test-app' and wait_event_type = 'Lock'`,
		);
		if (rowCount > 0) return;
	}
	throw new Error('nobody waits for the lane');
}
