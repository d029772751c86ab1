/** One client with thousands of waiting conversations, and the others. */
import { Client } from 'pg';

import { claimTurns, type ClaimedTurn, loadDueTimes } from '../../lib/inbox/inbox-store';
import { queueMessage } from '../../lib/outbox/outbox-store';
import { InboxFixture } from '../support/inbox-fixture';

const LEASE_MS = 60_000;
const MINUTE_MS = 60_000;
const LIMIT = 20;
const QUIET_CLIENTS = 20;

jest.setTimeout(120_000);

let fixture: InboxFixture;
let noisy: string;
let quiet: readonly string[];

beforeEach(async () => {
	fixture = await InboxFixture.start(QUIET_CLIENTS + 1);
	[noisy, ...quiet] = fixture.clientIds as [string, ...string[]];
});
afterEach(async () => {
	await fixture.stop();
});

/** Claims as one process does, until nothing is left or `claims` are done. */
async function claimAgain(claims: number): Promise<ClaimedTurn[][]> {
	const batches: ClaimedTurn[][] = [];
	let after: string | null = null;
	for (let index = 0; index < claims; index += 1) {
		const batch: ClaimedTurn[] = await claimTurns(fixture.app, LIMIT, LEASE_MS, { kind: 'user', after });
		if (batch.length === 0) break;
		batches.push(batch);
		after = batch.at(-1)?.clientId ?? null;
	}
	return batches;
}

const countOf = (batch: readonly ClaimedTurn[], clientId: string): number =>
	batch.filter((turn) => turn.clientId === clientId).length;

test('with 5,000 older conversations of one client waiting, twenty others get their turns in the first two batches', async () => {
	await fixture.fill(noisy, 5_000, 90_000);
	for (const clientId of quiet) await fixture.receive('салем', { clientId });
	const batches = await claimAgain(3);
	const served = new Set(batches.slice(0, 2).flatMap((batch) => batch.map((turn) => turn.clientId)));
	expect(quiet.filter((clientId) => !served.has(clientId))).toEqual([]);
	expect(countOf(batches[2] as ClaimedTurn[], noisy)).toBe(LIMIT);
});

test('while two clients wait each gets half of a batch; one alone gets all of it', async () => {
	await fixture.fill(noisy, 100, 90_000);
	await fixture.fill(quiet[0] as string, 30, 1_000);
	const batches = await claimAgain(7);
	expect(batches.map((batch) => countOf(batch, quiet[0] as string))).toEqual([10, 10, 10, 0, 0, 0, 0]);
	expect(batches.map((batch) => batch.length)).toEqual([20, 20, 20, 20, 20, 20, 10]);
});

test('what one client does not need of its share goes to the others in the same batch', async () => {
	await fixture.fill(noisy, 100, 90_000);
	await fixture.fill(quiet[0] as string, 3, 1_000);
	const [batch] = await claimAgain(1);
	expect(batch).toHaveLength(LIMIT);
	expect(countOf(batch as ClaimedTurn[], quiet[0] as string)).toBe(3);
});

test('with more clients than places every client has its turn before any has the second', async () => {
	for (const clientId of fixture.clientIds) await fixture.fill(clientId, 20, 1_000);
	let after: string | null = null;
	const order: string[] = [];
	for (let index = 0; index < 9; index += 1) {
		const batch: ClaimedTurn[] = await claimTurns(fixture.app, 7, LEASE_MS, { kind: 'user', after });
		order.push(...batch.map((turn) => turn.clientId));
		after = order.at(-1) ?? null;
	}
	const rounds = [order.slice(0, 21), order.slice(21, 42), order.slice(42, 63)];
	expect(rounds.map((round) => new Set(round).size)).toEqual([21, 21, 21]);
});

test('failed turns of one client that come back in thousands do not hold the first turns of the others', async () => {
	await fixture.fill(noisy, 2_000, 90_000);
	while ((await claimTurns(fixture.app, 500, 1, { kind: 'user' })).length > 0) {
		if ((await fixture.count('turns')) === 2_000) break;
	}
	for (const clientId of quiet) await fixture.receive('салем', { clientId });
	const batches = await claimAgain(2);
	expect(new Set(batches.flat().map((turn) => turn.clientId)).size).toBe(QUIET_CLIENTS + 1);
});

test("a manager's event is claimed before the thousands of turns of its client", async () => {
	await fixture.fill(noisy, 1_000, 90_000);
	await fixture.admin.query(`update conversation_lanes set kind = 'manager' where lane_key = 'fill:1000'`);
	const [first] = await claimTurns(fixture.app, 5, LEASE_MS);
	expect(first).toMatchObject({ kind: 'manager', laneKey: 'fill:1000' });
});

