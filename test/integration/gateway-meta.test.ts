import { openTurn } from '../../lib/conversation/open-turn';
import { claimTurns } from '../../lib/inbox/inbox-store';
import { GatewayFixture, MAX_BODY_BYTES } from '../support/gateway-fixture';
import { metaBody, metaChange, metaMessage, metaSignature, metaStatus, PHONE_NUMBER_ID } from '../support/meta-bodies';

const APP_SECRET = 'a'.repeat(32);
const WHATSAPP = { provider: 'meta', baseUrl: 'https://graph.facebook.com/v23.0', instanceId: PHONE_NUMBER_ID };
/** Bursts are due at once. */
const BURST = { completeMs: 0, fragmentMs: 0, maxMs: 0 };

let gateway: GatewayFixture;

beforeEach(async () => {
	gateway = await GatewayFixture.start();
	await gateway.configure({ channels: { whatsapp: WHATSAPP }, burst: BURST }, { meta_app_secret: APP_SECRET });
});
afterEach(async () => {
	await gateway.stop();
});

const post = async (body: unknown) => {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	return await gateway.post(text, { headers: { 'x-hub-signature-256': metaSignature(text, APP_SECRET) } });
};

async function kinds(): Promise<string[]> {
	const { rows } = await gateway.inbox.admin.query<{ kind: string }>(
		'select kind from inbound_events order by received_at, id',
	);
	return rows.map((row) => row.kind);
}

async function openAll(): Promise<Awaited<ReturnType<typeof openTurn>>[]> {
	const client = await gateway.ports.resolveClient('salon_0');
	if (client === null) throw new Error('no client');
	const opened = [];
	for (const claim of await claimTurns(gateway.inbox.app, 50, 60_000)) {
		opened.push(
			await gateway.inbox.app.asClient(claim.clientId, async (tx) => await openTurn(tx, claim, () => client.key)),
		);
	}
	return opened;
}

test('all messages of all entries and changes become turns, in the order of the body', async () => {
	const from = (phone: string, id: string, text: string) => metaMessage(id, { from: phone, text: { body: text } });
	const body = {
		object: 'whatsapp_business_account',
		entry: [
			{
				id: '1',
				changes: [metaChange({ messages: [from('77010000001', 'z1', 'раз'), from('77010000001', 'a2', 'два')] })],
			},
			{
				id: '1',
				changes: [
					metaChange({ messages: [from('77010000002', 'm3', 'салем')] }),
					metaChange({ messages: [from('77010000001', 'k4', 'три?')] }),
				],
			},
		],
	};
	expect((await post(body)).body).toEqual({ status: 'accepted' });
	const texts = (await openAll()).map((opened) => (opened.kind === 'ready' ? opened.item.text : opened.kind));
	expect(texts.sort()).toEqual(['раз\nдва\nтри?', 'салем']);
});

test('twenty deliveries of one body at once, in both orders of its messages, are stored once', async () => {
	const messages = [1, 2, 3].map((n) => metaMessage(`wamid.${n}`, { from: `7701000000${n % 2}` }));
	const bodies = [metaBody(metaChange({ messages })), metaBody(metaChange({ messages: [...messages].reverse() }))];
	const answers = await Promise.all(Array.from({ length: 20 }, async (_, n) => await post(bodies[n % 2])));
	expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 20 }, () => 200));
	expect(await kinds()).toHaveLength(3);
	expect(gateway.problems).toEqual([]);
});

test('a state that cannot be read costs no message of the same body', async () => {
	const statuses = [
		{ id: 7 },
		null,
		metaStatus('wamid.9', 'teleported'),
		metaStatus('wamid.9', 'read', { timestamp: 1e300 }),
	];
	expect((await post(metaBody(metaChange({ statuses, messages: [metaMessage('wamid.1')] })))).status).toBe(200);
	expect((await kinds()).sort()).toEqual(['ignored', 'ignored', 'ignored', 'message', 'status']);
});

test('a state that the database cannot apply costs no message of the same body', async () => {
	await gateway.inbox.admin.query(`alter function truffles.apply_delivery_states rename to was_apply_delivery_states`);
	const body = metaBody(metaChange({ statuses: [metaStatus('wamid.9', 'read')], messages: [metaMessage('wamid.1')] }));
	expect((await post(body)).status).toBe(200);
	expect((await kinds()).sort()).toEqual(['message', 'status']);
});

