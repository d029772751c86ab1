/** Bills while PostgreSQL is really down: a cluster of this file's own is stopped and started. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../lib/adapters/embedded-postgres';
import { FileBillingJournal } from '../../lib/adapters/file-billing-journal';
import { migrate } from '../../lib/adapters/migrate-database';
import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import { PgBillingLedger } from '../../lib/adapters/pg-billing-ledger';
import type { BillingCall } from '../../lib/item/turn-item';
import { addClient, billingCall } from '../support/billing-fixture';
import { findFreePort } from '../support/postgres';

jest.setTimeout(120_000);

const APP_PASSWORD = 'outage';
const NO_LIMITS = { dailyTiyn: null, monthlyTiyn: null };
const NOON = new Date('2026-11-21T07:00:00Z');

let root: string;
let port: number;
let server: EmbeddedPostgres;
let db: PgDb;
let clientId: string;
let now = NOON;
let journalFolder: string;
const ledgers: PgBillingLedger[] = [];

async function startServer(): Promise<void> {
	server = await startEmbeddedPostgres({
		dataDir: path.join(root, 'data'),
		port,
		superuserPassword: 'outage',
		log: () => undefined,
		settings: { fsync: 'off', full_page_writes: 'off' },
	});
	// Starting blocks this process: the pool learns only now which of its connections the stop has broken.
	await new Promise((resolve) => setTimeout(resolve, 50));
}

async function asAdmin<T>(work: (admin: Client) => Promise<T>): Promise<T> {
	const admin = new Client({ connectionString: server.url });
	await admin.connect();
	try {
		return await work(admin);
	} finally {
		await admin.end();
	}
}

beforeAll(async () => {
	root = mkdtempSync(path.join(tmpdir(), 'truffles-outage-'));
	port = await findFreePort();
	await startServer();
	await migrate({ adminConnectionString: server.url, appRolePassword: APP_PASSWORD });
	clientId = await asAdmin(async (admin) => await addClient(admin));
	const url = new URL(server.url);
	url.username = 'truffles_app';
	url.password = APP_PASSWORD;
	db = createPgDb({ connectionString: url.toString(), applicationName: 'test', maxConnections: 5 });
});
beforeEach(async () => {
	now = NOON;
	journalFolder = mkdtempSync(path.join(root, 'journal-'));
	await asAdmin(async (admin) => {
		await admin.query('delete from truffles.billing_events');
		await admin.query('delete from truffles.usage');
		await admin.query('delete from truffles.error_logs');
	});
});
afterEach(async () => {
	for (const ledger of ledgers.splice(0)) await ledger.close();
});
afterAll(async () => {
	await db?.close();
	await server?.stop();
	rmSync(root, { recursive: true, force: true });
});

const newLedger = (pid = process.pid): PgBillingLedger => {
	const journal = new FileBillingJournal({ folder: journalFolder, installation: 'test', pid });
	const ledger = new PgBillingLedger({ db, clock: { now: () => now }, journal });
	ledgers.push(ledger);
	return ledger;
};

const settle = async (ledger: PgBillingLedger, calls: readonly BillingCall[], client = clientId) =>
	await ledger.settle({
		clientId: client,
		timeZone: 'Asia/Almaty',
		limits: NO_LIMITS,
		reservationId: null,
		conversationId: null,
		turnId: null,
		calls,
		usdKztRate: '500',
	});

async function billed(): Promise<string[]> {
	return await asAdmin(async (admin) => {
		const { rows } = await admin.query<{ id: string }>(
			'select id from truffles.billing_events order by created_at, id',
		);
		return rows.map(({ id }) => id);
	});
}

const files = (): string[] => readdirSync(journalFolder).filter((name) => name.endsWith('.jsonl'));

test('bills of an outage are written once, at the time of the call, when the database is back', async () => {
	const ledger = newLedger();
	const [during, later, after] = [billingCall(), billingCall(), billingCall()];
	await server.stop();
	expect(await settle(ledger, [during])).toEqual({ written: 0, queued: true, alerts: [] });
	now = new Date('2026-11-21T20:00:00Z');
	expect(await settle(ledger, [later])).toMatchObject({ queued: true });
	await expect(
		ledger.reserve({
			clientId,
			timeZone: 'Asia/Almaty',
			limits: { dailyTiyn: 1, monthlyTiyn: null },
			amountTiyn: 1,
			ttlMs: 1_000,
		}),
	).rejects.toMatchObject({ code: 'TRF_DB_UNREACHABLE' });
	await startServer();
	now = new Date('2026-11-21T20:05:00Z');
	expect(await settle(ledger, [after])).toMatchObject({ written: 1, queued: false });
	expect(await billed()).toEqual([during.id, later.id, after.id]);
	expect(files()).toEqual([]);
	const days = await asAdmin(
		async (admin) => (await admin.query('select day::text, model_calls from truffles.usage order by day')).rows,
	);
	// 20:00Z is the next day in Almaty.
	expect(days).toEqual([
		{ day: '2026-11-21', model_calls: 1 },
		{ day: '2026-11-22', model_calls: 2 },
	]);
});

test('what was spent in an outage counts before the next reservation', async () => {
	const ledger = newLedger();
	await server.stop();
	await settle(ledger, [billingCall({ costUsd: '0.020000000' })]);
	await startServer();
	const answer = await ledger.reserve({
		clientId,
		timeZone: 'Asia/Almaty',
		limits: { dailyTiyn: 1_999, monthlyTiyn: null },
		amountTiyn: 1_000,
		ttlMs: 1_000,
	});
	expect(answer).toEqual({ kind: 'reached', period: 'day' });
});

test('the bill of a process that died in an outage is written by the next one, on its start', async () => {
	const call = billingCall();
	await server.stop();
	await settle(newLedger(5_000_000), [call]);
	await startServer();
	const next = newLedger();
	next.start();
	expect(await next.replay()).toBe(true);
	expect(await billed()).toEqual([call.id]);
	expect(files()).toEqual([]);
});

test('a replay that died in the middle is repeated from the beginning and bills nothing twice', async () => {
	const calls = [...Array(20).keys()].map(() => billingCall());
	const ledger = newLedger();
	await server.stop();
	for (const call of calls) await settle(ledger, [call]);
	const [name] = files();
	const journal = readFileSync(path.join(journalFolder, name ?? ''));
	await startServer();
	expect(await ledger.replay()).toBe(true);
	writeFileSync(path.join(journalFolder, name ?? ''), journal);
	expect(await newLedger().replay()).toBe(true);
	expect(await ledger.replay()).toBe(true);
	expect((await billed()).sort()).toEqual(calls.map(({ id }) => id).sort());
	const counted = await asAdmin(
		async (admin) => (await admin.query('select sum(model_calls)::int as n from truffles.usage')).rows,
	);
	expect(counted).toEqual([{ n: 20 }]);
});

test('forty settlements at once while the server stops and comes back are each billed once', async () => {
	const ledger = newLedger();
	const calls = [...Array(40).keys()].map(() => billingCall());
	const settled = calls.map(async (call, index) => {
		await new Promise((resolve) => setTimeout(resolve, index * 40));
		return await settle(ledger, [call]);
	});
	await new Promise((resolve) => setTimeout(resolve, 300));
	await server.stop();
	await new Promise((resolve) => setTimeout(resolve, 500));
	await startServer();
	const answers = await Promise.all(settled);
	expect(answers.some(({ queued }) => queued)).toBe(true);
	expect(await ledger.replay()).toBe(true);
	expect((await billed()).sort()).toEqual(calls.map(({ id }) => id).sort());
});

test('a bill the database will never take is kept aside and reported, and holds up no other', async () => {
	const ledger = newLedger();
	const [wrong, right] = [billingCall(), billingCall()];
	await server.stop();
	await settle(ledger, [wrong], '00000000-0000-4000-8000-000000000000');
	await settle(ledger, [right]);
	await startServer();
	expect(await ledger.replay()).toBe(true);
	expect(await billed()).toEqual([right.id]);
	const kept = readdirSync(journalFolder).find((name) => name.endsWith('refused.txt')) ?? '';
	expect(readFileSync(path.join(journalFolder, kept), 'utf8')).toContain(wrong.id);
	const logged = await asAdmin(async (admin) => (await admin.query('select code from truffles.error_logs')).rows);
	expect(logged).toEqual([{ code: 'TRF_BILL_SET_ASIDE' }]);
});

test('a bill that can be kept nowhere is an error, not silence', async () => {
	writeFileSync(path.join(journalFolder, 'file'), '');
	const journal = new FileBillingJournal({ folder: path.join(journalFolder, 'file', 'below'), installation: 'test' });
	const ledger = new PgBillingLedger({ db, clock: { now: () => now }, journal });
	ledgers.push(ledger);
	await server.stop();
	await expect(settle(ledger, [billingCall()])).rejects.toMatchObject({ code: 'TRF_BILL_NOT_STORED' });
	await startServer();
});

test('the journal holds ids and numbers, no word of a customer', async () => {
	const ledger = newLedger();
	await server.stop();
	await settle(ledger, [billingCall()]);
	const line = readFileSync(path.join(journalFolder, files()[0] ?? ''), 'utf8');
	await startServer();
	const keys = Object.keys((JSON.parse(line) as { rows: object[] }).rows[0] ?? {});
	expect(keys).toEqual([
		'id',
		'purpose',
		'provider',
		'model',
		'status',
		'error_code',
		'input_tokens',
		'cached_input_tokens',
		'cache_write_tokens',
		'output_tokens',
		'reasoning_tokens',
		'tier',
		'cost_usd',
		'cost_kzt',
		'latency_ms',
	]);
});
