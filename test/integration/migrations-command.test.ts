import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { startTestPostgres, type TestPostgres } from '../support/postgres';

jest.setTimeout(60_000);

const ROOT = path.resolve(__dirname, '../..');
let postgres: TestPostgres;

beforeAll(async () => {
	postgres = await startTestPostgres();
});
afterAll(async () => postgres?.stop());

function run(args: readonly string[], env: Record<string, string>): { code: number | null; out: string; err: string } {
	const answer = spawnSync(
		process.execPath,
		[path.join(ROOT, 'node_modules/ts-node/dist/bin.js'), 'scripts/migrate.ts', ...args],
		{
			cwd: ROOT,
			encoding: 'utf8',
			env: { PATH: process.env['PATH'] ?? '', ...env },
		},
	);
	return { code: answer.status, out: answer.stdout, err: answer.stderr };
}

test('an empty database is pending (2), is migrated (0), and is then in step (0)', async () => {
	const { adminUrl } = await postgres.createEmptyDatabase();
	const env = { DATABASE_URL: adminUrl, TRUFFLES_APP_DB_PASSWORD: postgres.appPassword };
	const before = run(['status', '--json'], env);
	const pending = (JSON.parse(before.out) as { pending: string[] }).pending;
	expect({ code: before.code, some: pending.length > 8 }).toEqual({ code: 2, some: true });
	const up = run(['up', '--json'], env);
	expect(up.code).toBe(0);
	expect(JSON.parse(up.out)).toEqual({ applied: pending, alreadyApplied: 0 });
	expect(up.err).toContain(`[${pending.length}/${pending.length}]`);
	expect(up.out + up.err).not.toContain(postgres.appPassword);
	expect(run(['status'], env)).toMatchObject({ code: 0, out: expect.stringContaining('0 pending, 0 problems') });
});

const refused = [
	{ name: 'without DATABASE_URL', args: ['status'], env: {}, code: 64 },
	{
		name: 'without the password there is no default',
		args: ['up'],
		env: { DATABASE_URL: 'postgres://u@127.0.0.1:1/x' },
		code: 64,
	},
	{ name: 'an unknown verb', args: ['down'], env: {}, code: 64 },
	{ name: 'no verb', args: [], env: {}, code: 64 },
	{
		name: 'a server that is not there',
		args: ['status'],
		env: { DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/x' },
		code: 3,
	},
] as const;
for (const { name, args, env, code } of refused) {
	test(`${name} exits with ${code} and shows no password`, () => {
		const answer = run(args, env);
		expect(answer.code).toBe(code);
		expect(answer.out + answer.err).not.toContain('hidden');
	});
}

test('--help names the environment variables, the exit codes and examples', () => {
	const { code, out } = run(['--help'], {});
	expect(code).toBe(0);
	for (const part of ['DATABASE_URL', 'TRUFFLES_APP_DB_PASSWORD', 'Exit codes', 'Examples'])
		expect(out).toContain(part);
});
