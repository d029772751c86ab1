/** Queue mode: main, a webhook process and two workers of the real n8n, with one Redis between them and PostgreSQL as the truth. */
import { Redis } from 'ioredis';
import { Client } from 'pg';

import type { StackProcess } from '../../scripts/stack/queue-mode';
import { hasRedisServer } from '../../scripts/stack/redis-server';
import { startStack, type RunningTestStack } from '../support/stack';
import { eventually, newPhone, plain, World } from '../support/world';

jest.setTimeout(120_000);

const INBOX_LISTENER = 'truffles-nodes listen';
const MODEL_DELAY_MS = 6_000;
const RECOVERY_MS = 75_000;
const QUIET_MS = 2_000;

let stack: RunningTestStack;
let world: World;
let db: Client;

// The test empties Redis, so the one at REDIS_URL, which may hold something, is never used.
const suite = hasRedisServer() ? describe : describe.skip;
suite(hasRedisServer() ? 'queue mode' : 'queue mode (skipped: no redis-server on PATH)', () => {
	beforeAll(async () => {
		stack = await startStack({ model: 'sandbox', queueMode: true });
		world = new World(stack.sandboxUrl);
		db = new Client({ connectionString: stack.databaseAdminUrl });
		await db.connect();
		await db.query('set search_path = truffles');
		await db.query(
			`update client_settings set settings = settings || '{"rateLimitPerMinute": 5000, "burst": {"completeMs": 300, "fragmentMs": 500, "maxMs": 2000}}'`,
		);
		await db.query('update clients set config_version = config_version + 1');
	}, 600_000);
	afterAll(async () => {
		await db?.end();
		await stack?.stop();
	}, 60_000);
	beforeEach(async () => {
		await world.modes({ openai: { mode: 'ok' } });
	});

	test('fifty customers at once, each delivery three times: one answer each, from both workers, none from main', async () => {
		const customers = await Promise.all(
			Array.from({ length: 50 }, async () => {
				const phone = newPhone();
				const { seq, deliveries } = await world.say(phone, 'Сколько стоит маникюр с гель-лаком?', { repeat: 3 });
				expect(deliveries.map((delivery) => delivery.status)).toEqual([200, 200, 200]);
				return { phone, seq };
			}),
		);
		await everyoneAnsweredOnce(customers, 30_000);
		await eventually('both workers have run executions', async () => {
			if (finishedBy('n8n-worker-1.log').size > 0 && finishedBy('n8n-worker-2.log').size > 0) return true;
			await world.ask(newPhone(), 'Вы до скольки работаете?');
			return false;
		});
		const byWorkers = new Set([...finishedBy('n8n-worker-1.log'), ...finishedBy('n8n-worker-2.log')]);
		const { rows } = await db.query<{ id: string }>(
			`select e.id::text from n8n.execution_entity e join n8n.workflow_entity w on w.id = e."workflowId"
			  where w.name = '2_Parse_Normalize' and e.status = 'success'`,
		);
		expect(rows.length).toBeGreaterThan(1);
		expect(rows.filter((row) => !byWorkers.has(row.id))).toEqual([]);
	});

	test('the webhook process serves the short address and gets the bytes as they came; secrets stay out of addresses', async () => {
		const secret = stack.webhookSecret('demo_salon');
		const post = async (path: string, body: string, headers: Record<string, string> = {}): Promise<number> =>
			(
				await fetch(`${stack.webhookUrl}${path}`, {
					method: 'POST',
					headers: { 'content-type': 'application/json', ...headers },
					body,
				})
			).status;
		expect(await post('/webhook/demo_salon', '{"message": ', { 'x-webhook-secret': secret })).toBe(400);
		expect(await post('/webhook/demo_salon', '{"message": ')).toBe(401);
		const status = JSON.stringify({
			message: '',
			metadata: { messageId: 'QUEUE1', remoteJid: '77050000009@s.whatsapp.net' },
		});
		expect(await post(`/webhook/in/whatsapp/demo_salon?secret=${secret}`, status)).toBe(200);
		expect(stack.logs('n8n-webhook.log')).not.toContain(secret);
		// What a load balancer must know: the webhook process has neither editor nor API, and every process says that it is ready.
		for (const path of ['/', '/rest/settings', '/api/v1/workflows'])
			expect((await fetch(`${stack.webhookUrl}${path}`)).status).toBe(404);
		for (const url of [stack.webhookUrl, stack.n8nUrl])
			expect((await fetch(`${url}/healthz/readiness`)).status).toBe(200);
	});

	test('rate limits are counted in Redis, over all processes that take deliveries', async () => {
		const redis = new Redis(stack.redisUrl as string);
		try {
			const { rows } = await db.query<{ id: string }>(`select id from clients where slug = 'demo_salon'`);
			const key = `truffles:rate:${rows[0]?.id}`;
			await redis.del(key);
			for (const [index, url] of [stack.webhookUrl, stack.n8nUrl].entries()) {
				const response = await fetch(`${url}/webhook/demo_salon`, {
					method: 'POST',
					headers: { 'content-type': 'application/json', 'x-webhook-secret': stack.webhookSecret('demo_salon') },
					body: JSON.stringify({
						message: 'Вы до скольки работаете?',
						metadata: { messageId: `QUEUERATE${index}`, remoteJid: '77050000010@s.whatsapp.net' },
					}),
				});
				expect(response.status).toBe(200);
				expect(Number(await redis.get(key))).toBe(index + 1);
			}
		} finally {
			redis.disconnect();
		}
	});

	test('a turn belongs to its first attempt for as long as the worker takes; a worker killed in its middle loses nothing', async () => {
		await world.modes({ openai: { mode: 'slow', delayMs: MODEL_DELAY_MS } });
		const before = new Set(runningBy().flatMap(({ running }) => [...running]));
		const askedAt = new Date();
		const customers = await askTheModel(8);
		await eventually('turns are claimed', async () => (await claimedTurns()) > 0);
		// Had the trigger settled them when they went to Redis, they would wait for their second attempt by now. And what is still
		// running is not a message of the test before.
		await pause(2_500);
		const busy = await eventually('a worker runs them', async () =>
			runningBy().find(({ running }) => [...running].some((id) => !before.has(id))),
		);
		const { rows } = await db.query(
			`select t.attempt, l.lease_until > clock_timestamp() as leased from turns t
			   left join conversation_lanes l on l.active_turn_id = t.id where t.status = 'claimed'`,
		);
		expect(rows).toEqual(Array(rows.length).fill({ attempt: 1, leased: true }));
		expect(rows.length).toBeGreaterThan(0);

		const victim = await processOf((one) => one.log === busy.log);
		process.kill(-victim.pid, 'SIGKILL');
		await world.modes({ openai: { mode: 'ok' } });
		const [late] = await Promise.all([throughRestart(), everyoneAnsweredOnce(customers, RECOVERY_MS)]);
		await everyoneAnsweredOnce([late], RECOVERY_MS);
		const again = await db.query(`select 1 from turns where attempt > 1 and claimed_at > $1`, [askedAt]);
		expect(again.rows.length).toBeGreaterThan(0);
		await eventually(
			'the worker runs again',
			async () => (await processOf((one) => one.log === busy.log)).pid !== victim.pid,
		);
	});

	test('main alone runs the inbox trigger; killed, it loses nothing, and the webhook process takes messages meanwhile', async () => {
		expect(await inboxListeners()).toBe(1);
		await world.modes({ openai: { mode: 'slow', delayMs: MODEL_DELAY_MS } });
		const during = await askTheModel(6);
		await eventually('turns are claimed', async () => (await claimedTurns()) > 0);
		const main = await processOf((one) => one.role === 'main');
		process.kill(-main.pid, 'SIGKILL');
		await world.modes({ openai: { mode: 'ok' } });
		await eventually('nobody listens', async () => (await inboxListeners()) === 0, 5_000);
		const meanwhile = await askTheModel(10);
		expect(await inboxListeners()).toBe(0);
		await everyoneAnsweredOnce([...during, ...meanwhile], RECOVERY_MS);
		expect(await inboxListeners()).toBe(1);
		expect((await processOf((one) => one.role === 'main')).pid).not.toBe(main.pid);
	});

	test('a Redis that is emptied while executions wait in it delays them by seconds', async () => {
		const workers = (await stack.processes()).filter((one) => one.role === 'worker');
		const redis = new Redis(stack.redisUrl as string);
		try {
			// So that the executions wait.
			for (const { pid } of workers) process.kill(pid, 'SIGSTOP');
			const customers = await askTheModel(3);
			await eventually('the turns are claimed', async () => (await claimedTurns()) >= customers.length);
			await pause(1_000);
			await redis.flushall();
			for (const { pid } of workers) process.kill(pid, 'SIGCONT');
			await everyoneAnsweredOnce(customers, 30_000);
		} finally {
			for (const { pid } of workers) process.kill(pid, 'SIGCONT');
			redis.disconnect();
		}
	});

	test('in the end every message has one outcome, and no turn has two replies', async () => {
		const orphans = await db.query(
			`select e.kind from inbound_events e left join turns t on t.id = e.turn_id
			  where e.kind = 'message' and e.processed_at is null and t.outcome is null`,
		);
		expect(orphans.rows).toEqual([]);
		const twice = await db.query(
			`select turn_id from messages where direction = 'outbound' and author = 'bot' group by turn_id having count(*) > 1`,
		);
		expect(twice.rows).toEqual([]);
	});
});