describe('the limit of deliveries a minute', () => {
	const LIMIT = 3;
	const states = async (from: number, count: number): Promise<number[]> => {
		const answers: number[] = [];
		for (let n = from; n < from + count; n += 1) {
			const change = metaChange({ statuses: [metaStatus(`wamid.${n}`, 'read')] });
			answers.push((await post(metaBody(change))).status);
		}
		return answers;
	};
	const message = async (id: string): Promise<number> =>
		(await post(metaBody(metaChange({ messages: [metaMessage(id)] })))).status;

	beforeEach(async () => {
		await gateway.configure({ channels: { whatsapp: WHATSAPP }, burst: BURST, rateLimitPerMinute: LIMIT });
	});

	test('is not used up by states: after many of them a customer is heard as before', async () => {
		expect(await states(0, LIMIT * 3)).toEqual(Array(LIMIT * 3).fill(200));
		expect([await message('m1'), await message('m2'), await message('m3'), await message('m4')]).toEqual([
			200, 200, 200, 429,
		]);
	});

	test('is there for states too, ten times as wide, and a flood of them costs no message', async () => {
		const answers = await states(0, LIMIT * 10 + 1);
		expect(answers.filter((status) => status === 200)).toHaveLength(LIMIT * 10);
		expect(answers.at(-1)).toBe(429);
		expect(await message('m1')).toBe(200);
	});

	test('counts a delivery with a message and a state as one with a message', async () => {
		for (let n = 0; n < LIMIT; n += 1) {
			const both = metaChange({ messages: [metaMessage(`m${n}`)], statuses: [metaStatus(`s${n}`, 'sent')] });
			expect((await post(metaBody(both))).status).toBe(200);
		}
		expect(await message('last')).toBe(429);
		expect(await states(0, 1)).toEqual([200]);
	});

	test('counts bodies that nobody can read among the others', async () => {
		for (let n = 0; n < LIMIT * 10; n += 1) expect((await post('{"entry": [')).status).toBe(400);
		expect((await post('{"entry": [')).status).toBe(429);
	});
});

const UNREADABLE: ReadonlyArray<{ name: string; body: unknown }> = [
	{ name: 'a number', body: 7 },
	{ name: 'an empty object', body: {} },
	{ name: 'an entry of null', body: { entry: [null] } },
	{ name: 'a message without an id', body: metaBody(metaChange({ messages: [{}] })) },
	{
		name: "Meta's test of a field",
		body: { entry: [{ changes: [{ field: 'account_update', value: { event: 'X' } }] }] },
	},
];
test.each(UNREADABLE)('$name is answered with 200, kept as ignored, and once', async ({ body }) => {
	expect((await post(body)).body).toEqual({ status: 'accepted' });
	expect((await post(body)).body).toEqual({ status: 'repeated' });
	expect(await kinds()).toEqual(['ignored']);
	expect(await claimTurns(gateway.inbox.app, 50, 60_000)).toEqual([]);
});

const HOSTILE: ReadonlyArray<{ name: string; body: string; status: number }> = [
	{ name: 'ten thousand levels', body: '['.repeat(10_000) + ']'.repeat(10_000), status: 400 },
	{ name: 'a name of every object', body: '{"__proto__": {"entry": 1}, "entry": [{"changes": "x"}]}', status: 200 },
	{ name: 'a body over the limit', body: JSON.stringify('x'.repeat(MAX_BODY_BYTES)), status: 413 },
	{ name: 'no JSON', body: '{"entry": [', status: 400 },
];
test.each(HOSTILE)('$name, rightly signed, is answered with $status', async ({ body, status }) => {
	expect((await post(body)).status).toBe(status);
	expect(gateway.problems).toEqual([]);
});

test('characters, ids and times that PostgreSQL cannot hold cost nothing', async () => {
	const messages = [
		metaMessage('nul', { text: { body: 'а\0б' } }),
		metaMessage('half', { text: { body: 'в\ud83d' } }),
		metaMessage('i'.repeat(5_000)),
		metaMessage('late', { timestamp: '99999999999999' }),
		metaMessage('name', { type: 'contacts', text: undefined, contacts: [{ name: { formatted_name: '\0\udc00' } }] }),
	];
	const statuses = [metaStatus('s'.repeat(9_000), 'read')];
	expect((await post(metaBody(metaChange({ messages, statuses })))).status).toBe(200);
	expect(gateway.problems).toEqual([]);
	expect(await kinds()).toHaveLength(6);
	expect((await post(metaBody(metaChange({ messages, statuses })))).body).toEqual({ status: 'repeated' });
});

