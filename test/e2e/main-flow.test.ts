/** The promises of the main job, through the real gateway, the real n8n and a real PostgreSQL. */
import { randomUUID } from 'node:crypto';

import { Client } from 'pg';

import { startStack, type RunningTestStack } from '../support/stack';
import { eventually, newPhone, plain, World } from '../support/world';

// A burst wait, a model that hangs and two repeats fit into this.
jest.setTimeout(90_000);

let stack: RunningTestStack;
let world: World;
let db: Client;

beforeAll(async () => {
	stack = await startStack({ model: 'sandbox' });
	world = new World(stack.sandboxUrl);
	db = new Client({ connectionString: stack.databaseAdminUrl });
	await db.connect();
	await db.query('set search_path = truffles');
	// Tests send more than a salon's customers do.
	await db.query(`update client_settings set settings = jsonb_set(settings, '{rateLimitPerMinute}', '5000')`);
	await db.query('update clients set config_version = config_version + 1');
}, 600_000);
afterAll(async () => {
	await db?.end();
	await stack?.stop();
}, 60_000);
beforeEach(async () => {
	await world.modes({ openai: { mode: 'ok' }, chatflow: { mode: 'ok' }, telegram: { mode: 'ok' } });
});

/** The turn that a customer's only (or latest) message led to, with what hangs on it. */
async function turnOf(words: string): Promise<Record<string, unknown>> {
	return await eventually(`a turn with an outcome for "${words}"`, async () => {
		const { rows } = await db.query(
			`select t.id, t.outcome, t.outcome_reason, t.intent, t.route, t.language, t.error_code, t.conversation_id, t.reply_message_id, t.cost_usd
			   from turns t join messages m on m.turn_id = t.id where m.text = $1 and t.outcome is not null order by t.claimed_at desc limit 1`,
			[words],
		);
		return rows[0] as Record<string, unknown> | undefined;
	});
}

describe('facts, as the very first message, without any model call', () => {
	const QUESTIONS: ReadonlyArray<{ text: string; contains: readonly RegExp[]; lacks?: RegExp }> = [
		{ text: 'Сколько стоит маникюр с гель-лаком?', contains: [/8 000 ₸/, /Здравствуйте/] },
		{ text: 'Вы до скольки работаете?', contains: [/21:00/, /Здравствуйте/] },
		{ text: 'Қайда орналасқансыз?', contains: [/Наурызбай батыр көшесі/, /Сәлеметсіз/], lacks: /Здравствуйте/ },
		{ text: 'сәлем, маникюр канша турады', contains: [/5 000 ₸/, /8 000 ₸/, /Сәлем/], lacks: /Здравствуйте/ },
		{ text: 'Здравствуйте! Сколько стоит женская стрижка и где вы находитесь?', contains: [/₸/, /Наурызбаева/] },
	];
	test.each(QUESTIONS)('$text', async ({ text, contains, lacks }) => {
		const reply = plain(await world.ask(newPhone(), text));
		for (const part of contains) expect(reply).toMatch(part);
		if (lacks !== undefined) expect(reply).not.toMatch(lacks);
		const turn = await turnOf(text);
		expect(turn).toMatchObject({ outcome: 'answered', outcome_reason: 'facts' });
		const { rows } = await db.query('select 1 from billing_events where turn_id = $1', [turn.id]);
		expect(rows).toHaveLength(0);
	});
});