test('what is on time comes first, oldest first; then the backlog of an outage, newest first', async () => {
	await fixture.fill(noisy, 3, 60 * MINUTE_MS);
	await fixture.receive('раз', { clientId: noisy, address: '1' });
	await fixture.receive('два', { clientId: noisy, address: '2' });
	const [batch] = await claimAgain(1);
	expect(batch?.map((turn) => turn.laneKey)).toEqual(['whatsapp:1', 'whatsapp:2', 'fill:3', 'fill:2', 'fill:1']);
});

test('clients that the caller leaves out are neither claimed nor due', async () => {
	await fixture.fill(noisy, 3, 90_000);
	expect(await claimTurns(fixture.app, LIMIT, LEASE_MS, { kind: 'user', skip: [noisy] })).toEqual([]);
	expect((await loadDueTimes(fixture.app, [noisy])).turnsMs).toBeNull();
	expect((await loadDueTimes(fixture.app, [])).turnsMs).toBeLessThan(0);
});

describe('with 100,000 conversations waiting, on a connection that has made its plans while there were none', () => {
	const CLAIM = `select * from truffles.claim_lanes(20, 60000, 'user')`;
	const DUE = 'select * from truffles.inbox_due()';
	const RESEND = 'select * from truffles.claim_outbox(20, 60000)';
	let session: Client;
	let plans: string[];

	beforeEach(async () => {
		await fixture.admin.query('analyze conversation_lanes, outbox, turns, inbound_events, handovers');
		session = new Client({ connectionString: fixture.adminUrl });
		await session.connect();
		plans = [];
		session.on('notice', (notice) => plans.push(notice.message ?? ''));
		// PostgreSQL keeps a plan for good after five calls.
		for (let call = 0; call < 8; call += 1)
			for (const statement of [CLAIM, DUE, RESEND]) await session.query(statement);
		await fixture.fill(noisy, 100_000, 600_000);
		for (const clientId of quiet) await fixture.receive('салем', { clientId });
		await session.query(`load 'auto_explain'`);
		await session.query(`set auto_explain.log_nested_statements = on; set auto_explain.log_analyze = on`);
		await session.query(`set client_min_messages = log`);
	});
	afterEach(async () => {
		await session.end();
	});

	/** Plans of every statement inside a function, as auto_explain writes them, and the time of a second call. */
	async function explain(statement: string): Promise<{ plans: string; elapsedMs: number }> {
		await session.query('set auto_explain.log_min_duration = 0');
		plans.length = 0;
		await session.query(statement);
		await session.query('set auto_explain.log_min_duration = -1');
		const startedAt = performance.now();
		await session.query(statement);
		return { plans: plans.join('\n'), elapsedMs: performance.now() - startedAt };
	}

	test.each([
		{ name: 'claiming twenty', statement: CLAIM, index: 'conversation_lanes_ready_idx' },
		{ name: 'asking what is due next', statement: DUE, index: 'conversation_lanes_ready_idx' },
		{ name: 'claiming messages to send', statement: RESEND, index: 'outbox_client_ready_idx' },
	])('$name reads a few rows of indexes and takes milliseconds', async ({ statement, index }) => {
		const { plans: text, elapsedMs } = await explain(statement);
		expect(text).toContain(index);
		expect(text).not.toMatch(/Seq Scan|Bitmap|Sort/);
		expect(text).not.toMatch(/rows=\d{4,}\.\d+ loops/);
		expect(elapsedMs).toBeLessThan(100);
	});
});

test('20,000 replies that wait behind others of their conversations are not read to find out what is due next', async () => {
	const conversations = 5_000;
	const { rows: users } = await fixture.admin.query<{ id: string }>(
		`with u as (insert into users (client_id, channel, address_hash, address_enc) select $1, 'whatsapp', 'u' || n, 'x' from generate_series(1, $2::int) n returning id)
		 insert into conversations (client_id, user_id, channel) select $1, id, 'whatsapp' from u returning id`,
		[noisy, conversations],
	);
	const queue = async (count: number): Promise<void> =>
		await fixture.app.asClient(noisy, async (tx) => {
			for (const { id } of users.slice(0, count)) {
				await queueMessage(tx, {
					clientId: noisy,
					conversationId: id,
					turnId: null,
					channel: 'whatsapp',
					author: 'bot',
					text: 'x',
					language: 'ru',
					sendNow: false,
				});
			}
		});
	// A channel that is down: the first message of each conversation was tried and is repeated in a minute.
	await queue(conversations);
	await fixture.admin.query(`update outbox set next_attempt_at = now() + interval '1 minute'`);
	for (let round = 0; round < 3; round += 1) await queue(conversations);
	await loadDueTimes(fixture.app, []);
	const startedAt = performance.now();
	const { outboxMs } = await loadDueTimes(fixture.app, []);
	const elapsedMs = performance.now() - startedAt;
	expect(outboxMs).toBeGreaterThan(30_000);
	expect(elapsedMs).toBeLessThan(60);
	const { rows } = await fixture.admin.query<{ early: number }>(
		`select count(*)::int as early from outbox where ready_at < now() + interval '30 seconds'`,
	);
	expect(rows[0]?.early).toBe(0);
});