interface Customer {
	readonly phone: string;
	readonly seq: number;
}

/** Customers with questions that are no facts, so that a model is asked; all deliveries are accepted, each twice. */
async function askTheModel(count: number): Promise<Customer[]> {
	return await Promise.all(
		Array.from({ length: count }, async () => {
			const phone = newPhone();
			const text = `Есть ли у вас парковка возле салона, куда поставить машину ${phone.slice(-5)}?`;
			const { seq, deliveries } = await world.say(phone, text, { repeat: 2 });
			expect(deliveries.map((delivery) => delivery.status)).toEqual([200, 200]);
			return { phone, seq };
		}),
	);
}

/** Kills the webhook process and delivers until it is there again; n8n's own 200 of its start must not count as accepted. */
async function throughRestart(): Promise<Customer> {
	const { pid } = await processOf((one) => one.role === 'webhook');
	process.kill(-pid, 'SIGKILL');
	let refused = 0;
	return await eventually(
		'the webhook process takes deliveries again',
		async () => {
			const phone = newPhone();
			const text = `Сколько стоит стрижка? ${phone}`;
			const { seq, deliveries } = await world.say(phone, text);
			if (deliveries[0]?.status !== 200) {
				expect([null, 503]).toContain(deliveries[0]?.status);
				refused += 1;
				return null;
			}
			expect(refused).toBeGreaterThan(0);
			return { phone, seq };
		},
		RECOVERY_MS,
	);
}

