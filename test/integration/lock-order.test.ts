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

/** What takes the lanes of both turns. */
const STEPS: Readonly<Record<string, (opened: readonly Opened[]) => Promise<unknown>>> = {
	'noting that replies were sent': async (opened) => {
		const messages = opened.map(({ claim, item }) => ({
			outboxId: claim.turnId,
			conversationId: item.conversation.id,
			channel: claim.channel,
			providerMessageId: claim.laneKey,
			endsTurnId: claim.turnId,
		}));
		await noteSent(fixture.app, fixture.client, messages);
	},
	'writing replies that wait for earlier messages': async (opened) => {
		for (const { item } of opened)
			await fixture.app.asClient(fixture.client, async (tx) => await queueEarlier(tx, item.conversation.id));
		const sending: Sending = {
			settings: DEFAULT_DELIVERY,
			capabilities: { replyWindowMs: null, supportsTemplates: false },
			sender: null,
			problem: null,
		};
		const replies = opened.map(({ item }) => ({
			item,
			reply: { text: 'ответ', language: 'ru' as const },
			sending,
			now: systemClock.now(),
		}));
		await writeReplies(fixture.app, fixture.client, replies);
	},
	'opening turns that end at once': async (opened) => {
		await fixture.admin.query('update inbound_events set turn_id = null');
		await fixture.app.asClient(
			fixture.client,
			async (tx) =>
				await openClaims(
					tx,
					opened.map(({ claim }) => claim),
				),
		);
	},
	'prolonging leases': async (opened) => {
		await extendLeases(
			fixture.app,
			opened.map(({ claim }) => claim),
			LEASE_MS,
		);
	},
	'settling turns': async (opened) => {
		await settleTurns(
			fixture.app,
			opened.map(({ claim }) => claim),
			() => LEASE_MS,
			null,
		);
	},
};

async function queueEarlier(tx: DbSession, conversationId: string): Promise<void> {
	await tx.query(`select truffles.queue_message($1, $2, null, 'whatsapp', 'bot', 'раньше', 'ru', null)`, [
		fixture.client,
		conversationId,
	]);
}

const openClaims = async (tx: DbSession, claims: readonly ClaimedTurn[]): Promise<readonly OpenedTurn[]> =>
	await openTurns(tx, fixture.client, claims, () => readableKey);

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

test.each(Object.keys(STEPS))(
	'%s takes the lanes in the order in which an accepted delivery takes them',
	async (step) => {
		const [first, second] = await openPair();
		let running: Promise<unknown> = Promise.resolve();
		const free = await fixture.admin.transaction(async (tx) => {
			await tx.query(LOCK_LANE, [first.claim.laneKey]);
			running = (STEPS[step] as (typeof STEPS)[string])([second, first]);
			// Who shares a transaction waits for half a second only; that is not what this is about.
			running.catch(() => undefined);
			await untilSomebodyWaits();
			return (await fixture.admin.query(`${LOCK_LANE} skip locked`, [second.claim.laneKey])).rowCount;
		});
		await running;
		expect(free).toBe(1);
	},
);

test("a provider's id is taken after the lanes, as an accepted delivery takes it", async () => {
	const [first, second] = await openPair();
	let running: Promise<unknown> = Promise.resolve();
	const isFree = await fixture.admin.transaction(async (tx) => {
		await tx.query(LOCK_LANE, [first.claim.laneKey]);
		running = (STEPS['noting that replies were sent'] as (typeof STEPS)[string])([second, first]);
		running.catch(() => undefined);
		await untilSomebodyWaits();
		const { rows } = await fixture.admin.query<{ is_free: boolean }>(
			`select bool_and(pg_try_advisory_xact_lock(hashtextextended($1 || ' whatsapp ' || id, 0))) as is_free from unnest($2::text[]) id`,
			[fixture.client, [first.claim.laneKey, second.claim.laneKey]],
		);
		return rows[0]?.is_free;
	});
	await running;
	expect(isFree).toBe(true);
});

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
