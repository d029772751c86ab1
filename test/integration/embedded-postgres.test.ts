import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import {
	hydrateEmbeddedPostgres,
	startEmbeddedPostgres,
	type EmbeddedPostgres,
} from '../../lib/adapters/embedded-postgres';
import { migrate } from '../../lib/adapters/migrate-database';
import { assertAppRole, createPgDb } from '../../lib/adapters/pg-db';
import { findFreePort } from '../support/postgres';

jest.setTimeout(60_000);

let home: string;
let running: EmbeddedPostgres[];

beforeEach(() => {
	home = mkdtempSync(path.join(tmpdir(), 'truffles-embedded-'));
	running = [];
});
afterEach(async () => {
	for (const server of running) {
		await server.stop();
		rmSync(server.dataDir, { recursive: true, force: true });
	}
	rmSync(home, { recursive: true, force: true });
});

async function start(password: string, port: number): Promise<EmbeddedPostgres> {
	const server = await startEmbeddedPostgres({
		dataDir: path.join(home, 'data'),
		port,
		superuserPassword: password,
		log: () => undefined,
		settings: { fsync: 'off' },
	});
	running.push(server);
	return server;
}

async function query(url: string, sql: string): Promise<unknown[]> {
	const client = new Client({ connectionString: url });
	await client.connect();
	try {
		return (await client.query(sql)).rows;
	} finally {
		await client.end();
	}
}

test('data survives a restart on another port; Kazakh letters are lower-cased whatever the host locale is', async () => {
	const first = await start('p@ss word', await findFreePort());
	await query(first.url, `create table kept as select lower('ӘҒҚҢӨҰҮҺІ') as text`);
	await first.stop();
	await first.stop();
	const second = await start('p@ss word', await findFreePort());
	expect(second.adopted).toBe(false);
	expect(await query(second.url, 'select * from kept')).toEqual([{ text: 'әғқңөұүһі' }]);
});

test('a server that a killed run left behind is taken over', async () => {
	await start('p', await findFreePort());
	const port = await findFreePort();
	const second = await start('p', port);
	expect(second.adopted).toBe(true);
	expect(await query(second.url, `select current_setting('port') as port`)).toEqual([{ port: String(port) }]);
});

test('the server listens on this machine only and asks for a password', async () => {
	const server = await start('right', await findFreePort());
	expect(
		await query(
			server.url,
			`select current_setting('listen_addresses') as hosts, current_setting('unix_socket_directories') as sockets`,
		),
	).toEqual([{ hosts: '127.0.0.1', sockets: '' }]);
	await expect(query(server.url.replace(':right@', ':wrong@'), 'select 1')).rejects.toMatchObject({ code: '28P01' });
});

test('a port in use is named in the error', async () => {
	const other = createServer();
	const port = await findFreePort();
	await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
	await expect(start('p', port)).rejects.toThrow(`PostgreSQL did not start on port ${port}`);
	await new Promise((resolve) => other.close(resolve));
});

test('making the library links twice does no harm', () => {
	expect(hydrateEmbeddedPostgres()).toBe(hydrateEmbeddedPostgres());
});

test('an administrator who is not a superuser can migrate a new server, and every object belongs to a role without login', async () => {
	const server = await start('p', await findFreePort());
	await query(server.url, `create role hired login createrole password 'q'`);
	await query(server.url, 'create database hired owner hired');
	const urlAs = (user: string, password: string) =>
		Object.assign(new URL(server.url), { username: user, password, pathname: '/hired' }).toString();
	const options = { adminConnectionString: urlAs('hired', 'q'), appRolePassword: 'r' };
	const first = await migrate(options);
	expect(await migrate(options)).toEqual({ applied: [], alreadyApplied: first.applied.length });
	const owners = await query(
		urlAs('hired', 'q'),
		`select distinct r.rolname, r.rolcanlogin from pg_class c join pg_roles r on r.oid = c.relowner where c.relnamespace = 'truffles'::regnamespace`,
	);
	expect(owners).toEqual([{ rolname: 'truffles_owner', rolcanlogin: false }]);
	const app = createPgDb({ connectionString: urlAs('truffles_app', 'r'), applicationName: 'test' });
	await expect(assertAppRole(app)).resolves.toBeUndefined();
	await app.close();
});
