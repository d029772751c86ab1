import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import { startTestPostgres, type TestPostgres } from '../support/postgres';

jest.setTimeout(60_000);

let postgres: TestPostgres;
let db: PgDb;
let admin: PgDb;

beforeAll(async () => {
	postgres = await startTestPostgres();
	db = createPgDb({
		connectionString: postgres.appUrl,
		applicationName: 'test',
		maxConnections: 1,
		statementTimeoutMs: 500,
	});
	admin = createPgDb({ connectionString: postgres.adminUrl, applicationName: 'admin' });
});
afterAll(async () => {
	await Promise.all([db?.close(), admin?.close()]);
	await postgres?.stop();
});

const CURRENT = 'select current_client() as id';

/** Kills the server side of all connections of the role, as a restart of PostgreSQL would. */
async function killAppConnections(): Promise<void> {
	await admin.query(
		`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'truffles_app' and datname = current_database()`,
	);
}

async function waitUntil(ready: () => boolean): Promise<void> {
	for (let attempt = 0; attempt < 200 && !ready(); attempt++) await new Promise((resolve) => setTimeout(resolve, 20));
	expect(ready()).toBe(true);
}

test('the client of one transaction is gone in the next on the same connection', async () => {
	const id = randomUUID();
	expect((await db.asClient(id, async (tx) => tx.query(CURRENT))).rows).toEqual([{ id }]);
	expect((await db.query(CURRENT)).rows).toEqual([{ id: null }]);
	expect((await db.transaction(async (tx) => tx.query(CURRENT))).rows).toEqual([{ id: null }]);
});

test('work that throws is rolled back, its error is kept, and the connection is usable', async () => {
	const id = randomUUID();
	const failure = new Error('ours');
	await expect(
		db.transaction(async (tx) => {
			await tx.query(`insert into error_logs (id, code, message) values ($1, 'x', 'x')`, [id]);
			throw failure;
		}),
	).rejects.toBe(failure);
	expect((await admin.query('select 1 from error_logs where id = $1', [id])).rowCount).toBe(0);
});

test('what the server says about a statement keeps its SQLSTATE', async () => {
	await expect(db.query('select 1 / 0')).rejects.toMatchObject({ code: '22012' });
	await expect(db.query('select pg_sleep(3)')).rejects.toMatchObject({ code: '57014' });
});

test('something that is not a client id never reaches the database', async () => {
	await expect(db.asClient('salon', async () => 1)).rejects.toThrow(TypeError);
});

test('a connection that breaks inside a transaction is reported as unreachable, and the next call gets a new one', async () => {
	await expect(
		db.transaction(async (tx) => {
			await killAppConnections();
			return tx.query('select 1');
		}),
	).rejects.toMatchObject({ code: 'TRF_DB_UNREACHABLE' });
	expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('an idle connection that breaks does not end the process', async () => {
	await db.query('select 1');
	await killAppConnections();
	await new Promise((resolve) => setTimeout(resolve, 50));
	expect((await db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('a server that is not there, or is silent, is unreachable and the password is not in the error', async () => {
	const silent = createServer();
	const sockets = new Set<Socket>();
	silent.on('connection', (socket) => sockets.add(socket));
	await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
	const port = (silent.address() as AddressInfo).port;
	for (const url of [
		'postgres://u:hidden@127.0.0.1:1/x',
		`postgres://u:hidden@127.0.0.1:${port}/x`,
		'postgres://u:hidden@no-such-host.invalid/x',
	]) {
		const lost = createPgDb({ connectionString: url, applicationName: 'test', connectTimeoutMs: 300 });
		const error = await lost.query('select 1').catch((caught: unknown) => caught);
		expect(error).toMatchObject({ code: 'TRF_DB_UNREACHABLE' });
		expect(String(error)).not.toContain('hidden');
		await lost.close();
	}
	for (const socket of sockets) socket.destroy();
	await new Promise((resolve) => silent.close(resolve));
});

test('a listener hears notifications, and after a broken connection is told once that it may have missed some', async () => {
	const heard: string[] = [];
	const stop = await db.listen('truffles_test', (payload) => heard.push(payload));
	await admin.query(`select pg_notify('truffles_test', 'first')`);
	await waitUntil(() => heard.length === 1);
	await killAppConnections();
	await waitUntil(() => heard.length === 2);
	await admin.query(`select pg_notify('truffles_test', 'second')`);
	await waitUntil(() => heard.length === 3);
	await stop();
	await admin.query(`select pg_notify('truffles_test', 'third')`);
	await new Promise((resolve) => setTimeout(resolve, 50));
	expect(heard).toEqual(['first', '', 'second']);
});

test('close ends the listeners too, and can be called twice', async () => {
	const other = createPgDb({ connectionString: postgres.appUrl, applicationName: 'closing' });
	await other.listen('truffles_test', () => undefined);
	await other.close();
	await other.close();
	await new Promise((resolve) => setTimeout(resolve, 50));
	expect((await admin.query(`select 1 from pg_stat_activity where application_name like 'closing%'`)).rowCount).toBe(0);
});

test('a statement that was prepared before a migration changed its answer works again on the next call', async () => {
	await admin.query('create table truffles.widening (a integer)');
	await admin.query('grant select on truffles.widening to truffles_app');
	await admin.query('insert into truffles.widening values (1)');
	const read = async () =>
		await db.transaction(async (tx) => await tx.query('select * from widening where a = $1', [1]));
	expect((await read()).rows).toEqual([{ a: 1 }]);
	await admin.query('alter table truffles.widening add column b integer default 2');
	// One call per connection of the pool may fail, as with any restart of the database.
	await expect(read()).rejects.toMatchObject({ code: '0A000' });
	expect((await read()).rows).toEqual([{ a: 1, b: 2 }]);
});
