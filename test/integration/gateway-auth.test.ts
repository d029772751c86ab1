import { createHmac, randomBytes } from 'node:crypto';

import { type ChallengeRequest, type GatewayRequest, handleChallenge } from '../../lib/gateway/gateway';
import { GatewayFixture } from '../support/gateway-fixture';
import { metaBody, metaChange, metaMessage, metaSignature, PHONE_NUMBER_ID } from '../support/meta-bodies';

const APP_SECRET = 'a'.repeat(32);
const VERIFY_TOKEN = 'verify-me';
const META = { provider: 'meta', baseUrl: 'https://graph.facebook.com/v23.0', instanceId: PHONE_NUMBER_ID };
const META_BODY = JSON.stringify(metaBody(metaChange({ messages: [metaMessage('wamid.1')] })));
const CHATFLOW = { provider: 'chatflow', baseUrl: 'https://app.chatflow.kz', instanceId: 'i1' };
const CHATFLOW_BODY = JSON.stringify({
	message: 'салем',
	metadata: { messageId: 'AB12', remoteJid: '77015705555@s.whatsapp.net', timestamp: 1_795_000_000 },
});

let gateway: GatewayFixture;

beforeEach(async () => {
	gateway = await GatewayFixture.start(2);
});
afterEach(async () => {
	await gateway.stop();
});

const stored = async () => await gateway.inbox.count('inbound_events');

describe("Meta's signature", () => {
	beforeEach(async () => {
		await gateway.configure({ channels: { whatsapp: META } }, { meta_app_secret: APP_SECRET });
	});

	const signed = (body: string, secret = APP_SECRET): Partial<GatewayRequest> => ({
		headers: { 'x-hub-signature-256': metaSignature(body, secret) },
	});

	test('over the raw bytes opens the door', async () => {
		expect((await gateway.post(META_BODY, signed(META_BODY))).status).toBe(200);
		expect(await stored()).toBe(1);
	});

	test('of the body before one byte was changed opens nothing', async () => {
		const changed = META_BODY.replace('маникюр', 'Маникюр');
		expect((await gateway.post(changed, signed(META_BODY))).status).toBe(401);
		expect(await stored()).toBe(0);
	});

	test('of the same JSON in other bytes opens nothing', async () => {
		const rewritten = JSON.stringify(JSON.parse(META_BODY), null, 1);
		expect((await gateway.post(rewritten, signed(META_BODY))).status).toBe(401);
	});

	test('is not replaced by the right webhook secret', async () => {
		await gateway.tenants.setSecret(gateway.inbox.client, 'webhook_secret', 'right');
		expect((await gateway.post(META_BODY, { headers: { 'x-webhook-secret': 'right' } })).status).toBe(401);
	});

	test('with the app secret of another client opens nothing', async () => {
		const other = gateway.inbox.clientIds[1] as string;
		await gateway.configure({ channels: { whatsapp: META } }, { meta_app_secret: 'b'.repeat(32) }, other);
		expect((await gateway.post(META_BODY, { ...signed(META_BODY), clientSlug: 'salon_1' })).status).toBe(401);
	});

	test('of an app that several businesses share does not carry a message of one to another', async () => {
		const other = gateway.inbox.clientIds[1] as string;
		const settings = { channels: { whatsapp: { ...META, instanceId: 'another-number' } } };
		await gateway.configure(settings, { meta_app_secret: APP_SECRET }, other);
		expect((await gateway.post(META_BODY, { ...signed(META_BODY), clientSlug: 'salon_1' })).status).toBe(200);
		const { rows } = await gateway.inbox.admin.query('select kind, event, raw_enc, sender_enc from inbound_events');
		expect(rows).toEqual([{ kind: 'ignored', event: { reason: 'other_number' }, raw_enc: null, sender_enc: null }]);
	});

	test('stays right with the old app secret until that is changed too', async () => {
		await gateway.configure(
			{ channels: { whatsapp: META } },
			{
				meta_app_secret: 'c'.repeat(32),
				meta_app_secret_previous: APP_SECRET,
			},
		);
		expect((await gateway.post(META_BODY, signed(META_BODY, 'c'.repeat(32)))).body).toEqual({ status: 'accepted' });
		expect((await gateway.post(META_BODY, signed(META_BODY))).body).toEqual({ status: 'repeated' });
		await gateway.tenants.setSecret(gateway.inbox.client, 'meta_app_secret_previous', 'c'.repeat(32));
		expect((await gateway.post(META_BODY, signed(META_BODY))).status).toBe(401);
	});

	test('that is missing is refused before the body is read', async () => {
		const readBody = async () => Promise.reject(new Error('was read'));
		expect((await gateway.post('', { readBody })).status).toBe(401);
		expect(gateway.problems).toEqual([]);
	});
});

test('a client with Meta and no app secret takes nothing, whatever is presented', async () => {
	await gateway.configure({ channels: { whatsapp: META } }, { webhook_secret: 'right' });
	for (const headers of [
		{},
		{ 'x-webhook-secret': 'right' },
		{ 'x-hub-signature-256': metaSignature(META_BODY, '') },
		{ 'x-hub-signature-256': 'sha256=' },
	]) {
		expect((await gateway.post(META_BODY, { headers })).status).toBe(401);
	}
	expect(await stored()).toBe(0);
});

