import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NodeCrypto } from '../../lib/adapters/node-crypto';
import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import { ClientKeyring } from '../../lib/crypto/client-keys';
import { TrufflesError } from '../../lib/errors';
import { loadChunks } from '../../lib/knowledge/knowledge-store';
import type { ClientFolder } from '../../lib/onboarding/client-definition';
import { onboardClient, type OnboardingOptions, type OnboardingResult } from '../../lib/onboarding/onboard-client';
import { TenantStore } from '../../lib/tenant/tenant-store';
import { readClientFolder } from '../../scripts/onboard/read-client-folder';
import { startTestPostgres, type TestDatabase, type TestPostgres } from '../support/postgres';

const ROOT = path.resolve(__dirname, '../..');
const crypto = new NodeCrypto();
const MASTER_KEY = Buffer.alloc(32, 1);
const OVERRIDES = {
	channels: { whatsapp: { provider: 'chatflow', baseUrl: 'http://127.0.0.1:4010/chatflow', instanceId: 'i1' } },
	handover: { adapter: 'telegram', telegram: { apiBaseUrl: 'http://127.0.0.1:4010/telegram', chatId: -1001 } },
};

jest.setTimeout(60_000);

let postgres: TestPostgres;
let database: TestDatabase;
let admin: PgDb;
let app: PgDb;
let salon: ClientFolder;

beforeAll(async () => {
	postgres = await startTestPostgres();
	salon = await readClientFolder(path.join(ROOT, 'demo/demo_salon'), path.join(ROOT, 'packs'));
});
beforeEach(async () => {
	database = await postgres.createDatabase();
	admin = createPgDb({ connectionString: database.adminUrl, applicationName: 'test', maxConnections: 4 });
	app = createPgDb({ connectionString: database.appUrl, applicationName: 'test' });
});
afterEach(async () => {
	await Promise.all([admin.close(), app.close()]);
	await database.drop();
});
afterAll(async () => postgres?.stop());

async function onboard(changes: Partial<OnboardingOptions> = {}): Promise<OnboardingResult> {
	const keyring = new ClientKeyring(crypto, MASTER_KEY);
	return onboardClient({
		db: admin,
		keyring,
		crypto,
		folder: salon,
		settingsOverrides: OVERRIDES,
		secrets: { chatflow_token: 't' },
		...changes,
	});
}

function store(): TenantStore {
	return new TenantStore(app, new ClientKeyring(crypto, MASTER_KEY));
}

/** All rows of all tables that onboarding writes, with every column. */
async function contents(): Promise<string> {
	const tables = [
		'companies',
		'clients',
		'branches',
		'client_settings',
		'client_secrets',
		'staff',
		'prompts',
		'documents',
		'knowledge_chunks',
		'audit_log',
	];
	const rows = await Promise.all(
		tables.map(
			async (table) => (await admin.query(`select to_jsonb(t) as row from ${table} t order by to_jsonb(t)::text`)).rows,
		),
	);
	return JSON.stringify(rows);
}

test('the demo salon is served to the application role with settings, packs, branch and knowledge', async () => {
	const result = await onboard();
	expect(result).toMatchObject({ slug: 'demo_salon', created: true, configVersion: 1 });
	const client = await store().resolveBySlug('demo_salon');
	expect(client).toMatchObject({
		id: result.clientId,
		timeZone: 'Asia/Almaty',
		defaultLanguage: 'ru',
		rateLimitPerMinute: 100,
	});
	const id = client?.id ?? '';
	expect(await store().settings(id)).toMatchObject({
		handover: { telegram: { chatId: '-1001' } },
		channels: { whatsapp: { instanceId: 'i1' } },
	});
	const seen = await app.asClient(id, async (tx) => ({
		packs: (
			await tx.query<{ services: number; domain: string }>(
				`select jsonb_array_length(client_pack -> 'services') as services, domain_pack ->> 'domain' as domain from client_settings`,
			)
		).rows,
		branches: (await tx.query(`select key, is_default from branches`)).rows,
		chunks: await loadChunks(tx, id),
	}));
	expect(seen.packs[0]?.services).toBeGreaterThan(10);
	expect(seen.packs[0]?.domain).toBe('beauty_salon');
	expect(seen.branches).toEqual([{ key: 'main', is_default: true }]);
	expect(new Set(seen.chunks.map(({ source }) => source))).toEqual(
		new Set(salon.documents.map(({ path: name }) => name)),
	);
});