describe('handover', () => {
	const REQUESTS: ReadonlyArray<{ text: string; reason: string }> = [
		{ text: 'Позовите человека', reason: 'asked_for_human' },
		{ text: 'Это ужас, мне испортили волосы, хочу пожаловаться', reason: 'complaint' },
		{ text: 'хочу записаться на завтра', reason: 'booking' },
	];
	test.each(REQUESTS)(
		'"$text" reaches the managers with its context, and the customer is told',
		async ({ text, reason }) => {
			const phone = newPhone();
			const reply = await world.ask(phone, text);
			expect(reply.toLowerCase()).toContain('менеджер');
			expect(reply).not.toMatch(/записал[аи]? вас/i);
			const notice = await eventually('the notice', async () =>
				(await world.group()).findLast((message) => plain(message.text).replace(/[^\d]/g, '').includes(phone.slice(1))),
			);
			expect(notice.text).toContain(text);
			expect(JSON.stringify(notice)).toContain('Взять');
			const turn = await turnOf(text);
			expect(turn).toMatchObject({ outcome: 'handed_over', outcome_reason: reason });
			const { rows } = await db.query(
				'select reason, notice_status, conversation_id from handovers where turn_id = $1',
				[turn.id],
			);
			expect(rows).toEqual([{ reason, notice_status: 'sent', conversation_id: turn.conversation_id }]);
		},
	);

	test('while a manager is active the bot is silent and keeps the messages; after [Решено] it answers again', async () => {
		const phone = newPhone();
		await world.ask(phone, 'Позовите администратора, пожалуйста');
		const notice = await eventually('the notice', async () =>
			(await world.group()).findLast((message) => plain(message.text).replace(/[^\d]/g, '').includes(phone.slice(1))),
		);
		await world.press(notice.id, 'Взять');
		await eventually('the conversation belongs to the manager', async () => {
			const { rows } = await db.query(`select 1 from handovers where notice_message_id = $1 and status = 'active'`, [
				String(notice.id),
			]);
			return rows.length === 1;
		});

		const question = `Сколько стоит педикюр? ${phone}`;
		const { seq } = await world.say(phone, question);
		expect(await turnOf(question)).toMatchObject({ outcome: 'held', outcome_reason: 'human_active' });
		await world.groupMessage(question);
		expect(await world.replies(phone, seq, 3_000)).toHaveLength(0);

		await world.managerReplies(notice.id, 'Здравствуйте, это Айгуль. Педикюр есть завтра в 15:00');
		const [fromManager] = await world.replies(phone, seq, 20_000);
		expect(fromManager?.text).toContain('это Айгуль');

		await world.press(notice.id, 'Решено');
		await eventually('the handover is resolved', async () => {
			const { rows } = await db.query(`select 1 from handovers where notice_message_id = $1 and status = 'resolved'`, [
				String(notice.id),
			]);
			return rows.length === 1;
		});
		expect(plain(await world.ask(phone, 'А сколько стоит маникюр с гель-лаком?'))).toContain('8 000 ₸');
	});
});

describe('the gateway', () => {
	test('the same webhook delivered twenty times at once: twenty 200s and one reply', async () => {
		const phone = newPhone();
		const { seq, deliveries } = await world.say(phone, 'Сколько стоит маникюр с гель-лаком?', { repeat: 20 });
		expect(deliveries.map((delivery) => delivery.status)).toEqual(Array(20).fill(200));
		expect(await world.replies(phone, seq, 30_000)).toHaveLength(1);
		await new Promise((resolve) => setTimeout(resolve, 3_000));
		expect(await world.replies(phone, seq)).toHaveLength(1);
	});

	test('refusals have their own status, start no pipeline, and show no secret', async () => {
		const slug = 'demo_salon';
		const secret = stack.webhookSecret(slug);
		const body = JSON.stringify({
			message: 'x',
			metadata: { messageId: 'REFUSE1', remoteJid: '77050000001@s.whatsapp.net' },
		});
		const before = await counts();
		const post = async (url: string, payload: string, headers: Record<string, string> = {}): Promise<Response> =>
			await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: payload });
		const address = stack.gatewayUrl(slug);
		const answers = [
			[401, await post(address, body, { 'x-webhook-secret': 'wrong' })],
			[401, await post(address, body)],
			[404, await post(stack.gatewayUrl('no_such_salon'), body, { 'x-webhook-secret': secret })],
			[400, await post(address, '{"message": ', { 'x-webhook-secret': secret })],
			[
				413,
				await post(address, JSON.stringify({ message: 'x'.repeat(9 * 1024 * 1024) }), { 'x-webhook-secret': secret }),
			],
			[413, await postUnmeasured(address, 20 * 1024 * 1024, { 'x-webhook-secret': secret })],
		] as const;
		for (const [status, response] of answers) {
			expect(response.status).toBe(status);
			const text = `${await response.text()} ${JSON.stringify([...response.headers])}`;
			expect(text).not.toContain(secret);
			expect(text).not.toContain('77050000001');
		}
		expect(await counts()).toEqual(before);
	});

	test('too many requests get 429 with Retry-After; a suspended client gets 200, no reply and an audit row', async () => {
		const secret = stack.webhookSecret('demo_salon');
		const send = async (n: number): Promise<Response> =>
			await fetch(stack.gatewayUrl('demo_salon'), {
				method: 'POST',
				headers: { 'content-type': 'application/json', 'x-webhook-secret': secret },
				body: JSON.stringify({
					message: '',
					metadata: { messageId: `RATE${n}`, remoteJid: '77050000002@s.whatsapp.net' },
				}),
			});
		const setLimit = async (limit: number): Promise<void> => {
			await db.query(
				`update client_settings set settings = jsonb_set(settings, '{rateLimitPerMinute}', to_jsonb($1::int))`,
				[limit],
			);
			await db.query('update clients set config_version = config_version + 1');
		};
		await setLimit(1);
		const before = await counts();
		// Deliveries without a customer's message have a limit of their own, ten times as wide; a new minute may begin meanwhile.
		let limited = await send(0);
		for (let n = 1; n <= 25 && limited.status !== 429; n += 1) limited = await send(n);
		await setLimit(5_000);
		expect(limited.status).toBe(429);
		expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
		expect(await counts()).toEqual(before);

		await db.query(`update clients set status = 'suspended' where slug = 'demo_salon'`);
		try {
			const phone = newPhone();
			const { seq, deliveries } = await world.say(phone, 'Сколько стоит стрижка?');
			expect(deliveries.map((delivery) => delivery.status)).toEqual([200]);
			expect(await world.replies(phone, seq, 4_000)).toHaveLength(0);
			expect(await counts()).toEqual(before);
			const { rows } = await db.query(
				`select 1 from audit_log where action = 'webhook_ignored' and detail ->> 'reason' = 'client_suspended'`,
			);
			expect(rows.length).toBeGreaterThan(0);
		} finally {
			await db.query(`update clients set status = 'active' where slug = 'demo_salon'`);
		}
	});

	test('the long address and the short one lead to the same salon', async () => {
		const secret = stack.webhookSecret('demo_salon');
		const base = stack.gatewayUrl('demo_salon').replace(/\/webhook\/.*$/, '');
		for (const [index, path] of ['/webhook/demo_salon', '/webhook/in/whatsapp/demo_salon'].entries()) {
			const response = await fetch(`${base}${path}`, {
				method: 'POST',
				headers: { 'content-type': 'application/json', 'x-webhook-secret': secret },
				body: JSON.stringify({
					message: '',
					metadata: { messageId: `ADDR${index}`, remoteJid: '77050000003@s.whatsapp.net' },
				}),
			});
			expect(response.status).toBe(200);
		}
	});
});

