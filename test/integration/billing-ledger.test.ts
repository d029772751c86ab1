/** Budgets under parallel calls, crashes and borders of day and month, on a real PostgreSQL. */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { findMigrationsDir, migrate, readMigrations, sha256Hex } from '../../lib/adapters/migrate-database';
import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import { PgBillingLedger } from '../../lib/adapters/pg-billing-ledger';
import { recordCalls } from '../../lib/billing/billing-store';
import { buildChecksums } from '../../lib/migrations/migration-plan';
import type { BillingCall } from '../../lib/item/turn-item';
import type { BudgetLimits } from '../../lib/ports/billing-ledger';
import { addClient, billingCall } from '../support/billing-fixture';
import { startTestPostgres, type TestDatabase, type TestPostgres } from '../support/postgres';

jest.setTimeout(60_000);

const ZONE = 'Asia/Almaty';
/** Tenge per dollar; with it a call of 0.02 dollars costs 1 000 tiyn. */
const RATE = '500';
const NOON = new Date('2026-11-21T07:00:00Z');
const MINUTE_MS = 60_000;
/** One dollar call of 1 000 tiyn. */
const TEN_TENGE_USD = '0.020000000';

let postgres: TestPostgres;
let admin: Client;
let db: PgDb;
let now = NOON;
const clock = { now: () => now };

beforeAll(async () => {
	postgres = await startTestPostgres();
	admin = new Client({ connectionString: postgres.adminUrl });
	await admin.connect();
	db = createPgDb({ connectionString: postgres.appUrl, applicationName: 'test', maxConnections: 20 });
});
beforeEach(() => {
	now = NOON;
});
afterAll(async () => {
	await db?.close();
	await admin?.end();
	await postgres?.stop();
});

const limits = (over: Partial<BudgetLimits> = {}): BudgetLimits => ({ dailyTiyn: null, monthlyTiyn: null, ...over });
const ledgerOn = (database: PgDb): PgBillingLedger => new PgBillingLedger({ db: database, clock, journal: null });

const reserve = async (ledger: PgBillingLedger, clientId: string, limit: BudgetLimits, amountTiyn = 1_000) =>
	await ledger.reserve({ clientId, timeZone: ZONE, limits: limit, amountTiyn, ttlMs: MINUTE_MS });

const settle = async (
	ledger: PgBillingLedger,
	clientId: string,
	limit: BudgetLimits,
	calls: readonly BillingCall[],
	reservationId: string | null = null,
) =>
	await ledger.settle({
		clientId,
		timeZone: ZONE,
		limits: limit,
		reservationId,
		conversationId: null,
		turnId: null,
		calls,
		usdKztRate: RATE,
	});

const tenTenge = (over: Partial<BillingCall> = {}): BillingCall => billingCall({ costUsd: TEN_TENGE_USD, ...over });

async function usageOf(clientId: string): Promise<Array<{ day: string; calls: number; kzt: string }>> {
	const { rows } = await admin.query<{ day: string; calls: number; kzt: string }>(
		`select day::text, model_calls as calls, cost_kzt::text as kzt from truffles.usage where client_id = $1 order by day`,
		[clientId],
	);
	return rows;
}

async function admitted(database: PgDb, clientId: string): Promise<number> {
	const ledger = ledgerOn(database);
	const answers = await Promise.all(
		[...Array(200).keys()].map(async () => await reserve(ledger, clientId, limits({ monthlyTiyn: 10_000 }))),
	);
	return answers.filter(({ kind }) => kind === 'reserved').length;
}