test('a second run changes nothing, not even a timestamp', async () => {
	await onboard();
	const before = await contents();
	const second = await onboard();
	expect(second).toMatchObject({ created: false, configVersion: 1, changes: [], generatedSecrets: {} });
	expect(await contents()).toBe(before);
});

test('five runs at once make one client', async () => {
	const results = await Promise.all(Array.from({ length: 5 }, async () => onboard()));
	expect(results.filter(({ created }) => created)).toHaveLength(1);
	expect(results.filter(({ changes }) => changes.length === 0)).toHaveLength(4);
	expect(new Set(results.map(({ clientId }) => clientId)).size).toBe(1);
});

test('webhook secrets are made up once and kept; a given one replaces it', async () => {
	const first = await onboard();
	expect(Object.keys(first.generatedSecrets).sort()).toEqual(['telegram_webhook_secret', 'webhook_secret']);
	const id = first.clientId ?? '';
	expect(await store().secret(id, 'webhook_secret')).toBe(first.generatedSecrets['webhook_secret']);
	expect(first.generatedSecrets['telegram_webhook_secret']).toMatch(/^[A-Za-z0-9_-]{32}$/);
	const second = await onboard({ secrets: { webhook_secret: 'mine', chatflow_token: '' } });
	expect(second.changes).toEqual([{ kind: 'secret', action: 'update', name: 'webhook_secret' }]);
	expect(await store().secret(id, 'webhook_secret')).toBe('mine');
	expect(await store().secret(id, 'chatflow_token')).toBe('t');
});

test('only what changed is written, and the config version grows by one', async () => {
	await onboard();
	const [edited, ...others] = salon.documents;
	const documents = [
		{
			path: edited?.path ?? '',
			text: `${readFileSync(path.join(ROOT, 'demo/demo_salon', edited?.path ?? ''), 'utf8')}\n\n## Парковка\n\nЕсть парковка.\n`,
		},
		...others.slice(1),
	];
	const result = await onboard({ folder: { ...salon, documents } });
	expect(result.changes).toEqual([
		{ kind: 'document', action: 'update', name: edited?.path },
		{ kind: 'document', action: 'delete', name: others[0]?.path },
	]);
	expect(result.configVersion).toBe(2);
	const chunks = await app.asClient(result.clientId ?? '', async (tx) => loadChunks(tx, result.clientId ?? ''));
	expect(chunks.some(({ source }) => source === others[0]?.path)).toBe(false);
	expect(chunks.filter(({ text }) => text.includes('Есть парковка.'))).toHaveLength(1);
});

test('the default can move from one branch to another', async () => {
	const client = salon.client as { branches: { key: string; name: string }[] };
	const withBranches = (def: string): ClientFolder => ({
		...salon,
		client: { ...client, branches: ['main', 'second'].map((key) => ({ key, name: key, is_default: key === def })) },
	});
	await onboard({ folder: withBranches('main') });
	const moved = await onboard({ folder: withBranches('second') });
	expect(moved.changes.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['branch main', 'branch second']);
	expect((await admin.query('select key from branches where is_default')).rows).toEqual([{ key: 'second' }]);
	const without = await onboard();
	expect(without.notes).toEqual(['branch second is not in the folder and stays']);
});

test('a prompt gets a new version, the old one stays readable', async () => {
	const withPrompt = (body: string): ClientFolder => ({
		...salon,
		client: { ...(salon.client as object), prompts: { reply: body } },
	});
	await onboard({ folder: withPrompt('first') });
	await onboard({ folder: withPrompt('second') });
	const { rows } = await admin.query('select version, body, is_active from prompts order by version');
	expect(rows).toEqual([
		{ version: 1, body: 'first', is_active: false },
		{ version: 2, body: 'second', is_active: true },
	]);
});

test('a dry run of a new and of a changed client plans and writes nothing', async () => {
	const before = await contents();
	const planned = await onboard({ dryRun: true });
	expect(planned.clientId).toBeNull();
	expect(planned.changes.length).toBeGreaterThan(8);
	expect(await contents()).toBe(before);
	const written = await onboard();
	expect(planned.changes).toEqual(written.changes);
	expect((await onboard({ dryRun: true, secrets: { chatflow_token: 'new' } })).changes).toEqual([
		{ kind: 'secret', action: 'update', name: 'chatflow_token' },
	]);
	expect(await store().secret(written.clientId ?? '', 'chatflow_token')).toBe('t');
});

