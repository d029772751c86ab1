/** Deploys against the real n8n: what the stand-in of the integration tests is believed to do, n8n does. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { sha256Hex } from '../../lib/adapters/migrate-database';
import { createDeployStore } from '../../lib/adapters/n8n-deploy-store';
import type { LiveWorkflow } from '../../lib/ports/n8n-api';
import { hashLive } from '../../lib/workflows/workflow-hash';
import { retireWorkflow } from '../../lib/workflows/retire-workflow';
import type { WorkflowFile } from '../../lib/workflows/workflow-file';
import { committedWorkflows, DeployFixture } from '../support/deploy-fixture';
import { startStack, type RunningTestStack } from '../support/stack';
import { copyWorkflows } from '../support/workflow-copies';

const REPOSITORY = path.resolve(__dirname, '..', '..');
const PROBE_CLIENT = 'nobody_of_this_name';
const TIMEOUT_MS = 30_000;

jest.setTimeout(90_000);

let stack: RunningTestStack;
let fixture: DeployFixture;

beforeAll(async () => {
	stack = await startStack();
	fixture = new DeployFixture(stack.n8nUrl, await committedWorkflows(), TIMEOUT_MS, stack.apiKey);
	// The journal says what the start has deployed; from here on the tests' own deploys count.
	expect(['done', 'unchanged']).toContain((await fixture.deploy({ overwrite: 'all' })).result);
}, 600_000);

afterAll(async () => {
	await fixture?.deploy({ overwrite: 'all' });
	await stack?.stop();
}, 60_000);

type State = Pick<LiveWorkflow, 'id' | 'versionId' | 'activeVersionId' | 'updatedAt'>;

async function state(): Promise<Record<string, State>> {
	const ours = (await fixture.api.listWorkflows()).filter(({ isArchived }) => !isArchived);
	return Object.fromEntries(
		ours.map(({ name, id, versionId, activeVersionId, updatedAt }) => [
			name,
			{ id, versionId, activeVersionId, updatedAt },
		]),
	);
}

/** Contents of every workflow, saved and live, whatever their versions are called. */
async function contents(): Promise<Record<string, string>> {
	const ours = (await fixture.api.listWorkflows()).filter(({ isArchived }) => !isArchived);
	return Object.fromEntries(ours.map((live) => [live.name, hashLive(live, [], sha256Hex)]));
}