describe('with the model in trouble', () => {
	/** Needs knowledge that is no fact of the pack, so a model is asked when there is one. */
	const question = (): string => `Есть ли у вас парковка возле салона, куда поставить машину ${newPhone().slice(-5)}?`;

	test('a healthy model is billed with the ids of turn and conversation', async () => {
		const text = question();
		await world.ask(newPhone(), text);
		const turn = await turnOf(text);
		const { rows } = await db.query(
			'select provider, model, status, conversation_id, cost_usd::text, input_tokens from billing_events where turn_id = $1',
			[turn.id],
		);
		expect(rows.length).toBeGreaterThan(0);
		expect(rows[0]).toMatchObject({ status: 'ok', conversation_id: turn.conversation_id });
		expect(Number(rows[0].cost_usd)).toBeGreaterThan(0);
		expect(Number(turn.cost_usd)).toBeGreaterThan(0);
	});

	const TROUBLES: ReadonlyArray<{ name: string; mode: Record<string, unknown>; status: RegExp }> = [
		{ name: 'answers 500', mode: { mode: 'fail', status: 500 }, status: /refused/ },
		{ name: 'hangs', mode: { mode: 'hang' }, status: /unreachable/ },
		{
			name: 'answers broken JSON',
			mode: { mode: 'malformed', shape: 'json' },
			status: /^malformed$/,
		},
	];
	test.each(TROUBLES)(
		'a model that $name: the customer still gets an answer or the handover, and the tables say why',
		async ({ mode, status }) => {
			await world.modes({ openai: mode });
			const text = question();
			const reply = await world.ask(newPhone(), text);
			expect(reply.length).toBeGreaterThan(10);
			const turn = await turnOf(text);
			expect(['answered', 'handed_over']).toContain(turn.outcome);
			const bills = await db.query('select status from billing_events where turn_id = $1', [turn.id]);
			expect(bills.rows.length).toBeGreaterThan(0);
			for (const row of bills.rows as Array<{ status: string }>) expect(row.status).toMatch(status);
			const errors = await db.query('select code from error_logs where turn_id = $1', [turn.id]);
			expect(errors.rows.length).toBeGreaterThan(0);
			// The breaker that these failures opened is closed again by the probe after its pause.
		},
	);

	test('a price that the model invents never reaches the customer', async () => {
		await world.modes({ openai: { mode: 'invent_price' } });
		const text = question();
		const reply = plain(await world.ask(newPhone(), text));
		const known = await db.query<{ all: string }>(`select string_agg(body, ' ') as all from documents`);
		for (const amount of reply.match(/\d[\d ]*(?= ?(?:₸|тг|тенге|теңге))/g) ?? []) {
			expect(plain(known.rows[0]?.all ?? '').replace(/ /g, '')).toContain(amount.replace(/ /g, ''));
		}
		expect(['answered', 'handed_over']).toContain((await turnOf(text)).outcome);
	});
});