test('another master key is noticed before anything is written', async () => {
	await onboard();
	const before = await contents();
	await expect(
		onboard({ keyring: new ClientKeyring(crypto, Buffer.alloc(32, 9)), secrets: { chatflow_token: 'new' } }),
	).rejects.toMatchObject({ code: 'TRF_SECRET_UNREADABLE' });
	expect(await contents()).toBe(before);
});

test("the nodes' role cannot onboard", async () => {
	await expect(onboard({ db: app })).rejects.toMatchObject({ code: '42501' });
});

test('the problems of all files are reported together and nothing is written', async () => {
	const before = await contents();
	const folder: ClientFolder = {
		...salon,
		client: { ...(salon.client as object), slug: 'Demo Salon', time_zone: 'Almaty', colour: 'red' },
		pack: { services: [] },
		documents: [{ path: 'empty.md', text: '<!-- nothing -->' }],
	};
	const error = await onboard({
		folder,
		settingsOverrides: { burst: { maxMs: 1 } },
		secrets: { chatflow: 'do-not-print' },
	}).catch((caught: unknown) => caught);
	expect(error).toBeInstanceOf(TrufflesError);
	const { code, message } = error as TrufflesError;
	expect(code).toBe('TRF_ONBOARD_INVALID');
	for (const part of [
		'client/slug',
		'unknown key "colour"',
		'pack.yaml:',
		'empty.md: holds no text',
		'settings/burst',
		'secrets: unknown chatflow',
	])
		expect(message).toContain(part);
	expect(message).not.toContain('do-not-print');
	expect(await contents()).toBe(before);
});

describe('the command', () => {
	const tsNode = path.join(ROOT, 'node_modules/ts-node/dist/bin.js');
	const run = (args: readonly string[], env: Record<string, string> = {}, input = '') => {
		const base = {
			PATH: process.env['PATH'] ?? '',
			DATABASE_URL: database.adminUrl,
			TRUFFLES_MASTER_KEY: MASTER_KEY.toString('base64'),
		};
		const answer = spawnSync(process.execPath, [tsNode, 'scripts/onboard.ts', ...args], {
			cwd: ROOT,
			encoding: 'utf8',
			env: { ...base, ...env },
			input,
		});
		return { code: answer.status, out: answer.stdout, err: answer.stderr };
	};

	test('a dry run says that there is something to do, a real one does it, the next one finds nothing', () => {
		expect(run(['demo/demo_salon', '--dry-run']).code).toBe(2);
		const first = run(
			['demo/demo_salon', '--secrets-stdin'],
			{},
			'{"webhook_secret":"never-shown-1","chatflow_token":"never-shown-2"}',
		);
		expect(first.code).toBe(0);
		expect(first.out + first.err).not.toContain('never-shown');
		const second = run(['demo/demo_salon', '--json']);
		expect(second.code).toBe(0);
		expect(JSON.parse(second.out)).toMatchObject({ slug: 'demo_salon', changes: [], configVersion: 1 });
	});

	test('a folder with a broken file is refused, a missing variable is wrong usage, a dead server is the environment', () => {
		const dir = mkdtempSync(path.join(tmpdir(), 'truffles-client-'));
		cpSync(path.join(ROOT, 'demo/demo_salon'), dir, { recursive: true });
		writeFileSync(path.join(dir, 'pack.yaml'), `${readFileSync(path.join(dir, 'pack.yaml'), 'utf8')}\nname: [\n`);
		expect(run([dir])).toMatchObject({ code: 4, err: expect.stringContaining('pack.yaml') });
		rmSync(dir, { recursive: true });
		expect(run(['demo/demo_salon'], { TRUFFLES_MASTER_KEY: '' }).code).toBe(64);
		expect(run(['demo/demo_salon'], { TRUFFLES_MASTER_KEY: 'c2hvcnQ=' }).code).toBe(64);
		expect(run(['demo/demo_salon'], { DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/x' })).toMatchObject({
			code: 3,
			err: expect.not.stringContaining('hidden'),
		});
		expect(run([]).code).toBe(64);
	});
});
