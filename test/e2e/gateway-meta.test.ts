/** Meta's Cloud API through the real n8n: challenge, signed delivery, reply, delivery states. */
import { Client } from 'pg';

import { NodeCrypto } from '../../lib/adapters/node-crypto';
import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import { ClientKeyring } from '../../lib/crypto/client-keys';
import { TenantStore } from '../../lib/tenant/tenant-store';
import { loadSecrets } from '../../scripts/stack/stack-secrets';
import { locateStateFolder } from '../../scripts/stack/state-folder';
import { type HttpRecorder, startHttpRecorder } from '../support/http-recorder';
import { metaBody, metaChange, metaMessage, metaSignature, metaStatus, PHONE_NUMBER_ID } from '../support/meta-bodies';
import { startStack, type RunningTestStack } from '../support/stack';
import { eventually } from '../support/world';

jest.setTimeout(60_000);

const SLUG = 'meta_salon';
const APP_SECRET = 'e2e-app-secret';
const VERIFY_TOKEN = 'e2e-verify-token';

let stack: RunningTestStack;
let db: Client;
let app: PgDb;
/** Stands for graph.facebook.com. */
let meta: HttpRecorder;
let clientId: string;

beforeAll(async () => {
	stack = await startStack({ model: 'off' });
	meta = await startHttpRecorder(() => ({ status: 200, json: { messages: [{ id: 'wamid.reply' }] } }));
	db = new Client({ connectionString: stack.databaseAdminUrl });
	await db.connect();
	await db.query('set search_path = truffles');
	app = createPgDb({ connectionString: stack.databaseAppUrl, applicationName: 'test' });
	const { masterKey } = loadSecrets(locateStateFolder({ TRUFFLES_HOME: stack.home }));
	const keyring = new ClientKeyring(new NodeCrypto(), Buffer.from(masterKey, 'base64'));
	clientId = await onboard(keyring);
	const tenants = new TenantStore(app, keyring);
	await tenants.setSecret(clientId, 'meta_app_secret', APP_SECRET);
	await tenants.setSecret(clientId, 'meta_verify_token', VERIFY_TOKEN);
	await tenants.setSecret(clientId, 'whatsapp_access_token', 'e2e-token');
}, 600_000);
afterAll(async () => {
	await app?.close();
	await db?.end();
	await meta?.close();
	await stack?.stop();
}, 60_000);

/** The demo salon's facts for a client that has Meta instead of ChatFlow. */
async function onboard(keyring: ClientKeyring): Promise<string> {
	const whatsapp = { provider: 'meta', baseUrl: meta.url, instanceId: PHONE_NUMBER_ID };
	const { rows } = await db.query<{ id: string }>(
		`with c as (insert into clients (company_id, slug, name, time_zone, default_language, data_key_wrapped)
		   select company_id, $1, 'Салон Meta', time_zone, default_language, '\\x00' from clients where slug = 'demo_salon' returning id),
		 b as (insert into branches (client_id, key, name, is_default) select id, 'main', 'Салон', true from c)
		 insert into client_settings (client_id, settings, client_pack, domain_pack)
		 select c.id, s.settings || jsonb_build_object('channels', jsonb_build_object('whatsapp', $2::jsonb)), s.client_pack, s.domain_pack
		   from c, client_settings s join clients d on d.id = s.client_id and d.slug = 'demo_salon'
		 returning client_id as id`,
		[SLUG, JSON.stringify(whatsapp)],
	);
	const id = rows[0]?.id as string;
	await db.query('update clients set data_key_wrapped = $2 where id = $1', [id, keyring.createDataKey(id).wrapped]);
	return id;
}

const address = () => stack.gatewayUrl(SLUG);

async function post(body: unknown, secret = APP_SECRET): Promise<number> {
	const text = JSON.stringify(body);
	const headers = { 'content-type': 'application/json', 'x-hub-signature-256': metaSignature(text, secret) };
	return (await fetch(address(), { method: 'POST', headers, body: text })).status;
}

const challenge = (token: string) =>
	`?${new URLSearchParams({ 'hub.mode': 'subscribe', 'hub.verify_token': token, 'hub.challenge': '1158201444' }).toString()}`;

test.each([
	{ name: 'short', path: () => address() },
	{ name: 'long', path: () => `${stack.n8nUrl}/webhook/in/whatsapp/${SLUG}` },
])("Meta's challenge is answered as plain text at the $name address", async ({ path }) => {
	const response = await fetch(path() + challenge(VERIFY_TOKEN));
	expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
		200,
		expect.stringMatching(/^text\/plain/),
		'1158201444',
	]);
});

test('a challenge with another token, or for a client without one, is refused', async () => {
	for (const url of [address() + challenge('guess'), stack.gatewayUrl('demo_salon') + challenge('')]) {
		const response = await fetch(url);
		expect(response.status).toBe(401);
		expect(await response.text()).not.toContain('1158201444');
	}
});

test("a question with Meta's signature is answered through Meta, and its delivery states come back in any order", async () => {
	expect(await post(metaBody(metaChange({ messages: [metaMessage('wamid.e2e.1')] })))).toBe(200);
	const sent = await eventually('a reply at Meta', async () => meta.requests[0]);
	expect(sent).toMatchObject({
		path: `/${PHONE_NUMBER_ID}/messages`,
		headers: { authorization: 'Bearer e2e-token' },
	});
	expect(JSON.parse(sent.body)).toMatchObject({ to: '77015705555', text: { body: expect.stringMatching(/₸/) } });

	for (const status of ['read', 'sent', 'delivered']) {
		expect(await post(metaBody(metaChange({ statuses: [metaStatus('wamid.reply', status)] })))).toBe(200);
	}
	const state = await eventually('the state "read"', async () => {
		const { rows } = await db.query<{ state: string }>(
			`select delivery_status as state from messages where client_id = $1 and direction = 'outbound' and delivery_status = 'read'`,
			[clientId],
		);
		return rows[0]?.state;
	});
	expect(state).toBe('read');
	expect(meta.requests).toHaveLength(1);
});

test("a forged signature and the demo salon's secret open nothing here", async () => {
	expect(await post(metaBody(metaChange({ messages: [metaMessage('wamid.e2e.2')] })), 'guess')).toBe(401);
	const headers = { 'x-webhook-secret': stack.webhookSecret('demo_salon') };
	expect((await fetch(address(), { method: 'POST', headers, body: '{}' })).status).toBe(401);
});

test('an address that is not on the list is refused, whatever it writes about itself', async () => {
	const whatsapp = {
		provider: 'meta',
		baseUrl: meta.url,
		instanceId: PHONE_NUMBER_ID,
		allowFrom: ['31.13.24.0/21', '2a03:2880::/32'],
	};
	await db.query(
		`update client_settings set settings = jsonb_set(settings, '{channels,whatsapp}', $2) where client_id = $1`,
		[clientId, JSON.stringify(whatsapp)],
	);
	await db.query('update clients set config_version = config_version + 1 where id = $1', [clientId]);
	const headers = { 'x-forwarded-for': '31.13.24.1', 'x-real-ip': '31.13.24.1' };
	expect((await fetch(address(), { method: 'POST', headers, body: '{}' })).status).toBe(403);
});
