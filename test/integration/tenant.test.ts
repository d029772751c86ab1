import { randomUUID } from 'node:crypto';
import { NodeCrypto } from '../../lib/adapters/node-crypto';
import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import { ClientKeyring } from '../../lib/crypto/client-keys';
import { TenantStore } from '../../lib/tenant/tenant-store';
import { startTestPostgres, type TestPostgres } from '../support/postgres';

const crypto = new NodeCrypto();
const keyring = new ClientKeyring(crypto, Buffer.alloc(32, 1));
const SETTINGS = { model: { usdKztRate: '500' }, rateLimitPerMinute: 7 };

jest.setTimeout(60_000);

let postgres: TestPostgres;
let db: PgDb;
let admin: PgDb;
let store: TenantStore;
let salon: string;
let barber: string;

async function insertClient(slug: string, settings: object): Promise<string> {
	const id = randomUUID();
	const company = await admin.query<{ id: string }>('insert into companies (name) values ($1) returning id', [slug]);
	await admin.query(
		`insert into clients (id, company_id, slug, name, time_zone, data_key_wrapped) values ($1, $2, $3, $3, 'Asia/Almaty', $4)`,
		[id, company.rows[0]?.id, slug, keyring.createDataKey(id).wrapped],
	);
	await admin.query('insert into client_settings (client_id, settings) values ($1, $2)', [id, settings]);
	return id;
}

beforeAll(async () => {
	postgres = await startTestPostgres();
	db = createPgDb({ connectionString: postgres.appUrl, applicationName: 'test' });
	admin = createPgDb({ connectionString: postgres.adminUrl, applicationName: 'test' });
	store = new TenantStore(db, keyring);
	salon = await insertClient('salon', SETTINGS);
	barber = await insertClient('barber', { bursts: 1 });
});
afterAll(async () => {
	await Promise.all([db?.close(), admin?.close()]);
	await postgres?.stop();
});

test('a client is found by its slug in a session that is bound to no client', async () => {
	const found = await store.resolveBySlug('salon');
	expect(found).toMatchObject({
		id: salon,
		slug: 'salon',
		status: 'active',
		timeZone: 'Asia/Almaty',
		configVersion: 1,
		rateLimitPerMinute: 7,
	});
	expect(await store.resolveBySlug('nobody')).toBeNull();
	expect(await store.resolveBySlug(`' or true --`)).toBeNull();
});

test('settings come back with their defaults; stored nonsense is an error that names the client', async () => {
	expect(await store.settings(salon)).toMatchObject({ rateLimitPerMinute: 7, burst: { maxMs: 12_000 } });
	await expect(store.settings(barber)).rejects.toMatchObject({
		code: 'TRF_SETTINGS_INVALID',
		message: expect.stringContaining('unknown key "bursts"'),
	});
	await expect(store.settings(randomUUID())).rejects.toMatchObject({ code: 'TRF_CLIENT_UNKNOWN' });
});

test('a secret is stored encrypted, is read back, and raises the config version', async () => {
	await store.setSecret(salon, 'chatflow_token', 'very-secret');
	expect(await store.secret(salon, 'chatflow_token')).toBe('very-secret');
	expect(await store.secret(salon, 'model_api_key')).toBeNull();
	const { rows } = await admin.query<{ plain: boolean }>(
		`select position('very-secret'::bytea in value_enc) > 0 as plain from client_secrets`,
	);
	expect(rows).toEqual([{ plain: false }]);
	expect((await store.resolveBySlug('salon'))?.configVersion).toBe(2);
});

test('with another master key neither the client nor its secrets can be read', async () => {
	await store.setSecret(salon, 'chatflow_token', 'very-secret');
	const other = new TenantStore(db, new ClientKeyring(crypto, Buffer.alloc(32, 2)));
	await expect(other.secret(salon, 'chatflow_token')).rejects.toMatchObject({ code: 'TRF_SECRET_UNREADABLE' });
	await expect(other.resolveBySlug('salon')).rejects.toMatchObject({ code: 'TRF_SECRET_UNREADABLE' });
});

test("a secret's row copied to another client cannot be read there", async () => {
	await store.setSecret(salon, 'telegram_bot_token', 'very-secret');
	await admin.query(
		`insert into client_secrets (client_id, name, value_enc) select $1, name, value_enc from client_secrets where client_id = $2 and name = 'telegram_bot_token'`,
		[barber, salon],
	);
	await expect(store.secret(barber, 'telegram_bot_token')).rejects.toMatchObject({ code: 'TRF_SECRET_UNREADABLE' });
});

test('a value read for one config version stays until the version grows', async () => {
	const version = (await store.resolveBySlug('salon'))?.configVersion ?? 0;
	await store.setSecret(salon, 'model_api_key', 'first');
	expect(await store.secret(salon, 'model_api_key', version + 1)).toBe('first');
	await store.setSecret(salon, 'model_api_key', 'second');
	expect(await store.secret(salon, 'model_api_key', version + 1)).toBe('first');
	expect(await store.secret(salon, 'model_api_key', version + 2)).toBe('second');
});