test('an execution that fails as a whole is in error_logs with its workflow, node and execution, and without its message', async () => {
	const call = async <T>(method: string, route: string, body?: unknown): Promise<T> => {
		const response = await fetch(`${stack.n8nUrl}/api/v1${route}`, {
			method,
			headers: { 'X-N8N-API-KEY': stack.apiKey, 'content-type': 'application/json' },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`n8n ${method} ${route}: ${response.status} ${text}`);
		return JSON.parse(text) as T;
	};
	const { data } = await call<{ data: Array<{ id: string; name: string }> }>('GET', '/workflows?limit=100');
	const errorWorkflow = data.find((workflow) => workflow.name === '9_Error_Handler')?.id;
	// A name in one segment would be the short address of a client.
	const path = randomUUID();
	const created = await call<{ id: string; versionId: string }>('POST', '/workflows', {
		name: 'Fails on purpose',
		nodes: [
			{
				id: 'a',
				name: 'Webhook',
				type: 'n8n-nodes-base.webhook',
				typeVersion: 2,
				position: [0, 0],
				webhookId: path,
				parameters: { path, httpMethod: 'POST' },
			},
			{
				id: 'b',
				name: 'Break',
				type: 'n8n-nodes-base.stopAndError',
				typeVersion: 1,
				position: [200, 0],
				parameters: { errorMessage: 'call +77015705555 with token=abcdef0123456789' },
			},
		],
		connections: { Webhook: { main: [[{ node: 'Break', type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1', errorWorkflow },
	});
	await call('POST', `/workflows/${created.id}/publish`, { versionId: created.versionId });
	await eventually(
		'the webhook answers',
		async () => (await fetch(`${stack.n8nUrl}/webhook/${path}`, { method: 'POST' })).status === 200,
	);
	const row = await eventually('the row', async () => {
		const { rows } = await db.query(
			`select node, code, message, execution_id from error_logs where workflow = 'Fails on purpose'`,
		);
		return rows[0] as Record<string, string> | undefined;
	});
	expect(row).toMatchObject({ node: 'Break', code: 'TRF_NODE_FAILED' });
	expect(row.execution_id).toMatch(/^\d+$/);
	expect(row.message).not.toContain('7015705555');
	expect(row.message).not.toContain('abcdef0123456789');
	// The stack is shared by the files of this run.
	await call('POST', `/workflows/${created.id}/deactivate`);
	await eventually(
		'n8n lets go of the workflow',
		async () => await call('DELETE', `/workflows/${created.id}`).catch(() => null),
	);
});

test('every stored inbound message has a recorded outcome, and every reply belongs to its turn and conversation', async () => {
	await eventually('no turn is under way', async () => {
		const { rows } = await db.query(`select 1 from turns where status = 'claimed'`);
		return rows.length === 0;
	});
	const orphans = await db.query(
		`select e.kind from inbound_events e left join turns t on t.id = e.turn_id
		  where e.kind in ('message', 'manager_action', 'manager_message') and t.outcome is null`,
	);
	expect(orphans.rows).toEqual([]);
	const strays = await db.query(
		`select t.id from turns t left join messages m on m.id = t.reply_message_id and m.turn_id = t.id and m.conversation_id = t.conversation_id
		  where t.outcome in ('answered', 'handed_over') and m.id is null`,
	);
	expect(strays.rows).toEqual([]);
});

async function counts(): Promise<unknown> {
	const { rows } = await db.query(
		'select (select count(*) from inbound_events) as events, (select count(*) from turns) as turns',
	);
	const executions = await fetch(`${stack.n8nUrl}/api/v1/executions?limit=1`, {
		headers: { 'X-N8N-API-KEY': stack.apiKey },
	});
	const { data } = (await executions.json()) as { data: Array<{ id: string }> };
	return { ...rows[0], latestExecution: data[0]?.id ?? null };
}

/** A body in chunks, without Content-Length, larger than n8n itself reads. */
async function postUnmeasured(url: string, bytes: number, headers: Record<string, string>): Promise<Response> {
	const chunk = new Uint8Array(64 * 1024).fill(120);
	let left = bytes;
	const body = new ReadableStream({
		pull(controller) {
			if (left <= 0) return controller.close();
			controller.enqueue(chunk);
			left -= chunk.length;
		},
	});
	return await fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...headers },
		body,
		duplex: 'half',
	} as RequestInit);
}
