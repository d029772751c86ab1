/** The commands of the README, run as a person types them, beside a running stack. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { locateStateFolder } from '../../scripts/stack/state-folder';
import { loadSecrets } from '../../scripts/stack/stack-secrets';
import { type RunningTestStack, startStack } from '../support/stack';
import { newPhone, plain } from '../support/world';

jest.setTimeout(90_000);

const root = path.resolve(__dirname, '../..');
let stack: RunningTestStack;

beforeAll(async () => {
	stack = await startStack({ model: 'sandbox' });
}, 600_000);
afterAll(async () => {
	await stack?.stop();
});

interface Ran {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** `npm run --silent <words>`, with the environment of the stack. */
async function npmRun(
	words: readonly string[],
	environment: Readonly<Record<string, string>> = {},
	input = '',
): Promise<Ran> {
	return await new Promise((resolve, reject) => {
		const child = spawn('npm', ['run', '--silent', ...words], {
			cwd: root,
			env: { ...process.env, TRUFFLES_HOME: stack.home, NO_COLOR: '1', ...environment },
		});
		let [stdout, stderr] = ['', ''];
		child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
		child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
		child.once('error', reject);
		child.once('close', (code) => resolve({ code, stdout, stderr }));
		child.stdin.end(input);
	});
}

test('chat sends one message through the gateway and prints one object', async () => {
	const { code, stdout } = await npmRun(['chat', '--', 'Вы до скольки работаете?', '--user', newPhone(), '--json']);
	expect(code).toBe(0);
	const answer = JSON.parse(stdout) as Record<string, unknown>;
	expect(Object.keys(answer).sort()).toEqual(
		['reply', 'outcome', 'route', 'intent', 'language', 'latencyMs', 'costUsd', 'conversationId', 'turnId'].sort(),
	);
	expect(answer).toMatchObject({
		outcome: 'answered',
		route: 'facts',
		intent: 'question_hours',
		language: 'ru',
		costUsd: 0,
	});
	expect(answer.reply).toContain('21:00');
});

test('chat prints the bare reply without --json, and holds a conversation without a text', async () => {
	const single = await npmRun(['chat', '--', 'Сколько стоит маникюр с гель-лаком?', '--user', newPhone()]);
	expect(plain(single.stdout)).toContain('8 000 ₸');
	const talk = await npmRun(['chat', '--', '--user', newPhone()], {}, 'Қайда орналасқансыз?\nрахмет\n');
	expect(talk.code).toBe(0);
	expect(talk.stdout).toContain('Наурызбай батыр');
	expect(talk.stdout).toContain('Оқасы жоқ');
});

test('chat without a running stack says so in one line and exits with 4', async () => {
	const home = mkdtempSync(path.join(tmpdir(), 'truffles-none-'));
	try {
		const { code, stdout, stderr } = await npmRun(['chat', '--', 'салем'], { TRUFFLES_HOME: home });
		expect(code).toBe(4);
		expect(stdout).toBe('');
		expect(stderr.trim().split('\n')).toHaveLength(1);
		expect(stderr).toContain('npm start');
	} finally {
		rmSync(home, { recursive: true, force: true });
	}
});

test('a second deploy of the same workflows changes nothing', async () => {
	const { code, stdout } = await npmRun(['deploy-workflows', '--', '--env', 'dev', '--json'], {
		TRUFFLES_N8N_URL: stack.n8nUrl,
		N8N_API_KEY: stack.apiKey,
	});
	expect(code).toBe(0);
	expect(JSON.parse(stdout)).toMatchObject({ result: 'unchanged', writes: 0 });
});

test('the operating commands of the README work on the running database', async () => {
	const secrets = loadSecrets(locateStateFolder({ TRUFFLES_HOME: stack.home }));
	const database = {
		DATABASE_URL: stack.databaseAdminUrl,
		TRUFFLES_APP_DB_PASSWORD: secrets.appDbPassword,
		TRUFFLES_MASTER_KEY: secrets.masterKey,
	};
	const status = await npmRun(['migrate', '--', 'status', '--json'], database);
	expect(status.code).toBe(0);
	const dryRun = await npmRun(['onboard', '--', 'demo/demo_salon', '--dry-run', '--json'], database);
	// The stack's own addresses differ from the folder's, so a plain onboarding would change the settings: 2 says so.
	expect([0, 2]).toContain(dryRun.code);
	expect(JSON.parse(dryRun.stdout)).toMatchObject({ slug: 'demo_salon', dryRun: true });
	expect((await npmRun(['lint-workflows'])).code).toBe(0);
});

test('usage tells what the month cost a client of the running stack', async () => {
	const month = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Almaty', year: 'numeric', month: '2-digit' })
		.format(new Date())
		.slice(0, 7);
	const { code, stdout } = await npmRun(['usage', '--', '--client', 'demo_salon', '--month', month, '--json']);
	expect(code).toBe(0);
	expect(JSON.parse(stdout)).toMatchObject({ client: 'demo_salon', month });
	const unknown = await npmRun(['usage', '--', '--client', 'nobody', '--month', month]);
	expect([unknown.code === 0, unknown.stderr]).toEqual([false, expect.stringContaining('nobody')]);
});