describe('reserving', () => {
	test('of two hundred calls at once against a budget for ten, ten are admitted', async () => {
		expect(await admitted(db, await addClient(admin))).toBe(10);
	});

	test('two processes share the budget', async () => {
		const other = createPgDb({ connectionString: postgres.appUrl, applicationName: 'other', maxConnections: 20 });
		const clientId = await addClient(admin);
		const both = await Promise.all([admitted(db, clientId), admitted(other, clientId)]);
		await other.close();
		expect(both[0] + both[1]).toBe(10);
	});

	test('without limits nothing is written', async () => {
		const clientId = await addClient(admin);
		expect(await reserve(ledgerOn(db), clientId, limits())).toEqual({ kind: 'unlimited' });
		const { rows } = await admin.query('select from truffles.budget_reservations where client_id = $1', [clientId]);
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
		const clientId = await addClient(admin);
		const ledger = ledgerOn(db);
		await settle(ledger, clientId, limits(), [tenTenge()]);
		expect(await reserve(ledger, clientId, limit)).toEqual({ kind: 'reached', period });
	});

	test('one call larger than the budget is not admitted, an exact one is', async () => {
		const clientId = await addClient(admin);
		const ledger = ledgerOn(db);
		expect((await reserve(ledger, clientId, limits({ dailyTiyn: 999 }))).kind).toBe('reached');
		expect((await reserve(ledger, clientId, limits({ dailyTiyn: 1_000 }))).kind).toBe('reserved');
	});

	test('a reservation that nobody settles frees itself after its time, not before', async () => {
		const clientId = await addClient(admin);
		const [ledger, limit] = [ledgerOn(db), limits({ dailyTiyn: 1_000 })];
		await reserve(ledger, clientId, limit);
		now = new Date(NOON.getTime() + MINUTE_MS - 1);
		expect((await reserve(ledger, clientId, limit)).kind).toBe('reached');
		now = new Date(NOON.getTime() + MINUTE_MS);
		expect((await reserve(ledger, clientId, limit)).kind).toBe('reserved');
	});

	test('one client does not use up the budget of another', async () => {
		const [one, other] = [await addClient(admin), await addClient(admin)];
		const [ledger, limit] = [ledgerOn(db), limits({ dailyTiyn: 1_000 })];
		await reserve(ledger, one, limit);
		expect((await reserve(ledger, other, limit)).kind).toBe('reserved');
	});
});