test('each of several messages keeps its own part of the body, encrypted', async () => {
	const messages = [
		metaMessage('wamid.1', { text: { body: 'первое' } }),
		metaMessage('wamid.2', { text: { body: 'второе' } }),
	];
	await post(metaBody(metaChange({ messages })));
	const client = await gateway.ports.resolveClient('salon_0');
	const { rows } = await gateway.inbox.admin.query<{ raw_enc: Buffer }>(
		'select raw_enc from inbound_events order by received_at',
	);
	const kept = rows.map((row) => client?.key.decrypt(row.raw_enc, 'inbound_events.raw') ?? '');
	expect(kept.map((text) => JSON.parse(text) as unknown)).toEqual(messages);
	expect(rows[0]?.raw_enc.toString('utf8')).not.toContain('первое');
});

describe("a person who writes from the business's own phone", () => {
	const echo = (id: string, text = 'Здравствуйте, это Айгуль', to = '77015705555') =>
		metaBody(
			metaChange(
				{ message_echoes: [metaMessage(id, { from: '77010000000', to, text: { body: text } })] },
				'smb_message_echoes',
			),
		);
	const humanActive = async () => {
		const { rows } = await gateway.inbox.admin.query<{ active: boolean }>(
			'select human_active_since is not null as active from conversations',
		);
		return rows.map((row) => row.active);
	};

	test('has taken over from the moment of the 200, while a turn of that conversation is running', async () => {
		await post(metaBody(metaChange({ messages: [metaMessage('wamid.1')] })));
		expect((await openAll()).map((opened) => opened.kind)).toEqual(['ready']);
		expect(await humanActive()).toEqual([false]);
		await post(echo('wamid.2'));
		expect(await humanActive()).toEqual([true]);
	});

	test('to somebody who never wrote holds what that one writes then', async () => {
		await post(echo('wamid.2'));
		expect((await openAll()).map((opened) => opened.kind)).toEqual(['ignored']);
		await post(metaBody(metaChange({ messages: [metaMessage('wamid.3')] })));
		expect((await openAll()).map((opened) => opened.kind)).toEqual(['held']);
	});

	test('does not take over the conversations of others', async () => {
		await post(metaBody(metaChange({ messages: [metaMessage('wamid.1')] })));
		await openAll();
		await post(echo('wamid.2', 'салем', '77779998877'));
		expect(await humanActive()).toEqual([false]);
	});

	test.each([
		{ name: 'whose id we know', providerMessageId: 'wamid.out', echoId: 'wamid.out', text: 'не тот текст', own: true },
		{
			name: 'that is being sent just now',
			providerMessageId: null,
			echoId: 'wamid.new',
			text: ' Стрижка — 8 000 ₸. ',
			own: true,
		},
		{
			name: 'that is being sent just now, when somebody types something else',
			providerMessageId: null,
			echoId: 'wamid.new',
			text: 'Стрижка — 9 000 ₸.',
			own: false,
		},
		{
			name: 'with another id, typed again by a person',
			providerMessageId: 'wamid.out',
			echoId: 'wamid.new',
			text: 'Стрижка — 8 000 ₸.',
			own: false,
		},
	])('and a message of ours $name: own = $own', async ({ providerMessageId, echoId, text, own }) => {
		await post(metaBody(metaChange({ messages: [metaMessage('wamid.1')] })));
		await openAll();
		await gateway.inbox.admin.query(
			`with m as (insert into messages (client_id, conversation_id, direction, author, text)
			   select client_id, id, 'outbound', 'bot', 'Стрижка — 8 000 ₸.' from conversations returning *)
			 insert into outbox (client_id, conversation_id, message_id, author, channel, status, idempotency_key, provider_message_id)
			 select client_id, conversation_id, id, 'bot', 'whatsapp', 'sending', id::text, $1 from m`,
			[providerMessageId],
		);
		expect((await post(echo(echoId, text))).status).toBe(200);
		expect(await humanActive()).toEqual([!own]);
		expect(await gateway.inbox.count('inbound_events', `event ->> 'reason' = 'own_message'`)).toBe(own ? 1 : 0);
	});
});
