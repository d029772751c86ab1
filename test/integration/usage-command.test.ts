/** `npm run usage` on a real PostgreSQL; every expected figure was computed by hand. */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { costKzt } from '../../lib/billing/price';
import type { UsageReport } from '../../lib/billing/usage-report';
import { addClient } from '../support/billing-fixture';
import { startTestPostgres, type TestPostgres } from '../support/postgres';

jest.setTimeout(120_000);

const ROOT = path.resolve(__dirname, '../..');
const RATE = '500';
/** October 2025 in Almaty (UTC+5) is from September 30th, 19:00Z to October 31st, 19:00Z. */
const BEFORE = '2025-09-30T18:59:59.999Z';
const FIRST = '2025-09-30T19:00:00Z';
const LAST = '2025-10-31T18:59:59.999Z';
const AFTER = '2025-10-31T19:00:00Z';
const EMPTY_HOME = mkdtempSync(path.join(tmpdir(), 'truffles-no-stack-'));

let postgres: TestPostgres;
let admin: Client;
let clientId: string;

interface Call {
	readonly purpose: string;
	readonly model: string;
	readonly tokens: readonly [input: number, cached: number, output: number];
	readonly usd: string;
	readonly status?: string;
}

beforeAll(async () => {
	postgres = await startTestPostgres();
	admin = new Client({ connectionString: postgres.adminUrl });
	await admin.connect();
	clientId = await addClient(admin, 'Asia/Almaty', 'usage_salon');
	await admin.query(`insert into truffles.client_settings (client_id, settings) values ($1, $2)`, [
		clientId,
		{ model: { usdKztRate: RATE, strong: 'gpt-4.1' } },
	]);
	await seedOctober();
	await addClient(admin, 'Asia/Almaty', 'quiet_salon');
	const other = await addClient(admin, 'Asia/Almaty', 'other_salon');
	await addTurn({ client: other, at: FIRST, outcome: 'answered', calls: [strongReply] });
});
afterAll(async () => {
	await admin?.end();
	await postgres?.stop();
});

// Dollars per million: gpt-4.1-mini 0.40 / 0.10 / 1.60, gpt-4.1 2.00 / 0.50 / 8.00, text-embedding-3-small 0.02.
const classify: Call = { purpose: 'classify', model: 'gpt-4.1-mini', tokens: [100, 0, 10], usd: '0.000056000' };
const cheapReply: Call = { purpose: 'reply', model: 'gpt-4.1-mini', tokens: [1_000, 400, 100], usd: '0.000440000' };
const strongReply: Call = { purpose: 'reply', model: 'gpt-4.1', tokens: [2_000, 0, 200], usd: '0.005600000' };
const refused: Call = {
	purpose: 'reply',
	model: 'gpt-4.1-mini',
	tokens: [0, 0, 0],
	usd: '0.000000000',
	status: 'refused',
};
const embedding: Call = {
	purpose: 'embedding',
	model: 'text-embedding-3-small',
	tokens: [10, 0, 0],
	usd: '0.000000200',
};

async function seedOctober(): Promise<void> {
	const [a, b, c] = [await addConversation(), await addConversation(), await addConversation()];
	await addTurn({ at: FIRST, outcome: 'answered', conversation: a, calls: [classify, cheapReply] });
	await addTurn({ at: LAST, outcome: 'answered', conversation: a, calls: [refused, strongReply] });
	await addTurn({ at: LAST, outcome: 'answered', conversation: b, calls: [] });
	await addTurn({ at: LAST, outcome: 'answered', conversation: b, calls: [classify] });
	await addTurn({ at: LAST, outcome: 'handed_over', conversation: c, calls: [embedding] });
	await addTurn({ at: BEFORE, outcome: 'answered', conversation: c, calls: [strongReply] });
	await addTurn({ at: AFTER, outcome: 'answered', conversation: c, calls: [strongReply] });
	await addTurn({ at: LAST, outcome: 'handled', kind: 'manager', calls: [] });
	for (const at of [BEFORE, FIRST, FIRST, LAST]) await addMessage(a, 'inbound', 'user', at);
	for (const at of [FIRST, LAST, AFTER]) await addMessage(a, 'outbound', 'bot', at);
	await admin.query(
		`insert into truffles.handovers (client_id, conversation_id, reason, created_at) values ($1, $2, 'booking', $3)`,
		[clientId, c, LAST],
	);
}

async function addConversation(): Promise<string> {
	const user = await admin.query<{ id: string }>(
		`insert into truffles.users (client_id, channel, address_hash, address_enc) values ($1, 'whatsapp', $2, '') returning id`,
		[clientId, randomUUID()],
	);
	const { rows } = await admin.query<{ id: string }>(
		`insert into truffles.conversations (client_id, user_id, channel) values ($1, $2, 'whatsapp') returning id`,
		[clientId, user.rows[0]?.id],
	);
	return rows[0]?.id ?? '';
}