describe('settling', () => {
	test('a call that cost less gives the rest back', async () => {
		const clientId = await addClient(admin);
		const [ledger, limit] = [ledgerOn(db), limits({ dailyTiyn: 3_000 })];
		const held = await reserve(ledger, clientId, limit, 3_000);
		expect((await reserve(ledger, clientId, limit, 1)).kind).toBe('reached');
		await settle(ledger, clientId, limit, [tenTenge()], held.kind === 'reserved' ? held.id : null);
		expect((await reserve(ledger, clientId, limit, 2_001)).kind).toBe('reached');
		expect((await reserve(ledger, clientId, limit, 2_000)).kind).toBe('reserved');
	});

	test('twenty settlements of the same calls at once bill them once', async () => {
		const clientId = await addClient(admin);
		const ledger = ledgerOn(db);
		const calls = [tenTenge(), tenTenge({ status: 'unreachable', costUsd: '0.000000000' })];
		const answers = await Promise.all(
			[...Array(20).keys()].map(async () => await settle(ledger, clientId, limits({ dailyTiyn: 1 }), calls)),
		);
		expect(answers.reduce((total, { written }) => total + written, 0)).toBe(2);
		expect(await usageOf(clientId)).toEqual([{ day: '2026-11-21', calls: 2, kzt: '10.000000' }]);
	});

	test('an expired reservation still bills', async () => {
		const clientId = await addClient(admin);
		const [ledger, limit] = [ledgerOn(db), limits({ dailyTiyn: 5_000 })];
		const held = await reserve(ledger, clientId, limit);
		now = new Date(NOON.getTime() + 10 * MINUTE_MS);
		await reserve(ledger, clientId, limit);
		const answer = await settle(ledger, clientId, limit, [tenTenge()], held.kind === 'reserved' ? held.id : null);
		expect(answer.written).toBe(1);
	});

	test('without calls the reservation is only given back', async () => {
		const clientId = await addClient(admin);
		const [ledger, limit] = [ledgerOn(db), limits({ dailyTiyn: 1_000 })];
		const held = await reserve(ledger, clientId, limit);
		await settle(ledger, clientId, limit, [], held.kind === 'reserved' ? held.id : null);
		expect((await reserve(ledger, clientId, limit)).kind).toBe('reserved');
		expect(await usageOf(clientId)).toEqual([]);
	});

	test("another client's reservation cannot be given back", async () => {
		const [one, other] = [await addClient(admin), await addClient(admin)];
		const [ledger, limit] = [ledgerOn(db), limits({ dailyTiyn: 1_000 })];
		const held = await reserve(ledger, one, limit);
		await settle(ledger, other, limit, [], held.kind === 'reserved' ? held.id : null);
		expect((await reserve(ledger, one, limit)).kind).toBe('reached');
	});

	test('every detail of a call is in the bill', async () => {
		const clientId = await addClient(admin);
		const call = tenTenge({ cacheWriteTokens: 7, reasoningTokens: 8, tier: 'flex', inputTokens: 100, outputTokens: 9 });
		await settle(ledgerOn(db), clientId, limits(), [call]);
		const { rows } = await admin.query(
			`select purpose, provider, model, status, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
				reasoning_tokens, tier, cost_usd::text, cost_kzt::text, usd_kzt_rate::text, created_at from truffles.billing_events where id = $1`,
			[call.id],
		);
		expect(rows).toEqual([
			{
				purpose: 'reply',
				provider: 'openai',
				model: 'gpt-4.1-mini',
				status: 'ok',
				input_tokens: 100,
				cached_input_tokens: 0,
				cache_write_tokens: 7,
				output_tokens: 9,
				reasoning_tokens: 8,
				tier: 'flex',
				cost_usd: TEN_TENGE_USD,
				cost_kzt: '10.000000',
				usd_kzt_rate: '500.0000',
				created_at: NOON,
			},
		]);
	});

	test('what another path writes into the bill counts against the budget, once', async () => {
		const clientId = await addClient(admin);
		const calls = [tenTenge()];
		const record = async () =>
			await db.asClient(
				clientId,
				async (tx) => await recordCalls(tx, { clientId, conversationId: null, turnId: null, calls, usdKztRate: RATE }),
			);
		await record();
		await record();
		now = new Date();
		const limit = limits({ monthlyTiyn: 1_999 });
		expect(await reserve(ledgerOn(db), clientId, limit)).toEqual({ kind: 'reached', period: 'month' });
		expect((await reserve(ledgerOn(db), clientId, limit, 999)).kind).toBe('reserved');
	});

	test('a price below a tiyn is not lost: a hundred of them are counted exactly', async () => {
		const clientId = await addClient(admin);
		const ledger = ledgerOn(db);
		// 0.000002 dollars at 500 are a tenth of a tiyn.
		await settle(
			ledger,
			clientId,
			limits(),
			[...Array(100).keys()].map(() => billingCall({ costUsd: '0.000002000' })),
		);
		expect(await usageOf(clientId)).toEqual([{ day: '2026-11-21', calls: 100, kzt: '0.100000' }]);
		expect((await reserve(ledger, clientId, limits({ dailyTiyn: 10 }), 1)).kind).toBe('reached');
		expect((await reserve(ledger, clientId, limits({ dailyTiyn: 11 }), 1)).kind).toBe('reserved');
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
		const clientId = await addClient(admin);
		const ledger = ledgerOn(db);
		now = new Date(settledAt);
		await settle(ledger, clientId, limit, [tenTenge()]);
		now = new Date(then);
		expect((await reserve(ledger, clientId, limit)).kind).toBe(kind);
	});
});

