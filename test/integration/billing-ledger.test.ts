/** What calls cost, billed once and told once, on a real PostgreSQL. */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { findMigrationsDir, migrate, readMigrations, sha256Hex } from '../../lib/adapters/migrate-database';
import { recordCalls } from '../../lib/billing/billing-store';
import { buildChecksums } from '../../lib/migrations/migration-plan';
import { addClient, billingCall } from '../support/billing-fixture';
import {
	LedgerFixture,
	limits,
	MINUTE_MS,
	NOON,
	RATE,
	reserve,
	settle,
	TEN_TENGE_USD,
	tenTenge,
} from '../support/ledger-fixture';

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

async function usageOf(clientId: string): Promise<Array<{ day: string; calls: number; kzt: string }>> {
	const { rows } = await fixture.admin.query<{ day: string; calls: number; kzt: string }>(
		`select day::text, model_calls as calls, cost_kzt::text as kzt from truffles.usage where client_id = $1 order by day`,
		[clientId],
	);
	return rows;
}

describe('settling', () => {
	test('a call that cost less gives the rest back', async () => {
		const clientId = await addClient(fixture.admin);
		const [ledger, limit] = [fixture.ledger(), limits({ dailyTiyn: 3_000 })];
		const held = await reserve(ledger, clientId, limit, 3_000);
		expect((await reserve(ledger, clientId, limit, 1)).kind).toBe('reached');
		await settle(ledger, clientId, limit, [tenTenge()], held.kind === 'reserved' ? held.id : null);
		expect((await reserve(ledger, clientId, limit, 2_001)).kind).toBe('reached');
		expect((await reserve(ledger, clientId, limit, 2_000)).kind).toBe('reserved');
	});

	test('twenty settlements of the same calls at once bill them once', async () => {
		const clientId = await addClient(fixture.admin);
		const ledger = fixture.ledger();
		const calls = [tenTenge(), tenTenge({ status: 'unreachable', costUsd: '0.000000000' })];
		const answers = await Promise.all(
			[...Array(20).keys()].map(async () => await settle(ledger, clientId, limits({ dailyTiyn: 1 }), calls)),
		);
		expect(answers.reduce((total, { written }) => total + written, 0)).toBe(2);
		expect(await usageOf(clientId)).toEqual([{ day: '2026-11-21', calls: 2, kzt: '10.000000' }]);
	});

	test('an expired reservation still bills', async () => {
		const clientId = await addClient(fixture.admin);
		const [ledger, limit] = [fixture.ledger(), limits({ dailyTiyn: 5_000 })];
		const held = await reserve(ledger, clientId, limit);
		fixture.now = new Date(NOON.getTime() + 10 * MINUTE_MS);
		await reserve(ledger, clientId, limit);
		const answer = await settle(ledger, clientId, limit, [tenTenge()], held.kind === 'reserved' ? held.id : null);
		expect(answer.written).toBe(1);
	});

	test('without calls the reservation is only given back', async () => {
		const clientId = await addClient(fixture.admin);
		const [ledger, limit] = [fixture.ledger(), limits({ dailyTiyn: 1_000 })];
		const held = await reserve(ledger, clientId, limit);
		await settle(ledger, clientId, limit, [], held.kind === 'reserved' ? held.id : null);
		expect((await reserve(ledger, clientId, limit)).kind).toBe('reserved');
		expect(await usageOf(clientId)).toEqual([]);
	});

	test("another client's reservation cannot be given back", async () => {
		const [one, other] = [await addClient(fixture.admin), await addClient(fixture.admin)];
		const [ledger, limit] = [fixture.ledger(), limits({ dailyTiyn: 1_000 })];
		const held = await reserve(ledger, one, limit);
		await settle(ledger, other, limit, [], held.kind === 'reserved' ? held.id : null);
		expect((await reserve(ledger, one, limit)).kind).toBe('reached');
	});

	test('every detail of a call is in the bill', async () => {
		const clientId = await addClient(fixture.admin);
		const call = tenTenge({ cacheWriteTokens: 7, reasoningTokens: 8, tier: 'flex', inputTokens: 100, outputTokens: 9 });
		await settle(fixture.ledger(), clientId, limits(), [call]);
		const { rows } = await fixture.admin.query(
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
		const clientId = await addClient(fixture.admin);
		const calls = [tenTenge()];
		const record = async () =>
			await fixture.db.asClient(
				clientId,
				async (tx) => await recordCalls(tx, { clientId, conversationId: null, turnId: null, calls, usdKztRate: RATE }),
			);
		await record();
		await record();
		fixture.now = new Date();
		const limit = limits({ monthlyTiyn: 1_999 });
		expect(await reserve(fixture.ledger(), clientId, limit)).toEqual({ kind: 'reached', period: 'month' });
		expect((await reserve(fixture.ledger(), clientId, limit, 999)).kind).toBe('reserved');
	});

	test('a price below a tiyn is not lost: a hundred of them are counted exactly', async () => {
		const clientId = await addClient(fixture.admin);
		const ledger = fixture.ledger();
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

describe('alerts', () => {
	test('80 and 100 per cent are each said once', async () => {
		const clientId = await addClient(fixture.admin);
		const [ledger, limit] = [fixture.ledger(), limits({ dailyTiyn: 4_000, monthlyTiyn: 40_000 })];
		const said = [];
		for (let call = 1; call <= 6; call += 1) {
			const { alerts } = await settle(ledger, clientId, limit, [tenTenge()]);
			said.push(alerts.map(({ period, level, spentTiyn }) => `${call}: ${period} ${level} at ${spentTiyn}`));
		}
		expect(said.flat()).toEqual(['4: day 80 at 4000', '4: day 100 at 4000']);
	});

	test('twenty settlements at once say each level once', async () => {
		const clientId = await addClient(fixture.admin);
		const [ledger, limit] = [fixture.ledger(), limits({ dailyTiyn: 20_000, monthlyTiyn: 25_000 })];
		const answers = await Promise.all(
			[...Array(20).keys()].map(async () => await settle(ledger, clientId, limit, [tenTenge()])),
		);
		const said = answers.flatMap(({ alerts }) => alerts.map(({ period, level }) => `${period} ${level}`));
		expect(said.sort()).toEqual(['day 100', 'day 80', 'month 80']);
	});

	test('the next month speaks again', async () => {
		const clientId = await addClient(fixture.admin);
		const [ledger, limit] = [fixture.ledger(), limits({ monthlyTiyn: 1_000 })];
		expect((await settle(ledger, clientId, limit, [tenTenge()])).alerts).toHaveLength(2);
		expect((await settle(ledger, clientId, limit, [tenTenge()])).alerts).toEqual([]);
		fixture.now = new Date('2026-12-05T07:00:00Z');
		expect((await settle(ledger, clientId, limit, [tenTenge()])).alerts).toHaveLength(2);
	});
});

test('what was billed before there were counters is counted by the migration, in the zone of the client', async () => {
	const { adminUrl } = await fixture.postgres.createEmptyDatabase();
	const dir = mkdtempSync(path.join(tmpdir(), 'truffles-migrations-'));
	for (const name of readdirSync(findMigrationsDir()).filter((entry) => entry < '0011' && entry.endsWith('.sql')))
		cpSync(path.join(findMigrationsDir(), name), path.join(dir, name));
	writeFileSync(path.join(dir, 'checksums.txt'), buildChecksums((await readMigrations(dir)).files, sha256Hex));
	await migrate({ adminConnectionString: adminUrl, appRolePassword: fixture.postgres.appPassword, migrationsDir: dir });
	const owner = new Client({ connectionString: adminUrl });
	await owner.connect();
	const clientId = await addClient(owner);
	for (const at of ['2026-11-20T18:59:59Z', '2026-11-20T19:00:00Z', '2026-11-20T20:00:00Z'])
		await owner.query(
			`insert into truffles.billing_events (id, client_id, purpose, provider, model, status, cost_usd, cost_kzt, created_at)
			 values (gen_random_uuid(), $1, 'reply', 'openai', 'gpt-4.1', 'ok', 0.02, 10, $2)`,
			[clientId, at],
		);
	await migrate({ adminConnectionString: adminUrl, appRolePassword: fixture.postgres.appPassword });
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
