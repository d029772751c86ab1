/**
 * The real stack for end-to-end tests: `npm start` itself, in a folder of its own and on free ports.
 * Within one Jest run stacks are shared by their model choice (e2e-global-setup.ts); the run's end stops them.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isProcessAlive, waitForEnd } from '../../scripts/stack/process-life';
import type { StackProcess } from '../../scripts/stack/queue-mode';
import { readRunningStack } from '../../scripts/stack/running-stack';
import { loadSecrets } from '../../scripts/stack/stack-secrets';
import { locateStateFolder } from '../../scripts/stack/state-folder';

/** Folder of this run's stacks; set by the global setup. */
export const STACKS_DIR_ENV = 'TRUFFLES_E2E_DIR';

const REPOSITORY = path.resolve(__dirname, '..', '..');
/** The first start on a fresh clone also installs n8n (some three minutes on two cores). */
const START_TIMEOUT_MS = 590_000;
const STOP_TIMEOUT_MS = 60_000;
const POLL_MS = 200;
const LOG_LINES = 25;

export interface RunningTestStack {
	readonly n8nUrl: string;
	readonly apiKey: string;
	readonly sandboxUrl: string;
	/** As administrator. */
	readonly databaseAdminUrl: string;
	/** As role truffles_app. */
	readonly databaseAppUrl: string;
	/** State folder, for example for `npm run chat` with TRUFFLES_HOME. */
	readonly home: string;
	/** The short public address. */
	gatewayUrl(slug: string): string;
	/** Only the demo salon is onboarded. */
	webhookSecret(slug: string): string;
	/** The webhook process in queue mode, otherwise n8n itself. */
	readonly webhookUrl: string;
	/** With its password; null when none is used. */
	readonly redisUrl: string | null;
	/** The processes of queue mode as they are now: one that was killed has another id when it is started again. */
	processes(): Promise<readonly StackProcess[]>;
	/** n8n's log so far (in queue mode main's), or that of another process. */
	logs(file?: string): string;
	/** Stops a stack that was started for this caller alone; a shared one goes on until the run ends. */
	stop(): Promise<void>;
}

/** Starts the stack, or joins the one of this run with the same model choice. */
export async function startStack({
	model = 'sandbox',
	queueMode = false,
}: { readonly model?: 'off' | 'sandbox'; readonly queueMode?: boolean } = {}): Promise<RunningTestStack> {
	const shared = process.env[STACKS_DIR_ENV];
	const name = queueMode ? `${model}-queue-mode` : model;
	const home = shared === undefined ? mkdtempSync(path.join(tmpdir(), 'truffles-e2e-')) : path.join(shared, name);
	const environment: NodeJS.ProcessEnv = { ...process.env, TRUFFLES_HOME: home };
	// Queue mode gets a Redis of its own: its tests empty it.
	if (queueMode) delete environment.REDIS_URL;
	const flags = ['--model', model, ...(queueMode ? ['--queue-mode'] : [])];
	if ((await readRunningStack(environment)) === null) await launch(home, flags, environment);
	const stack = await readRunningStack(environment);
	if (stack === null) throw new Error(`The stack in ${home} is gone right after its start.`);
	const folder = locateStateFolder(environment);
	const secrets = loadSecrets(folder);
	return {
		n8nUrl: stack.n8nUrl,
		apiKey: stack.apiKey,
		sandboxUrl: stack.sandboxUrl,
		databaseAdminUrl: stack.databaseAdminUrl,
		databaseAppUrl: stack.databaseAppUrl,
		home,
		gatewayUrl: (slug) => `${stack.webhookUrl}/webhook/${slug}`,
		webhookSecret: (slug) => {
			if (slug !== 'demo_salon') throw new Error(`The test stack knows no secret of ${slug}.`);
			return secrets.webhookSecret;
		},
		webhookUrl: stack.webhookUrl,
		redisUrl: stack.redisUrl,
		processes: async () => (await readRunningStack(environment))?.processes ?? [],
		logs: (file = 'n8n.log') => readFileSync(path.join(folder.logsDir, file), 'utf8'),
		stop: async () => {
			if (shared === undefined) await stopStack(home);
		},
	};
}

/** Stops the stack of a folder and removes the folder. */
export async function stopStack(home: string): Promise<void> {
	const { lockFile } = locateStateFolder({ TRUFFLES_HOME: home });
	const pid = existsSync(lockFile) ? Number(readFileSync(lockFile, 'utf8')) : 0;
	if (pid > 0 && isProcessAlive(pid)) {
		process.kill(pid, 'SIGTERM');
		await waitForEnd(pid, STOP_TIMEOUT_MS);
	}
	rmSync(home, { recursive: true, force: true });
}

async function launch(home: string, flags: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
	mkdirSync(home, { recursive: true, mode: 0o711 });
	const output = path.join(home, 'start.out');
	const descriptor = openSync(output, 'w', 0o600);
	// Jest's own NODE_OPTIONS and NODE_ENV are not those of a user's shell.
	const { NODE_OPTIONS: _options, NODE_ENV: _env, npm_lifecycle_event: _event, ...clean } = environment;
	const child = spawn(
		process.execPath,
		[
			path.join(REPOSITORY, 'scripts', 'launch.cjs'),
			'start',
			'--n8n-port',
			'0',
			'--phone-port',
			'0',
			'--postgres-port',
			'0',
			...flags,
		],
		{
			env: clean,
			cwd: REPOSITORY,
			// The channel tells the stack when this process dies; it must not keep it alive.
			stdio: ['ignore', descriptor, descriptor, 'ipc'],
			detached: true,
		},
	);
	closeSync(descriptor);
	child.unref();
	child.channel?.unref();
	let ended = false;
	child.once('exit', () => {
		ended = true;
	});
	const deadline = performance.now() + START_TIMEOUT_MS;
	while ((await readRunningStack(environment)) === null) {
		if (ended || performance.now() > deadline) {
			const tail = readFileSync(output, 'utf8').trim().split('\n').slice(-LOG_LINES).join('\n');
			throw new Error(`The stack did not start:\n${tail}`);
		}
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
}
