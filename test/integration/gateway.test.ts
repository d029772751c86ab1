import { createGroupedSteps } from '../../lib/adapters/grouped-steps';
import { TrufflesError } from '../../lib/errors';
import type { GatewayRequest, GatewayResponse } from '../../lib/gateway/gateway';
import type { Db } from '../../lib/ports/db';
import { GatewayFixture, MAX_BODY_BYTES } from '../support/gateway-fixture';
import { type InboxFixture, readableKey } from '../support/inbox-fixture';

const SECRET = 'correct-horse-battery-staple';
const TELEGRAM_SECRET = 'telegram-secret-token';
const PHONE = '77015705555';
const TELEGRAM = { handover: { adapter: 'telegram', telegram: { chatId: '-1001' } } };

let gateway: GatewayFixture;
let fixture: InboxFixture;

beforeEach(async () => {
	gateway = await GatewayFixture.start(2);
	fixture = gateway.inbox;
	await gateway.configure(TELEGRAM, { webhook_secret: SECRET, telegram_webhook_secret: TELEGRAM_SECRET });
});
afterEach(async () => {
	await gateway.stop();
});

function chatflow(text: string, messageId = 'AB12CD34EF56AB12CD34'): string {
	return JSON.stringify({
		messageType: 'text',
		message: text,
		metadata: { sender: PHONE, timestamp: 1_795_000_000, messageId, remoteJid: `${PHONE}@s.whatsapp.net` },
		mediaData: null,
		nodeData: {},
	});
}

async function post(body: string, overrides: Partial<GatewayRequest> = {}): Promise<GatewayResponse> {
	return await gateway.post(body, { headers: { 'x-webhook-secret': SECRET }, ...overrides });
}

test('a message with the right secret is committed before the 200', async () => {
	expect(await post(chatflow('Сколько стоит маникюр?'))).toMatchObject({ status: 200, body: { status: 'accepted' } });
	expect(await fixture.count('inbound_events')).toBe(1);
});

test('the secret in the query opens the door too, for gateways that cannot set headers', async () => {
	expect((await post(chatflow('салем'), { headers: {}, querySecret: SECRET })).status).toBe(200);
});

const REFUSALS: ReadonlyArray<{ name: string; request: Partial<GatewayRequest>; body?: string; status: number }> = [
	{ name: 'a wrong secret', request: { headers: { 'x-webhook-secret': 'wrong' } }, status: 401 },
	{ name: 'no secret', request: { headers: {} }, status: 401 },
	{ name: 'an empty secret', request: { headers: { 'x-webhook-secret': '' } }, status: 401 },
	{
		name: 'a client without a stored secret, whatever is presented',
		request: { clientSlug: 'salon_1', headers: { 'x-webhook-secret': '' } },
		status: 401,
	},
	{ name: 'the secret of another client', request: { clientSlug: 'salon_1' }, status: 401 },
	{ name: 'an unknown client', request: { clientSlug: 'nobody' }, status: 404 },
	{ name: 'an unknown channel', request: { channel: 'constructor' }, status: 404 },
	{ name: 'broken JSON', request: {}, body: '{"message": ', status: 400 },
	{ name: 'JSON that is no ChatFlow body', request: {}, body: '[1, 2]', status: 400 },
	{
		name: 'a body that is not UTF-8 text',
		request: { readBody: async () => Buffer.from([0xff, 0xfe, 0x7b]) },
		status: 400,
	},
	{ name: 'a body that says it is too large', request: { contentLength: MAX_BODY_BYTES + 1 }, status: 413 },
	{
		name: 'a body that is too large without saying so',
		request: { contentLength: null, readBody: async () => Buffer.alloc(MAX_BODY_BYTES + 1) },
		status: 413,
	},
	{
		name: 'a body that n8n itself stopped reading',
		request: {
			contentLength: null,
			readBody: async () => Promise.reject(new TrufflesError('TRF_WEBHOOK_BODY_TOO_LARGE', { maxKb: 64 })),
		},
		status: 413,
	},
	{
		name: 'a Telegram update without its secret token',
		request: { channel: 'telegram', headers: { 'x-webhook-secret': SECRET } },
		status: 401,
	},
];
test.each(REFUSALS)(
	'$name is refused with $status, stores nothing and shows no secret',
	async ({ request, body, status }) => {
		const response = await post(body ?? chatflow('салем'), request);
		expect(response.status).toBe(status);
		expect(await fixture.count('inbound_events')).toBe(0);
		const shown = JSON.stringify(response);
		for (const secret of [SECRET, TELEGRAM_SECRET, PHONE]) expect(shown).not.toContain(secret);
	},
);

test('a suspended client gets 200, nothing is stored, and the audit says so', async () => {
	await fixture.admin.query(`update clients set status = 'suspended' where id = $1`, [fixture.client]);
	expect(await post(chatflow('салем'))).toMatchObject({ status: 200, body: { status: 'ignored' } });
	expect(await fixture.count('inbound_events')).toBe(0);
	const { rows } = await fixture.admin.query('select action, detail from audit_log where client_id = $1', [
		fixture.client,
	]);
	expect(rows).toEqual([{ action: 'webhook_ignored', detail: { reason: 'client_suspended', channel: 'whatsapp' } }]);
});

