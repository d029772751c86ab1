/** The lines of the chaos world against a real PostgreSQL and a real HTTP server. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Client } from 'pg';

import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import { openPgLine, type PgLine } from '../../scripts/chaos/world/pg-line';
import type { Answer } from '../../scripts/chaos/world/pg-session-log';
import { type AnsweredCall, openServiceLine, type ServiceLine } from '../../scripts/chaos/world/service-line';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { eventually } from '../support/world';

describe('the line to PostgreSQL', () => {
	let postgres: TestPostgres;
	let direct: Client;
	let line: PgLine;
	let db: PgDb;
	let holdStatement: (text: string) => boolean;
	let holdAnswer: (answer: Answer) => boolean;

	beforeAll(async () => {
		postgres = await startTestPostgres();
		direct = new Client({ connectionString: postgres.adminUrl });
		await direct.connect();
		await direct.query('create table public.chaos_notes (note text)');
	}, 60_000);
	afterAll(async () => {
		await direct?.end();
		await postgres?.stop();
	}, 60_000);
	beforeEach(async () => {
		holdStatement = () => false;
		holdAnswer = () => false;
		await direct.query('truncate public.chaos_notes');
		line = await openPgLine(postgres.adminUrl, {
			onStatement: (text) => holdStatement(text),
			onAnswer: (answer) => holdAnswer(answer),
		});
		db = createPgDb({ connectionString: line.url, applicationName: 'chaos test', maxConnections: 3 });
	});
	afterEach(async () => {
		await db.close();
		await line.close();
	});

	const insert = async (note: string): Promise<unknown> =>
		await db.query('insert into public.chaos_notes values ($1)', [note]);
	const notes = async (): Promise<string[]> => {
		const { rows } = await direct.query<{ note: string }>('select note from public.chaos_notes order by note');
		return rows.map(({ note }) => note);
	};
	const isInsert = ({ text }: { readonly text: string }): boolean => text.startsWith('insert');
	const unreachable = { code: 'TRF_DB_UNREACHABLE' };

	test('a statement that is seen and not forwarded leaves nothing behind, and the line goes on', async () => {
		holdStatement = (text) => isInsert({ text });
		await expect(insert('never')).rejects.toMatchObject(unreachable);
		holdStatement = () => false;
		await insert('after');
		expect(await notes()).toEqual(['after']);
	});

	test('a commit whose answer is held is lasting, though the client never learns of it', async () => {
		holdAnswer = ({ committed }) => committed.some(isInsert);
		await expect(insert('kept')).rejects.toMatchObject(unreachable);
		expect(await notes()).toEqual(['kept']);
	});

	test('a transaction whose commit is held is undone; one whose answer to the commit is held is not', async () => {
		const write = async (note: string): Promise<unknown> =>
			await db.transaction(async (tx) => await tx.query('insert into public.chaos_notes values ($1)', [note]));
		holdStatement = (text) => text === 'commit';
		await expect(write('undone')).rejects.toMatchObject(unreachable);
		holdStatement = () => false;
		holdAnswer = ({ committed }) => committed.some(isInsert);
		await expect(write('kept')).rejects.toMatchObject(unreachable);
		expect(await notes()).toEqual(['kept']);
	});

	test('rows are counted, whatever their number and size', async () => {
		const seen: Answer[] = [];
		holdAnswer = (answer) => {
			seen.push(answer);
			return false;
		};
		const large = 'ұ'.repeat(300_000);
		const { rows } = await db.query<{ text: string }>('select $1 || n as text from generate_series(1, 20) n', [large]);
		expect(rows.map(({ text }) => text.length)).toEqual([...Array(20).keys()].map((n) => 300_000 + (n < 9 ? 1 : 2)));
		expect(seen.at(-1)?.committed.map((statement) => statement.rows)).toEqual([20]);
	});

	test('notifications pass, and many sessions do not get in each other’s way', async () => {
		const heard: string[] = [];
		const stop = await db.listen('chaos_test', (payload) => heard.push(payload));
		await Promise.all([...Array(30).keys()].map(async (n) => await insert(String(n).padStart(2, '0'))));
		await direct.query(`notify chaos_test, 'сәлем'`);
		await eventually('the notification', async () => (heard.includes('сәлем') ? true : undefined));
		await stop();
		expect(await notes()).toHaveLength(30);
	});

	test('a session that the server ends is told why, and the next one works', async () => {
		await insert('before');
		await expect(
			db.transaction(async (tx) => {
				const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
				await direct.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
				await tx.query('select pg_sleep(10)');
			}),
		).rejects.toMatchObject(unreachable);
		await insert('after');
		expect(await notes()).toEqual(['after', 'before']);
	});
});

describe('the line to the services', () => {
	let server: Server;
	let line: ServiceLine;
	let calls: string[];
	let hold: (call: AnsweredCall) => boolean;

	beforeEach(async () => {
		calls = [];
		hold = () => false;
		server = createServer((request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				calls.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`);
				if (request.url === '/hang') return;
				if (request.url === '/reset') return void request.socket.destroy();
				response.writeHead(request.url === '/refused' ? 429 : 200, { 'retry-after': '3' });
				response.end('{"ok":true}');
			});
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		line = await openServiceLine(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, (call) => hold(call));
	});
	afterEach(async () => {
		await line.close();
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	});

	const post = async (path: string, timeoutMs = 5_000): Promise<Response> =>
		await fetch(`${line.url}${path}`, { method: 'POST', body: 'сәлем', signal: AbortSignal.timeout(timeoutMs) });

	test('calls and answers pass as they are, refusals with their headers', async () => {
		expect(await (await post('/a?b=1')).json()).toEqual({ ok: true });
		const refused = await post('/refused');
		expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3']);
		expect(calls).toEqual(['POST /a?b=1 сәлем', 'POST /refused сәлем']);
	});

	test('an answer that is held: the service has done its work, the caller learns nothing', async () => {
		const seen: AnsweredCall[] = [];
		hold = (call) => seen.push(call) > 0;
		await expect(post('/send')).rejects.toThrow('fetch failed');
		expect(calls).toEqual(['POST /send сәлем']);
		expect(seen).toMatchObject([{ path: '/send', status: 200 }]);
	});

	test('a service that drops the connection, or never answers, is the same through the line', async () => {
		await expect(post('/reset')).rejects.toThrow('fetch failed');
		await expect(post('/hang', 200)).rejects.toThrow(/timeout/);
		expect(await (await post('/a')).json()).toEqual({ ok: true });
	});
});
