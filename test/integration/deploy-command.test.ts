/** `deploy-workflows` as a process of its own against the stand-in: exit codes, files it writes, what it prints. */
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { WorkflowFolder } from '../../lib/adapters/workflow-files';
import { committedWorkflows } from '../support/deploy-fixture';
import { API_KEY, N8nStandIn } from '../support/n8n-api-stand-in';

jest.setTimeout(120_000);

const REPOSITORY = path.resolve(__dirname, '..', '..');
const SECRET = 'a-secret-that-nobody-prints';

let folder: WorkflowFolder;
let n8n: N8nStandIn;
let url: string;
let home: string;
let dir: string;
let config: string;

beforeAll(async () => {
	folder = await committedWorkflows();
});

beforeEach(async () => {
	n8n = new N8nStandIn();
	n8n.installedPackage = '99.0.0';
	url = await n8n.start();
	for (const { name, type } of folder.inventory) n8n.addCredential(name, type);
	home = mkdtempSync(path.join(tmpdir(), 'truffles-deploy-'));
	dir = path.join(home, 'workflows');
	cpSync(path.join(REPOSITORY, 'workflows'), dir, { recursive: true });
	config = path.join(home, 'deploy.config.json');
	writeConfig({ staging: { url, protected: false }, prod: { url, protected: true } });
});

afterEach(async () => {
	await n8n.stop();
	rmSync(home, { recursive: true, force: true });
});

function writeConfig(environments: Record<string, Record<string, unknown>>): void {
	const complete = Object.entries(environments).map(([name, entry]) => [
		name,
		{ ...entry, lockFile: path.join(home, `${name}.lock.json`) },
	]);
	writeFileSync(config, JSON.stringify({ environments: Object.fromEntries(complete) as unknown }));
}

