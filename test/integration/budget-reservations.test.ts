/** Budgets under parallel calls, crashes and borders of day and month, on a real PostgreSQL. */
import { Client } from 'pg';
import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import { addClient } from '../support/billing-fixture';
import { LedgerFixture, limits, MINUTE_MS, NOON, reserve, settle, tenTenge } from '../support/ledger-fixture';
import type { TestDatabase } from '../support/postgres';

jest.setTimeout(60_000);

let fixture: LedgerFixture;

beforeAll(async () => {
	fixture = await LedgerFixture.start();
});
beforeEach(() => {
	fixture.now = NOON;
});
afterAll(async () => {
	await fixture?.stop();
});

async function admitted(database: PgDb, clientId: string): Promise<number> {
	const ledger = fixture.ledger(database);
	const answers = await Promise.all(
		[...Array(200).keys()].map(async () => await reserve(ledger, clientId, limits({ monthlyTiyn: 10_000 }))),
	);
	return answers.filter(({ kind }) => kind === 'reserved').length;
}

describe('reserving', () => {
	test('of two hundred calls at once against a budget for ten, ten are admitted', async () => {
		expect(await admitted(fixture.db, await addClient(fixture.admin))).toBe(10);
	});

	test('two processes share the budget', async () => {
		const other = createPgDb({
			connectionString: fixture.postgres.appUrl,
			applicationName: 'other',
			maxConnections: 20,
		});
		const clientId = await addClient(fixture.admin);
		const both = await Promise.all([admitted(fixture.db, clientId), admitted(other, clientId)]);
		await other.close();
		expect(both[0] + both[1]).toBe(10);
	});

	test('without limits nothing is written', async () => {
		const clientId = await addClient(fixture.admin);
		expect(await reserve(fixture.ledger(), clientId, limits())).toEqual({ kind: 'unlimited' });
		const { rows } = await fixture.admin.query('select from truffles.budget_reservations where client_id = $1', [
			clientId,
		]);
		expect(rows).toHaveLength(0);
	});

	test.each([
		{ name: 'the day', limit: limits({ dailyTiyn: 1_500, monthlyTiyn: 9_000 }), period: 'day' },
		{
			name: 'the month, also when the day is used up too',
			limit: limits({ dailyTiyn: 1_500, monthlyTiyn: 1_500 }),
			period: 'month',
		},
		{ name: 'a limit of nothing', limit: limits({ dailyTiyn: 0 }), period: 'day' },
	])('the answer names $name', async ({ limit, period }) => {
		const clientId = await addClient(fixture.admin);
		const ledger = fixture.ledger();
		await settle(ledger, clientId, limits(), [tenTenge()]);
		expect(await reserve(ledger, clientId, limit)).toEqual({ kind: 'reached', period });
	});

	test('one call larger than the budget is not admitted, an exact one is', async () => {
		const clientId = await addClient(fixture.admin);
		const ledger = fixture.ledger();
		expect((await reserve(ledger, clientId, limits({ dailyTiyn: 999 }))).kind).toBe('reached');
		expect((await reserve(ledger, clientId, limits({ dailyTiyn: 1_000 }))).kind).toBe('reserved');
	});

	test('a reservation that nobody settles frees itself after its time, not before', async () => {
		const clientId = await addClient(fixture.admin);
		const [ledger, limit] = [fixture.ledger(), limits({ dailyTiyn: 1_000 })];
		await reserve(ledger, clientId, limit);
		fixture.now = new Date(NOON.getTime() + MINUTE_MS - 1);
		expect((await reserve(ledger, clientId, limit)).kind).toBe('reached');
		fixture.now = new Date(NOON.getTime() + MINUTE_MS);
		expect((await reserve(ledger, clientId, limit)).kind).toBe('reserved');
	});

	test('one client does not use up the budget of another', async () => {
		const [one, other] = [await addClient(fixture.admin), await addClient(fixture.admin)];
		const [ledger, limit] = [fixture.ledger(), limits({ dailyTiyn: 1_000 })];
		await reserve(ledger, one, limit);
		expect((await reserve(ledger, other, limit)).kind).toBe('reserved');
	});
});

describe("borders of day and month, in the client's zone", () => {
	// Almaty is at UTC+5.
	test.each([
		{
			name: 'one millisecond before midnight belongs to the old day',
			settledAt: '2026-11-20T18:59:59.999Z',
			then: '2026-11-20T19:00:00Z',
			limit: limits({ dailyTiyn: 1_000 }),
			kind: 'reserved',
		},
		{
			name: 'midnight begins the new day',
			settledAt: '2026-11-20T19:00:00Z',
			then: '2026-11-21T18:59:59Z',
			limit: limits({ dailyTiyn: 1_000 }),
			kind: 'reached',
		},
		{
			name: 'the last evening belongs to the old month',
			settledAt: '2026-10-31T18:59:59.999Z',
			then: '2026-10-31T19:00:00Z',
			limit: limits({ monthlyTiyn: 1_000 }),
			kind: 'reserved',
		},
		{
			name: 'the first night belongs to the new month',
			settledAt: '2026-10-31T19:00:00Z',
			then: '2026-11-30T18:59:59Z',
			limit: limits({ monthlyTiyn: 1_000 }),
			kind: 'reached',
		},
	])('$name', async ({ settledAt, then, limit, kind }) => {
		const clientId = await addClient(fixture.admin);
		const ledger = fixture.ledger();
		fixture.now = new Date(settledAt);
		await settle(ledger, clientId, limit, [tenTenge()]);
		fixture.now = new Date(then);
		expect((await reserve(ledger, clientId, limit)).kind).toBe(kind);
	});
});

describe('a session bound to one client', () => {
	test('cannot reserve or settle for another', async () => {
		const [one, other] = [await addClient(fixture.admin), await addClient(fixture.admin)];
		const call = fixture.db.asClient(
			one,
			async (tx) => await tx.query(`select truffles.reserve_budget($1, now(), 'UTC', 1, null, 1, 1000)`, [other]),
		);
		await expect(call).rejects.toMatchObject({ code: '42501' });
	});
});

describe('these tests notice when the database function loses', () => {
	// Without its lock the function waits between check and insert, so that calls side by side meet there on any machine.
	const losses = [
		{
			name: 'its lock',
			remove: (source: string): string =>
				source
					.replace(/perform pg_advisory_xact_lock\(.*$/m, '')
					.replace('insert into budget_reservations', 'perform pg_sleep(1); insert into budget_reservations'),
		},
		{
			name: 'its check',
			remove: (source: string): string =>
				source.replace(/> p_(monthly|daily)_tiyn then/g, '> p_$1_tiyn and false then'),
		},
	] as const;
	test.each(losses)('$name: more than ten are admitted', async ({ remove }) => {
		const broken: TestDatabase = await fixture.postgres.createDatabase();
		const owner = new Client({ connectionString: broken.adminUrl });
		await owner.connect();
		const { rows } = await owner.query<{ sql: string }>(
			`select pg_get_functiondef('truffles.reserve_budget'::regproc) as sql`,
		);
		const source = rows[0]?.sql ?? '';
		expect(remove(source)).not.toBe(source);
		await owner.query(remove(source));
		const database = createPgDb({ connectionString: broken.appUrl, applicationName: 'broken', maxConnections: 20 });
		const clientId = await addClient(owner);
		expect(await admitted(database, clientId)).toBeGreaterThan(10);
		await database.close();
		await owner.end();
	});
});