test('the request after the limit gets 429 with the seconds to wait, and another client is not slowed', async () => {
	await gateway.configure({ rateLimitPerMinute: 3 });
	const statuses: number[] = [];
	for (let n = 0; n < 4; n += 1) statuses.push((await post(chatflow('салем', `ID${n}`))).status);
	expect(statuses).toEqual([200, 200, 200, 429]);
	const refused = await post(chatflow('салем', 'ID9'));
	expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
	expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
	expect((await post(chatflow('салем'), { clientSlug: 'salon_1' })).status).toBe(401);
});

test('a client whose settings do not say gets a hundred messages a minute', async () => {
	await gateway.configure({ rateLimitPerMinute: undefined });
	const statuses: number[] = [];
	for (let n = 0; n < 101; n += 1) statuses.push((await post(chatflow('салем', `ID${n}`))).status);
	expect(statuses.slice(0, 100)).toEqual(Array(100).fill(200));
	expect(statuses[100]).toBe(429);
});

test('when PostgreSQL is away the sender is told to repeat', async () => {
	await fixture.app.close();
	const response = await post(chatflow('салем'));
	expect(response.status).toBe(503);
	expect(response.headers['retry-after']).toBe('5');
});

test('neither the phone nor the text of a message is stored in clear', async () => {
	await post(chatflow('мой секретный вопрос'));
	const { rows } = await fixture.admin.query<{ all: string }>(
		`select concat(lane_key, ' ', encode(sender_enc, 'escape'), ' ', encode(raw_enc, 'escape')) as all from inbound_events`,
	);
	expect(rows[0]?.all).not.toContain(PHONE);
	expect(rows[0]?.all).not.toContain('секретный');
});

test('a button pressed in another Telegram group is ignored', async () => {
	const update = (chatId: number, id: number): string =>
		JSON.stringify({
			update_id: id,
			callback_query: {
				id: 'cb1',
				from: { id: 5, first_name: 'Айгуль' },
				message: { message_id: 7, chat: { id: chatId } },
				data: 'take:11111111-2222-4333-8444-555555555555',
			},
		});
	const telegram = { channel: 'telegram', headers: { 'x-telegram-bot-api-secret-token': TELEGRAM_SECRET } };
	expect((await post(update(-2002, 1), telegram)).body).toEqual({ status: 'ignored' });
	expect((await post(update(-1001, 2), telegram)).body).toEqual({ status: 'accepted' });
	expect(await fixture.count('inbound_events', `kind = 'manager_action'`)).toBe(1);
});

describe('for a client that the process remembers from its last delivery', () => {
	beforeEach(async () => {
		expect((await post(chatflow('салем', 'FIRST'))).status).toBe(200);
		expect(gateway.tenants.remembered('salon_0')).not.toBeNull();
	});

	test('a delivery is stored with one statement, and a repeated one is told apart', async () => {
		const statements: string[] = [];
		const { ports } = gateway;
		const query = async (text: string, params?: readonly unknown[]) => {
			statements.push(text);
			return await fixture.app.query(text, params);
		};
		const db = Object.assign(Object.create(fixture.app), { query }) as Db;
		Object.assign(ports, { db, acceptDelivery: createGroupedSteps(db, () => readableKey).acceptDelivery });
		expect((await post(chatflow('салем', 'SECOND'))).body).toEqual({ status: 'accepted' });
		expect(statements).toEqual([expect.stringContaining('truffles.accept_deliveries($1')]);
		expect((await post(chatflow('салем', 'SECOND'))).body).toEqual({ status: 'repeated' });
		expect(await fixture.count('inbound_events')).toBe(2);
	});

	test('a secret that has been changed since opens the door no more, and the new one does', async () => {
		await gateway.tenants.setSecret(fixture.client, 'webhook_secret', 'the-new-secret-of-the-salon');
		expect((await post(chatflow('салем', 'OLD'))).status).toBe(401);
		const headers = { 'x-webhook-secret': 'the-new-secret-of-the-salon' };
		expect((await post(chatflow('салем', 'NEW'), { headers })).body).toEqual({ status: 'accepted' });
		expect(await fixture.count('inbound_events')).toBe(2);
	});

	test('nothing is stored once the client is suspended, and it is accepted again afterwards', async () => {
		await fixture.admin.query(`update clients set status = 'suspended' where id = $1`, [fixture.client]);
		expect((await post(chatflow('салем', 'SUSPENDED'))).body).toEqual({ status: 'ignored' });
		expect(await fixture.count('inbound_events')).toBe(1);
		await fixture.admin.query(`update clients set status = 'active' where id = $1`, [fixture.client]);
		expect((await post(chatflow('салем', 'AGAIN'))).body).toEqual({ status: 'accepted' });
	});

	test('a limit that has been raised since counts at once', async () => {
		await gateway.configure({ ...TELEGRAM, rateLimitPerMinute: 1 });
		expect((await post(chatflow('салем', 'A'))).status).toBe(429);
		await gateway.configure({ ...TELEGRAM, rateLimitPerMinute: 100 });
		expect((await post(chatflow('салем', 'A'))).body).toEqual({ status: 'accepted' });
	});
});