describe('alerts', () => {
	test('80 and 100 per cent are each said once', async () => {
		const clientId = await addClient(admin);
		const [ledger, limit] = [ledgerOn(db), limits({ dailyTiyn: 4_000, monthlyTiyn: 40_000 })];
		const said = [];
		for (let call = 1; call <= 6; call += 1) {
			const { alerts } = await settle(ledger, clientId, limit, [tenTenge()]);
			said.push(alerts.map(({ period, level, spentTiyn }) => `${call}: ${period} ${level} at ${spentTiyn}`));
		}
		expect(said.flat()).toEqual(['4: day 80 at 4000', '4: day 100 at 4000']);
	});

	test('twenty settlements at once say each level once', async () => {
		const clientId = await addClient(admin);
		const [ledger, limit] = [ledgerOn(db), limits({ dailyTiyn: 20_000, monthlyTiyn: 25_000 })];
		const answers = await Promise.all(
			[...Array(20).keys()].map(async () => await settle(ledger, clientId, limit, [tenTenge()])),
		);
		const said = answers.flatMap(({ alerts }) => alerts.map(({ period, level }) => `${period} ${level}`));
		expect(said.sort()).toEqual(['day 100', 'day 80', 'month 80']);
	});

	test('the next month speaks again', async () => {
		const clientId = await addClient(admin);
		const [ledger, limit] = [ledgerOn(db), limits({ monthlyTiyn: 1_000 })];
		expect((await settle(ledger, clientId, limit, [tenTenge()])).alerts).toHaveLength(2);
		expect((await settle(ledger, clientId, limit, [tenTenge()])).alerts).toEqual([]);
		now = new Date('2026-12-05T07:00:00Z');
		expect((await settle(ledger, clientId, limit, [tenTenge()])).alerts).toHaveLength(2);
	});
});

describe('a session bound to one client', () => {
	test('cannot reserve or settle for another', async () => {
		const [one, other] = [await addClient(admin), await addClient(admin)];
		const call = db.asClient(
			one,
			async (tx) => await tx.query(`select truffles.reserve_budget($1, now(), 'UTC', 1, null, 1, 1000)`, [other]),
		);
		await expect(call).rejects.toMatchObject({ code: '42501' });
	});
});

test('what was billed before there were counters is counted by the migration, in the zone of the client', async () => {
	const { adminUrl } = await postgres.createEmptyDatabase();
	const dir = mkdtempSync(path.join(tmpdir(), 'truffles-migrations-'));
	for (const name of readdirSync(findMigrationsDir()).filter((entry) => entry < '0011' && entry.endsWith('.sql')))
		cpSync(path.join(findMigrationsDir(), name), path.join(dir, name));
	writeFileSync(path.join(dir, 'checksums.txt'), buildChecksums((await readMigrations(dir)).files, sha256Hex));
	await migrate({ adminConnectionString: adminUrl, appRolePassword: postgres.appPassword, migrationsDir: dir });
	const owner = new Client({ connectionString: adminUrl });
	await owner.connect();
	const clientId = await addClient(owner);
	for (const at of ['2026-11-20T18:59:59Z', '2026-11-20T19:00:00Z', '2026-11-20T20:00:00Z'])
		await owner.query(
			`insert into truffles.billing_events (id, client_id, purpose, provider, model, status, cost_usd, cost_kzt, created_at)
			 values (gen_random_uuid(), $1, 'reply', 'openai', 'gpt-4.1', 'ok', 0.02, 10, $2)`,
			[clientId, at],
		);
	await migrate({ adminConnectionString: adminUrl, appRolePassword: postgres.appPassword });
	const { rows } = await owner.query(
		'select day::text, model_calls, cost_usd::text, cost_kzt::text from truffles.usage order by day',
	);
	await owner.end();
	rmSync(dir, { recursive: true, force: true });
	expect(rows).toEqual([
		{ day: '2026-11-20', model_calls: 1, cost_usd: '0.020000000', cost_kzt: '10.000000' },
		{ day: '2026-11-21', model_calls: 2, cost_usd: '0.040000000', cost_kzt: '20.000000' },
	]);
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
		const broken: TestDatabase = await postgres.createDatabase();
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