async function everyoneAnsweredOnce(customers: readonly Customer[], timeoutMs: number): Promise<void> {
	const count = async (): Promise<number[]> =>
		await Promise.all(customers.map(async ({ phone, seq }) => (await world.replies(phone, seq)).length));
	await eventually('everyone has an answer', async () => (await count()).every((replies) => replies > 0), timeoutMs);
	await pause(QUIET_MS);
	expect((await count()).filter((replies) => replies !== 1)).toEqual([]);
	const [first] = await world.replies(customers[0]?.phone ?? '', customers[0]?.seq ?? 0);
	expect(plain(first?.text ?? '').length).toBeGreaterThan(10);
}

async function claimedTurns(): Promise<number> {
	const { rows } = await db.query<{ n: number }>(`select count(*)::int as n from turns where status = 'claimed'`);
	return rows[0]?.n ?? 0;
}

/** Connections that wait for the inbox's notifications: one per running inbox trigger. */
async function inboxListeners(): Promise<number> {
	const { rows } = await db.query<{ n: number }>(
		'select count(*)::int as n from pg_stat_activity where application_name = $1',
		[INBOX_LISTENER],
	);
	return rows[0]?.n ?? 0;
}

/** Ids of the executions that a worker says it has finished. */
function finishedBy(log: string): Set<string> {
	return new Set([...stack.logs(log).matchAll(/Worker finished execution (\d+)/g)].map((match) => match[1] as string));
}

/** Executions that each worker has begun and not finished. */
function runningBy(): Array<{ log: string; running: Set<string> }> {
	return ['n8n-worker-1.log', 'n8n-worker-2.log'].map((log) => {
		const finished = finishedBy(log);
		const started = [...stack.logs(log).matchAll(/Worker started execution (\d+)/g)].map((match) => match[1] as string);
		return { log, running: new Set(started.filter((id) => !finished.has(id))) };
	});
}

async function processOf(isIt: (one: StackProcess) => boolean): Promise<StackProcess> {
	const found = (await stack.processes()).find(isIt);
	if (found === undefined) throw new Error('The stack has no such process.');
	return found;
}

async function pause(ms: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, ms));
}