interface Ran {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

async function run(
	words: string,
	environment: Record<string, string> = { N8N_API_KEY: API_KEY },
	input = '',
): Promise<Ran> {
	return await new Promise((resolve, reject) => {
		const script = path.join(REPOSITORY, 'scripts', 'deploy-workflows.ts');
		const args = ['--require', 'ts-node/register', script, ...words.split(' '), '--config', config, '--dir', dir];
		const child = spawn(process.execPath, args, {
			cwd: REPOSITORY,
			env: { PATH: process.env.PATH, HOME: process.env.HOME, TRUFFLES_HOME: home, ...environment },
		});
		let [stdout, stderr] = ['', ''];
		child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
		child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
		child.once('error', reject);
		child.once('close', (code) => resolve({ code, stdout, stderr }));
		child.stdin.end(input);
	});
}

function editFile(key: string, change: (json: { nodes: Record<string, unknown>[] }) => void): void {
	const file = path.join(dir, `${key}.json`);
	const json = JSON.parse(readFileSync(file, 'utf8')) as { nodes: Record<string, unknown>[] };
	change(json);
	writeFileSync(file, `${JSON.stringify(json, null, 2)}\n`);
}

const note = (text: string) => (json: { nodes: Record<string, unknown>[] }) =>
	void json.nodes.forEach((node) => (node.name === 'Record error' ? (node.notes = text) : null));

/** An edit made in n8n's editor and published there. */
function editLive(text: string): void {
	const node = n8n.live('9_Error_Handler').nodes.find(({ name }) => name === 'Record error');
	if (node !== undefined) node.notes = text;
	for (const version of n8n.live('9_Error_Handler').versions.values())
		for (const entry of version.nodes) if (entry.name === 'Record error') entry.notes = text;
}

test('plan writes nothing and exits 2; the deploy exits 0 and remembers ids; the next one writes nothing at all', async () => {
	const plan = await run('plan --env staging');
	expect(plan).toMatchObject({ code: 2, stdout: expect.stringContaining('n8n 2.40.5, package 99.0.0') });
	expect(n8n.allWrites).toEqual([]);
	const deployed = await run('--env staging');
	expect(deployed).toMatchObject({ code: 0, stdout: expect.stringContaining('all workflows live') });
	expect(deployed.stderr).toContain('[8/8] 1_Webhook_Gateway created and published');
	const lock = JSON.parse(readFileSync(path.join(home, 'staging.lock.json'), 'utf8')) as {
		workflows: Record<string, string>;
	};
	expect(lock.workflows['1_Webhook_Gateway']).toBe(n8n.live('1_Webhook_Gateway').id);
	const writes = n8n.allWrites.length;
	const again = await run('--env staging --json');
	expect(again.code).toBe(0);
	expect(JSON.parse(again.stdout)).toMatchObject({ env: 'staging', result: 'unchanged', writes: 0 });
	expect(n8n.allWrites).toHaveLength(writes);
});

test('a protected environment takes only a saved plan, which is refused when either side moved', async () => {
	expect(await run('--env prod')).toMatchObject({ code: 4, stdout: expect.stringContaining('prod is protected') });
	expect(n8n.allWrites).toEqual([]);
	const plan = path.join(home, 'prod.plan.json');
	expect((await run(`plan --env prod --out ${plan}`)).code).toBe(2);
	expect(await run(`apply --env staging --plan ${plan}`)).toMatchObject({ code: 3 });
	editFile('9_Error_Handler', note('moved'));
	const stale = await run(`apply --env prod --plan ${plan}`);
	expect(stale).toMatchObject({ code: 3, stdout: expect.stringContaining('9_Error_Handler: its file moved') });
	expect(n8n.allWrites).toEqual([]);
	await run(`plan --env prod --out ${plan}`);
	expect((await run(`apply --env prod --plan ${plan}`)).code).toBe(0);

	editFile('9_Error_Handler', note('moved again'));
	await run(`plan --env prod --out ${plan}`);
	editLive('edited by a person');
	const moved = await run(`apply --env prod --plan ${plan}`);
	expect(moved).toMatchObject({ code: 3, stdout: expect.stringContaining("n8n's copy moved") });
	expect(await run('rollback --env prod')).toMatchObject({ code: 64, stderr: expect.stringContaining('--yes') });
	expect((await run('rollback --env prod --yes')).code).toBe(0);
	expect(readdirSync(path.join(home, 'backups', 'prod'))).toHaveLength(1);
});

test('drift tells who moved; an edit comes back into the file; what cannot be read is unknown', async () => {
	await run('--env staging');
	expect((await run('drift --env staging')).code).toBe(0);
	editLive('edited by a person');
	expect(await run('drift --env staging')).toMatchObject({
		code: 2,
		stdout: expect.stringMatching(/drifted +9_Error_Handler/),
	});
	expect(await run('--env staging')).toMatchObject({
		code: 4,
		stdout: expect.stringContaining('export --only 9_Error_Handler'),
	});
	expect((await run('export --env staging --only 9_Error_Handler --dry-run')).code).toBe(2);
	expect(await run('export --env staging --only 9_Error_Handler')).toMatchObject({
		code: 0,
		stdout: '9_Error_Handler written\n',
	});
	const original = path.join(REPOSITORY, 'workflows/9_Error_Handler.json');
	const lines = (file: string): string[] =>
		readFileSync(file, 'utf8')
			.split('\n')
			.map((line) => line.replace(/,$/, ''));
	const added = lines(path.join(dir, '9_Error_Handler.json')).filter((line) => !lines(original).includes(line));
	expect(added).toEqual(['      "notes": "edited by a person"']);
	expect((await run('drift --env staging')).code).toBe(0);
	editFile('8_Send_Response', (json) => (json.nodes[0] = { ...json.nodes[0], notes: 'x' }));
	expect((await run('drift --env staging')).stdout).toMatch(/pending +8_Send_Response/);
	n8n.misbehaviour = { method: 'GET', path: /workflows$/, mode: 500 };
	const unread = await run('drift --env staging --json');
	expect(unread.code).toBe(1);
	expect(
		new Set((JSON.parse(unread.stdout) as { workflows: { state: string }[] }).workflows.map(({ state }) => state)),
	).toEqual(new Set(['unknown']));
});

test('status shows the last deploys, and a rollback names its deploy', async () => {
	await run('--env staging');
	editFile('9_Error_Handler', note('second'));
	await run('--env staging');
	const status = JSON.parse((await run('status --env staging --json')).stdout) as {
		deploys: { deployId: string; state: string; changed: string[] }[];
	};
	expect(status.deploys.map(({ state, changed }) => [state, changed.length])).toEqual([
		['done', 1],
		['done', 8],
	]);
	const first = String(status.deploys[1]?.deployId);
	expect(await run(`rollback --env staging --to ${first} --dry-run`)).toMatchObject({
		code: 2,
		stdout: expect.stringContaining('9_Error_Handler'),
	});
	expect(await run(`rollback --env staging --to ${first}`)).toMatchObject({
		code: 0,
		stdout: expect.stringContaining(`back at ${first}`),
	});
	expect((await run('drift --env staging')).stdout).toMatch(/pending +9_Error_Handler/);
	expect((await run('rollback --env staging --with-prompts')).code).toBe(64);
});

test('a commit that the journal does not know is deployed from git', async () => {
	await run('--env staging');
	editFile('9_Error_Handler', note('second'));
	await run('--env staging');
	const writes = n8n.allWrites.length;
	const looked = await run('rollback --env staging --to HEAD --dry-run');
	expect(looked).toMatchObject({ code: 2, stdout: expect.stringContaining('~ 9_Error_Handler') });
	expect(n8n.allWrites).toHaveLength(writes);
	const back = await run('rollback --env staging --to HEAD');
	expect(back).toMatchObject({ code: 0, stderr: expect.stringContaining('deployed from git') });
	expect(n8n.live('9_Error_Handler').nodes.find(({ name }) => name === 'Record error')?.notes).toBeUndefined();
});

test('a release of the repository carries its commit, one of another folder none', async () => {
	const file = path.join(home, 'plan.json');
	const commitOf = async (folderToPlan: string): Promise<unknown> => {
		dir = folderToPlan;
		await run(`plan --env staging --out ${file}`);
		return (JSON.parse(readFileSync(file, 'utf8')) as { commit: unknown }).commit;
	};
	expect(await commitOf(dir)).toBeNull();
	expect(await commitOf(path.join(REPOSITORY, 'workflows'))).toMatch(/^[0-9a-f]{40}$/);
});

test('an instance without the package or with an n8n that is too old gets nothing, and the order is told', async () => {
	n8n.installedPackage = '0.0.1';
	expect(await run('--env staging')).toMatchObject({
		code: 4,
		stdout: expect.stringContaining('1. npm run migrate -- up, 2. the package in n8n'),
	});
	n8n.installedPackage = null;
	writeConfig({
		staging: { url, protected: false, requires: { package: true, migrations: true, n8n: { from: '2.41' } } },
	});
	const refused = await run('plan --env staging --json');
	expect(refused.code).toBe(4);
	const codes = (JSON.parse(refused.stdout) as { problems: { code: string }[] }).problems.map(({ code }) => code);
	expect(codes).toEqual(['n8n-version', 'package-unknown', 'migrations-unknown']);
	expect(n8n.allWrites).toEqual([]);
});

test('credentials are listed, and created from the environment or a vault that only its owner can read', async () => {
	n8n.credentials.length = 0;
	const listed = await run('credentials --env staging');
	expect(listed).toMatchObject({ code: 4, stdout: expect.stringContaining('TRUFFLES_CREDENTIAL_TRUFFLES_PLATFORM') });
	const vault = path.join(home, 'vault.json');
	writeFileSync(vault, JSON.stringify({ 'Truffles Models': { apiKey: SECRET } }), { mode: 0o644 });
	chmodSync(vault, 0o644);
	expect((await run(`credentials --env staging --vault ${vault}`)).code).toBe(64);
	chmodSync(vault, 0o600);
	const created = await run(`credentials --env staging --vault ${vault}`, {
		N8N_API_KEY: API_KEY,
		TRUFFLES_CREDENTIAL_TRUFFLES_PLATFORM: JSON.stringify({ masterKey: SECRET }),
	});
	expect(created).toMatchObject({ code: 0, stderr: '' });
	expect(n8n.credentials.map(({ name }) => name)).toEqual(['Truffles Platform', 'Truffles Models']);
	expect(created.stdout).not.toContain(SECRET);
});

test('a workflow is retired when its file and its callers are gone', async () => {
	await run('--env staging');
	expect(await run('retire 1_Webhook_Gateway --env staging')).toMatchObject({
		code: 4,
		stdout: expect.stringContaining('file'),
	});
	rmSync(path.join(dir, '1_Webhook_Gateway.json'));
	rmSync(path.join(dir, '8_Send_Response.json'));
	expect(await run('retire 8_Send_Response --env staging')).toMatchObject({
		code: 4,
		stdout: expect.stringContaining('still call it'),
	});
	expect((await run('retire 1_Webhook_Gateway --env staging')).code).toBe(0);
	expect(n8n.workflows.find(({ name }) => name === '1_Webhook_Gateway')).toMatchObject({
		isArchived: true,
		activeVersionId: null,
	});
	expect(await run('retire 1_Webhook_Gateway --env staging')).toMatchObject({
		code: 0,
		stdout: expect.stringContaining('is not there'),
	});
	expect(readFileSync(path.join(home, 'staging.lock.json'), 'utf8')).not.toContain('1_Webhook_Gateway');
});

test('several environments: backup first, stop at the first failure, that one is brought back, the rest is not reached', async () => {
	const [second, third] = [new N8nStandIn(), new N8nStandIn()];
	const stops = [second, third];
	try {
		const urls = [await second.start(), await third.start()];
		for (const instance of stops) for (const { name, type } of folder.inventory) instance.addCredential(name, type);
		writeConfig({
			a: { url, protected: false, tags: ['live'] },
			b: { url: urls[0], protected: false, tags: ['live'] },
			c: { url: urls[1], protected: false, tags: ['live'] },
			d: { url: 'http://127.0.0.1:9', protected: false },
		});
		const keys = { N8N_API_KEY_A: API_KEY, N8N_API_KEY_B: API_KEY, N8N_API_KEY_C: API_KEY };
		expect(await run('apply --all --tag live', { N8N_API_KEY: API_KEY })).toMatchObject({
			code: 64,
			stderr: expect.stringContaining('N8N_API_KEY_A'),
		});
		const plans = path.join(home, 'plans');
		expect((await run(`plan --all --tag live --out ${plans}`, keys)).code).toBe(2);
		rmSync(path.join(plans, 'b.plan.json'));
		expect((await run(`apply --all --tag live --plan ${plans}`, keys)).code).toBe(64);
		expect([...n8n.allWrites, ...second.allWrites, ...third.allWrites]).toEqual([]);
		expect((await run('apply --all --tag live', keys)).code).toBe(0);
		const before = second.live('9_Error_Handler').nodes;
		editFile('9_Error_Handler', note('new'));
		second.gatewayAnswer = null;
		const ran = await run('apply --all --tag live --json', keys);
		expect(ran.code).toBe(1);
		const { environments } = JSON.parse(ran.stdout) as {
			environments: { env: string; result: string; backup: string; report: unknown }[];
		};
		expect(environments.map(({ env, result }) => [env, result])).toEqual([
			['a', 'done'],
			['b', 'failed'],
			['c', 'not reached'],
		]);
		expect(environments[1]?.report).toMatchObject({ restored: 'restored' });
		expect(second.live('9_Error_Handler').nodes).toEqual(before);

		// The backup of "a" is proven by deploying it.
		const backup = String(environments[0]?.backup);
		expect(existsSync(path.join(backup, '9_Error_Handler.json'))).toBe(true);
		dir = backup;
		expect((await run('apply --env a', keys)).code).toBe(0);
		expect(n8n.live('9_Error_Handler').nodes.find(({ name }) => name === 'Record error')?.notes).toBeUndefined();
	} finally {
		for (const instance of stops) await instance.stop();
	}
});

test('a deploy whose process is killed is finished by the next, which takes its lock over', async () => {
	await run('--env staging');
	for (const { key } of folder.files) editFile(key, (json) => (json.nodes[0] = { ...json.nodes[0], notes: 'x' }));
	let publishes = 0;
	n8n.onRequest = (line) => {
		if (!line.endsWith('/publish')) return;
		publishes += 1;
		// From here on nothing is answered, until the process is dead.
		if (publishes === 3) n8n.misbehaviour = { method: 'POST', path: /publish$/, mode: 'silent' };
	};
	const killed = killAfter(() => publishes >= 3);
	expect(await killed).toBeNull();
	n8n.misbehaviour = null;
	n8n.onRequest = null;
	expect(n8n.tags).toHaveLength(1);
	expect(n8n.journal?.at(-1)?.state).toBe('running');
	const next = await run('apply --env staging');
	expect(next).toMatchObject({ code: 0, stderr: expect.stringContaining('taking over the lock') });
	expect(next.stdout).toContain('was interrupted');
	expect(n8n.workflows.every((workflow) => workflow.activeVersionId === workflow.versionId)).toBe(true);
	expect(n8n.tags).toEqual([]);
});

/** Runs an apply and kills it when the condition holds. Returns its exit code: null when the signal ended it. */
async function killAfter(condition: () => boolean): Promise<number | null> {
	return await new Promise((resolve, reject) => {
		const script = path.join(REPOSITORY, 'scripts', 'deploy-workflows.ts');
		const args = [
			'--require',
			'ts-node/register',
			script,
			'apply',
			'--env',
			'staging',
			'--config',
			config,
			'--dir',
			dir,
		];
		const child = spawn(process.execPath, args, {
			cwd: REPOSITORY,
			env: { PATH: process.env.PATH, TRUFFLES_HOME: home, N8N_API_KEY: API_KEY },
			stdio: 'ignore',
		});
		const timer = setInterval(() => {
			if (condition()) child.kill('SIGKILL');
		}, 20);
		child.once('error', reject);
		child.once('close', (code) => {
			clearInterval(timer);
			resolve(code);
		});
	});
}

describe('wrong use', () => {
	const cases = [
		{ words: 'deplyo --env staging', says: 'There is no verb "deplyo"' },
		{ words: 'plan', says: '--env' },
		{ words: 'plan --env nowhere', says: 'Known: staging, prod' },
		{ words: 'plan --env staging --api-key secret', says: 'unknown option' },
		{ words: 'apply --env staging --plan /nowhere.json', says: 'is not a saved plan' },
		{ words: 'rollback --env staging --to no-such-ref', says: 'neither a deploy id nor a git ref' },
	];
	for (const { words, says } of cases) {
		test(`"${words}" exits 64 and says why`, async () => {
			expect(await run(words)).toMatchObject({ code: 64, stdout: '', stderr: expect.stringContaining(says) });
			expect(n8n.allWrites).toEqual([]);
		});
	}

	test('the key comes from standard input too, and a wrong one is not told', async () => {
		expect((await run('plan --env staging --api-key-stdin', {}, `${API_KEY}\n`)).code).toBe(2);
		const wrong = await run('plan --env staging --api-key-stdin', {}, SECRET);
		expect(wrong.code).toBe(1);
		expect(wrong.stdout + wrong.stderr).not.toContain(SECRET);
	});
});

test('a plan for a pull request is Markdown', async () => {
	await run('--env staging');
	editFile('9_Error_Handler', note('| <b>`x`</b>'));
	const { stdout } = await run('plan --env staging --markdown');
	expect(stdout).toContain('| 9_Error_Handler | differs | pending |');
	expect(stdout).toContain('`` Record error: notes (none) -> "| <b>`x`</b>" ``');
});