async function addMessage(conversation: string, direction: string, author: string, at: string): Promise<void> {
	await admin.query(
		`insert into truffles.messages (client_id, conversation_id, direction, author, text, created_at) values ($1, $2, $3, $4, '', $5)`,
		[clientId, conversation, direction, author, at],
	);
}

interface Turn {
	readonly at: string;
	readonly outcome: string;
	readonly calls: readonly Call[];
	readonly conversation?: string;
	readonly kind?: string;
	readonly client?: string;
}

async function addTurn({ at, outcome, calls, conversation, kind = 'user', client = clientId }: Turn): Promise<void> {
	const turn = randomUUID();
	await admin.query(
		`insert into truffles.turns (id, client_id, channel, lane_key, kind, status, outcome, conversation_id, received_at)
		 values ($1, $2, 'whatsapp', 'k', $3, 'done', $4, $5, $6)`,
		[turn, client, kind, outcome, conversation ?? null, at],
	);
	for (const { purpose, model, tokens, usd, status = 'ok' } of calls) {
		await admin.query(
			`insert into truffles.billing_events (id, client_id, turn_id, conversation_id, purpose, provider, model, status,
				input_tokens, cached_input_tokens, output_tokens, cost_usd, cost_kzt, usd_kzt_rate, created_at)
			 values ($1, $2, $3, $4, $5, 'openai', $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
			[
				randomUUID(),
				client,
				turn,
				conversation ?? null,
				purpose,
				model,
				status,
				...tokens,
				usd,
				costKzt(usd, RATE),
				RATE,
				at,
			],
		);
	}
}

function run(
	args: readonly string[],
	env: Record<string, string> = { DATABASE_URL: postgres.appUrl },
): { code: number | null; out: string; err: string } {
	const answer = spawnSync(
		process.execPath,
		[path.join(ROOT, 'node_modules/ts-node/dist/bin.js'), 'scripts/usage.ts', ...args],
		{ cwd: ROOT, encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', TRUFFLES_HOME: EMPTY_HOME, ...env } },
	);
	return { code: answer.status, out: answer.stdout, err: answer.stderr };
}

test('the month is counted in the zone of the business and costs what was computed by hand', () => {
	const { code, out, err } = run(['--client', 'usage_salon', '--month', '2025-10', '--json']);
	expect({ code, err }).toEqual({ code: 0, err: '' });
	const report = JSON.parse(out) as UsageReport;
	expect(report).toMatchObject({
		client: 'usage_salon',
		month: '2025-10',
		from: '2025-09-30T19:00:00.000Z',
		to: '2025-10-31T19:00:00.000Z',
		messages: { in: 3, out: 2 },
		turns: {
			total: 5,
			answered: 4,
			handedOver: 1,
			held: 0,
			ignored: 0,
			answeredWithoutModel: 1,
			shareWithoutModel: 0.25,
		},
		conversations: 3,
		handovers: 1,
		calls: { total: 6, failed: 1 },
		tokens: { input: 3_210, cachedInput: 400, cacheWrite: 0, output: 320, reasoning: 0 },
		// 0.000056 + 0.00044 + 0.0056 + 0.000056 + 0.0000002
		cost: { usd: '0.006152200', kzt: '3.076100' },
		costPerTurn: { usd: '0.001230440', kzt: '0.615220' },
		costPerConversation: { usd: '0.002050733', kzt: '1.025367' },
	});
});

test('calls are added up by model and by purpose, the dearest first', () => {
	const { out } = run(['--client', 'usage_salon', '--month', '2025-10', '--json']);
	const { byModel, byPurpose } = JSON.parse(out) as UsageReport;
	expect(byModel).toEqual([
		{
			name: 'openai/gpt-4.1',
			calls: 1,
			failedCalls: 0,
			inputTokens: 2_000,
			outputTokens: 200,
			usd: '0.005600000',
			kzt: '2.800000',
		},
		{
			name: 'openai/gpt-4.1-mini',
			calls: 4,
			failedCalls: 1,
			inputTokens: 1_200,
			outputTokens: 120,
			usd: '0.000552000',
			kzt: '0.276000',
		},
		{
			name: 'openai/text-embedding-3-small',
			calls: 1,
			failedCalls: 0,
			inputTokens: 10,
			outputTokens: 0,
			usd: '0.000000200',
			kzt: '0.000100',
		},
	]);
	expect(byPurpose.map(({ name, calls, usd }) => ({ name, calls, usd }))).toEqual([
		{ name: 'reply', calls: 3, usd: '0.006040000' },
		{ name: 'classify', calls: 2, usd: '0.000112000' },
		{ name: 'embedding', calls: 1, usd: '0.000000200' },
	]);
});

test('on the strongest model alone: the recorded calls at its price, and the free replies at the mean of the paid ones', () => {
	const { out } = run(['--client', 'usage_salon', '--month', '2025-10', '--json']);
	// classify 200 in + 20 out: 0.00056; cheap reply 600 + 400 cached + 100 out: 0.0022; strong reply 0.0056;
	// two replies of 1 500 + 150 tokens: 0.0084; the embedding as it was.
	expect((JSON.parse(out) as UsageReport).strongestOnly).toEqual({
		model: 'gpt-4.1',
		costUsd: '0.016760200',
		costKzt: '8.380100',
		addedReplies: 2,
		addedReplyTokens: { input: 1_500, output: 150 },
		addedRepliesFrom: 'mean_of_paid_replies',
		// (0.0167602 - 0.0061522) / 0.0167602
		savedShare: 0.6329,
	});
});

test('people read the same figures', () => {
	const { code, out } = run(['--client', 'usage_salon', '--month', '2025-10']);
	expect(code).toBe(0);
	expect(out).toContain('$0.006152  =  3.08 ₸');
	expect(out).toContain('1 (25.0 %) without a chat model');
	expect(out).toMatch(/openai\/gpt-4\.1-mini\s+4\s+1 200\s+120\s+0\.000552\s+0\.28/);
	expect(out).toContain('all on gpt-4.1: $0.016760  =  8.38 ₸; saved 63.3 %');
});

test('another model to compare with', () => {
	const { out } = run(['--client', 'usage_salon', '--month', '2025-10', '--strong', 'gpt-5-mini', '--json']);
	// Dollars per million 0.25 / 0.025 / 2.00: 0.00009 + 0.00036 + 0.0009 + 2 × 0.000675 + 0.0000002
	expect((JSON.parse(out) as UsageReport).strongestOnly).toMatchObject({ costUsd: '0.002700200' });
});

test('a month without traffic, by default the current one, is all zeros, with no averages', () => {
	const empty = run(['--client', 'quiet_salon', '--json']);
	expect(empty.code).toBe(0);
	expect(JSON.parse(empty.out)).toMatchObject({
		turns: { total: 0, shareWithoutModel: null },
		cost: { usd: '0.000000000', kzt: '0.000000' },
		costPerTurn: null,
		costPerConversation: null,
		byModel: [],
		strongestOnly: { costUsd: '0.000000000', addedRepliesFrom: 'assumed', savedShare: null },
	});
	expect(run(['--client', 'quiet_salon']).out).toContain('per turn              -');
});

const refusals = [
	{ name: 'an unknown business', args: ['--client', 'nobody'], code: 64, says: 'There is no client "nobody".' },
	{
		name: 'a month that is none',
		args: ['--client', 'usage_salon', '--month', '2026-13'],
		code: 64,
		says: 'is no month',
	},
	{
		name: 'a month that has not begun',
		args: ['--client', 'usage_salon', '--month', '2999-01'],
		code: 64,
		says: 'has not begun',
	},
	{
		name: 'a month before the business was a client',
		args: ['--client', 'usage_salon', '--month', '2020-01'],
		code: 64,
		says: 'is a client since',
	},
	{
		name: 'a strong model without a price',
		args: ['--client', 'usage_salon', '--strong', 'x'],
		code: 64,
		says: 'Known: gpt-4.1,',
	},
	{ name: 'an unknown option', args: ['--moon'], code: 64, says: 'unknown option' },
] as const;
test.each(refusals)('$name is told in one line', ({ args, code, says }) => {
	const answer = run(args);
	expect(answer.code).toBe(code);
	expect(answer.err).toContain(says);
	expect(answer.out).toBe('');
});

test('without a stack and without DATABASE_URL it says what to do (4); a server that is away is 3; no password is shown', () => {
	const none = run([], {});
	expect(none.code).toBe(4);
	expect(none.err).toContain('npm start');
	const away = run([], { DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/x' });
	expect(away.code).toBe(3);
	expect(away.err).toContain('TRF_DB_UNREACHABLE');
	expect(away.err).not.toContain('hidden');
});

test('the help names the environment, the exit codes and three examples', () => {
	const { code, out } = run(['--help']);
	expect(code).toBe(0);
	for (const part of ['DATABASE_URL', 'Exit codes', 'npm run usage -- --client demo_salon --month 2026-11']) {
		expect(out).toContain(part);
	}
});