describe('Standard Webhooks', () => {
	const key = randomBytes(24);
	const sign = (body: string, id: string, seconds: number, secret = key) =>
		`v1,${createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')}`;
	const headers = (body: string, ageSeconds = 0, id = 'msg_1') => {
		const seconds = Math.round(Date.now() / 1000) - ageSeconds;
		return {
			'webhook-id': id,
			'webhook-timestamp': String(seconds),
			'webhook-signature': `${sign(body, id, seconds, randomBytes(24))} ${sign(body, id, seconds)}`,
		};
	};

	beforeEach(async () => {
		await gateway.configure(
			{ channels: { whatsapp: { ...CHATFLOW, auth: 'standard_webhooks' } } },
			{ standard_webhooks_secret: `whsec_${key.toString('base64')}`, webhook_secret: 'right' },
		);
	});

	test('a signed delivery is accepted, one signature of two being ours', async () => {
		expect((await gateway.post(CHATFLOW_BODY, { headers: headers(CHATFLOW_BODY) })).status).toBe(200);
	});

	test('the same delivery is a repetition within five minutes and refused after them', async () => {
		expect((await gateway.post(CHATFLOW_BODY, { headers: headers(CHATFLOW_BODY) })).body).toEqual({
			status: 'accepted',
		});
		expect((await gateway.post(CHATFLOW_BODY, { headers: headers(CHATFLOW_BODY, 280) })).body).toEqual({
			status: 'repeated',
		});
		expect((await gateway.post(CHATFLOW_BODY, { headers: headers(CHATFLOW_BODY, 320) })).status).toBe(401);
	});

	test('the plain webhook secret opens nothing here', async () => {
		expect((await gateway.post(CHATFLOW_BODY, { headers: { 'x-webhook-secret': 'right' } })).status).toBe(401);
	});

	test('a changed body is refused', async () => {
		const given = headers(CHATFLOW_BODY);
		expect((await gateway.post(`${CHATFLOW_BODY} `, { headers: given })).status).toBe(401);
	});
});

describe('a list of allowed addresses', () => {
	beforeEach(async () => {
		const whatsapp = { ...CHATFLOW, allowFrom: ['203.0.113.0/24', '2a03:2880::/32'] };
		await gateway.configure({ channels: { whatsapp } }, { webhook_secret: 'right' });
	});

	const CASES: ReadonlyArray<{ address: string | null; status: number }> = [
		{ address: '203.0.113.7', status: 200 },
		{ address: '2a03:2880:f101::1', status: 200 },
		{ address: '203.0.114.7', status: 403 },
		{ address: '2a03:2881::1', status: 403 },
		{ address: null, status: 403 },
		{ address: 'no address', status: 403 },
	];
	test.each(CASES)('from $address is answered with $status', async ({ address, status }) => {
		const response = await gateway.post(CHATFLOW_BODY, {
			sourceAddress: address,
			headers: { 'x-webhook-secret': 'right' },
		});
		expect(response.status).toBe(status);
	});

	test('does not replace the secret', async () => {
		expect((await gateway.post(CHATFLOW_BODY, { headers: {} })).status).toBe(401);
	});
});

describe("Meta's challenge", () => {
	const ask = async (changes: Partial<ChallengeRequest> = {}) =>
		await handleChallenge(gateway.ports, {
			channel: 'whatsapp',
			clientSlug: 'salon_0',
			sourceAddress: '31.13.24.1',
			mode: 'subscribe',
			verifyToken: VERIFY_TOKEN,
			challenge: '1158201444',
			...changes,
		});

	beforeEach(async () => {
		await gateway.configure({ channels: { whatsapp: META } }, { meta_verify_token: VERIFY_TOKEN });
	});

	test('is answered with the challenge and nothing else', async () => {
		expect(await ask()).toEqual({ status: 200, headers: {}, body: '1158201444' });
	});

	const REFUSED: ReadonlyArray<{ name: string; given: Partial<ChallengeRequest>; status: number }> = [
		{ name: 'with another token', given: { verifyToken: 'guess' }, status: 401 },
		{ name: 'without a token', given: { verifyToken: null }, status: 401 },
		{ name: 'for a client without a token', given: { clientSlug: 'salon_1' }, status: 401 },
		{
			name: 'for a client without a token, with an empty one',
			given: { clientSlug: 'salon_1', verifyToken: '' },
			status: 401,
		},
		{ name: 'in another mode', given: { mode: 'unsubscribe' }, status: 401 },
		{ name: 'without a challenge', given: { challenge: null }, status: 401 },
		{ name: 'with a page as its challenge', given: { challenge: '<script>'.repeat(99) }, status: 401 },
		{ name: 'for nobody', given: { clientSlug: 'nobody' }, status: 404 },
		{ name: 'on another channel', given: { channel: 'fax' }, status: 404 },
	];
	test.each(REFUSED)('$name is refused and shows nothing', async ({ given, status }) => {
		const response = await ask(given);
		expect(response.status).toBe(status);
		expect(JSON.stringify(response)).not.toContain('1158201444');
		expect(JSON.stringify(response)).not.toContain(VERIFY_TOKEN);
	});
});