/** The gateway's own answer to a client that does not exist; n8n's answer to an unregistered address has another body. */
async function gatewayAnswers(): Promise<boolean> {
	const response = await fetch(`${stack.n8nUrl}/webhook/in/whatsapp/${PROBE_CLIENT}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: '{}',
	});
	return response.status === 404 && (await response.text()).includes('TRF_CLIENT_UNKNOWN');
}

/** Files in which the gateway and one sub-workflow have moved: a change at the door and one behind it. */
function moved(by: number): WorkflowFile[] {
	const all = fixture.allMoved(by);
	return fixture.folder.files.map((file) =>
		/^[19]_/.test(file.key) ? (all.find(({ key }) => key === file.key) ?? file) : file,
	);
}

test('a deploy of what is deployed writes nothing: no version and no updatedAt moves', async () => {
	const before = await state();
	expect(Object.keys(before).sort()).toEqual(fixture.folder.files.map((file) => file.key).sort());
	const startedMs = performance.now();
	expect(await fixture.deploy()).toMatchObject({ result: 'unchanged', writes: 0, problems: [] });
	expect(performance.now() - startedMs).toBeLessThan(3_000);
	expect(await state()).toEqual(before);
	for (const { versionId, activeVersionId } of Object.values(before)) expect(activeVersionId).toBe(versionId);
});

test('webhooks answer every request while twenty deploys in a row change what is live', async () => {
	let deploying = true;
	const answers: boolean[] = [];
	const load = [1, 2, 3].map(async () => {
		while (deploying) {
			answers.push(await gatewayAnswers());
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	});
	const results: string[] = [];
	for (let run = 0; run < 20; run += 1)
		results.push((await fixture.deploy({ files: moved(run % 2 === 0 ? 160 : 320) })).result);
	deploying = false;
	await Promise.all(load);
	expect(results).toEqual(Array(20).fill('done'));
	expect(answers.length).toBeGreaterThan(100);
	expect(answers.filter((answer) => !answer)).toEqual([]);
	process.stderr.write(`20 deploys: ${answers.length} requests, all answered\n`);
}, 180_000);

test('when the gateway does not answer afterwards, everything is live as before, and the settings too', async () => {
	await fixture.deploy();
	const before = await contents();
	const files = fixture.allMoved().map((file) => ({
		...file,
		json: { ...file.json, settings: { ...file.json.settings, timezone: 'Asia/Almaty' } },
	}));
	const probe = { ask: async () => ({ kind: 'none' as const, problem: 'told by the test' }) };
	const report = await fixture.deploy({ files, probe });
	expect(report).toMatchObject({
		result: 'failed',
		restored: 'restored',
		problems: [{ code: 'TRF_DEPLOY_PROBE_FAILED' }],
	});
	expect(await contents()).toEqual(before);
	expect(await fixture.deploy()).toMatchObject({ result: 'unchanged' });
	expect(await gatewayAnswers()).toBe(true);
});

test('a setting that the file no longer names is gone after the deploy, although n8n merges settings', async () => {
	const files = fixture.withChange('9_Error_Handler', ({ json }) => ({
		...json,
		settings: { ...json.settings, timezone: 'Asia/Almaty', executionTimeout: 60, saveExecutionProgress: true },
	}));
	expect(await fixture.deploy({ files })).toMatchObject({ result: 'done' });
	expect(await fixture.deploy()).toMatchObject({ result: 'done' });
	const [live] = await fixture.api.findWorkflows('9_Error_Handler');
	expect(live?.body.settings).toMatchObject({ saveExecutionProgress: false });
	expect(live?.body.settings).not.toHaveProperty('timezone');
	expect(live?.body.settings).not.toHaveProperty('executionTimeout');
	expect(await fixture.deploy()).toMatchObject({ result: 'unchanged' });
});

test('eighteen workflows: first deploy, no change, change, rollback; also when n8n has forgotten the versions', async () => {
	const files = copyWorkflows(fixture.folder.files, 3);
	expect(files).toHaveLength(18);
	const timed = async <T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> => {
		const startedMs = performance.now();
		const result = await work();
		return { result, ms: Math.round(performance.now() - startedMs) };
	};
	const first = await timed(() => fixture.deploy({ files }));
	expect(first.result).toMatchObject({ result: 'done', writes: 36 });
	const again = await timed(() => fixture.deploy({ files }));
	expect(again.result).toMatchObject({ result: 'unchanged' });
	const before = await contents();
	const changed = files.map(({ key, json }) => ({
		key,
		json: { ...json, nodes: json.nodes.map((node) => ({ ...node, position: [(node.position[0] ?? 0) + 16, 0] })) },
	}));
	expect(await fixture.deploy({ files: changed })).toMatchObject({ result: 'done' });
	const database = new Client({ connectionString: stack.databaseAdminUrl });
	await database.connect();
	await database.query(
		`delete from n8n.workflow_history h using n8n.workflow_entity w
		where h."workflowId" = w.id and w.name like '701%' and h."versionId" not in (w."versionId", w."activeVersionId")`,
	);
	await database.end();
	const back = await timed(() => fixture.rollback());
	expect(back.result).toMatchObject({ result: 'done', problems: [] });
	expect(await contents()).toEqual(before);
	process.stderr.write(`18 workflows: first ${first.ms} ms, no change ${again.ms} ms, rollback ${back.ms} ms\n`);
	expect(first.ms).toBeLessThan(20_000);
	expect(again.ms).toBeLessThan(3_000);
	expect(back.ms).toBeLessThan(10_000);

	const store = createDeployStore(fixture.access());
	for (const { key } of [...files].sort(
		(a, b) => (/9_Error|8_Send/.test(a.key) ? 1 : 0) - (/9_Error|8_Send/.test(b.key) ? 1 : 0),
	)) {
		const report = await retireWorkflow({
			api: fixture.api,
			store,
			key,
			hasFile: false,
			lockedIds: new Map(),
			dryRun: false,
			sleep: async (ms) => void (await new Promise((resolve) => setTimeout(resolve, ms))),
			isGone: () => false,
			monotonicMs: () => performance.now(),
			onProgress: () => undefined,
			takeOver: false,
		});
		expect(report).toMatchObject({ result: 'done', problems: [] });
	}
	expect(Object.keys(await state())).not.toContain(files[0]?.key);
});

test('two deploys at once: one is done, the other is blocked and says by whom', async () => {
	const reports = await Promise.all([fixture.deploy({ files: moved(160) }), fixture.deploy({ files: moved(320) })]);
	expect(reports.map(({ result }) => result).sort()).toEqual(['blocked', 'done']);
	expect(reports.flatMap(({ problems }) => problems.map(({ code }) => code))).toEqual(['locked']);
	expect(await fixture.deploy()).toMatchObject({ result: 'done' });
});

test('a deploy that is killed in the middle is finished by the next one, and webhooks answer meanwhile', async () => {
	const dir = mkdtempSync(path.join(tmpdir(), 'truffles-deploy-'));
	try {
		cpSync(path.join(REPOSITORY, 'workflows'), dir, { recursive: true });
		for (const { key } of fixture.folder.files) {
			const file = path.join(dir, `${key}.json`);
			const json = JSON.parse(readFileSync(file, 'utf8')) as {
				settings: Record<string, unknown>;
				nodes: { notes?: string }[];
			};
			json.nodes[0] = { ...json.nodes[0], notes: 'changed by a test' };
			writeFileSync(file, `${JSON.stringify(json, null, 2)}\n`);
		}
		const killed = await command(['apply', '--env', 'dev', '--dir', dir, '--overwrite', 'all'], '[3/');
		expect(killed.code).toBeNull();
		const between = Object.values(await state()).filter(
			({ versionId, activeVersionId }) => versionId !== activeVersionId,
		);
		expect(between.length).toBeGreaterThan(0);
		expect(await gatewayAnswers()).toBe(true);
		const finished = await command(['apply', '--env', 'dev', '--dir', dir, '--json']);
		expect(finished).toMatchObject({ code: 0, stderr: expect.stringContaining('taking over the lock') });
		expect(JSON.parse(finished.stdout)).toMatchObject({
			result: 'done',
			notes: [expect.stringContaining('was interrupted')],
		});
		for (const { versionId, activeVersionId } of Object.values(await state())) expect(activeVersionId).toBe(versionId);
		const status = await command(['status', '--env', 'dev', '--dir', dir]);
		expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining('superseded') });
		// Told by the front door: n8n does not list a package that it has not installed itself.
		expect(status.stdout).toMatch(/n8n \d+\.\d+\.\d+, package \d+\.\d+\.\d+ .*migrations all applied/);
		// One rollback goes behind both: to what ran before the one that was killed.
		expect(await command(['rollback', '--env', 'dev', '--dir', dir])).toMatchObject({ code: 0 });
		expect(await fixture.deploy()).toMatchObject({ result: 'unchanged' });
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
});

interface Ran {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** The command as a process of its own, beside the running stack; killed as soon as its talk holds `killAt`. */
async function command(args: readonly string[], killAt?: string): Promise<Ran> {
	return await new Promise((resolve, reject) => {
		const script = path.join(REPOSITORY, 'scripts', 'deploy-workflows.ts');
		const { NODE_OPTIONS: _options, ...environment } = process.env;
		const child = spawn(process.execPath, ['--require', 'ts-node/register', script, ...args], {
			cwd: REPOSITORY,
			env: { ...environment, TRUFFLES_HOME: stack.home, NO_COLOR: '1', N8N_API_KEY: '' },
		});
		let [stdout, stderr] = ['', ''];
		child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
		child.stderr.on('data', (chunk: Buffer) => {
			stderr += chunk.toString('utf8');
			if (killAt !== undefined && stderr.includes(killAt)) child.kill('SIGKILL');
		});
		child.once('error', reject);
		child.once('close', (code) => resolve({ code, stdout, stderr }));
	});
}
