import { setTimeout as sleep } from 'node:timers/promises';

import type { IDataObject, IExecuteFunctions, ITriggerFunctions, IWebhookFunctions } from 'n8n-workflow';

import { defaultJournalFolder, FileBillingJournal } from '../../lib/adapters/file-billing-journal';
import { createGroupedSteps, type GroupedSteps } from '../../lib/adapters/grouped-steps';
import { FetchHttp } from '../../lib/adapters/fetch-http';
import { MemoryKv } from '../../lib/adapters/memory-kv';
import { NodeCrypto } from '../../lib/adapters/node-crypto';
import { PgBillingLedger } from '../../lib/adapters/pg-billing-ledger';
import { assertAppRole, createPgDb } from '../../lib/adapters/pg-db';
import { QdrantVectors } from '../../lib/adapters/qdrant-vectors';
import { RedisKv } from '../../lib/adapters/redis-kv';
import { systemClock } from '../../lib/adapters/system-clock';
import { TelegramManagerChannel } from '../../lib/adapters/telegram-manager-channel';
import { WebhookManagerChannel } from '../../lib/adapters/webhook-manager-channel';
import { openWhatsappSender } from '../../lib/adapters/whatsapp-sender';
import { type ClientKey, ClientKeyring } from '../../lib/crypto/client-keys';
import { TrufflesError } from '../../lib/errors';
import { type ClientKnowledge, loadClientKnowledge } from '../../lib/tenant/client-knowledge';
import type { BillingLedger } from '../../lib/ports/billing-ledger';
import type { ChannelSender } from '../../lib/ports/channel-sender';
import type { Clock } from '../../lib/ports/clock';
import type { Crypto } from '../../lib/ports/crypto';
import type { Db } from '../../lib/ports/db';
import type { Http } from '../../lib/ports/http';
import type { Kv } from '../../lib/ports/kv';
import type { ManagerChannel } from '../../lib/ports/manager-channel';
import type { VectorStore } from '../../lib/ports/vector-store';
import type { HandoverAdapterName, SecretName } from '../../lib/tenant/client-settings';
import type { DeliverySettings } from '../../lib/tenant/delivery-settings';
import { TenantStore } from '../../lib/tenant/tenant-store';
import { cachedClientRows } from './client-rows';
import { PerVersion } from './per-version';

/** Everything outside the process that the nodes share; one per credential and process. */
export interface Platform extends GroupedSteps {
	readonly db: Db;
	readonly kv: Kv;
	readonly http: Http;
	readonly clock: Clock;
	readonly crypto: Crypto;
	readonly tenants: TenantStore;
	readonly keyring: ClientKeyring;
	/** Budgets and bills; keeps bills in a journal while the database is down. */
	readonly ledger: BillingLedger;
	/** Null when no Qdrant is configured. */
	readonly vectors: VectorStore | null;
	readonly perVersion: PerVersion;
	/** Settings and packs of a client, cached for as long as its `configVersion` stands. */
	readonly packs: (clientId: string, configVersion: number) => Promise<ClientKnowledge>;
	/** With `configVersion` the client's row, settings and secrets are read once per version, without it each time. */
	readonly senderFor: (clientId: string, channel: string, configVersion?: number) => Promise<ChannelSender>;
	readonly decryptAddress: (clientId: string, addressEnc: Buffer, configVersion?: number) => Promise<string>;
	/** Throws TRF_SECRET_UNREADABLE when the master key is another one. */
	readonly unwrapKey: (clientId: string, wrapped: Buffer) => ClientKey;
	readonly deliverySettingsFor: (clientId: string, configVersion?: number) => Promise<DeliverySettings>;
	readonly sleep: (ms: number) => Promise<void>;
	/** Null when the client has not configured this adapter. */
	readonly managerChannelFor: (
		clientId: string,
		adapter: HandoverAdapterName,
		configVersion?: number,
	) => Promise<ManagerChannel | null>;
}

const CREDENTIAL = 'trufflesPlatformApi';

/**
 * n8n reads a credential from its database and decrypts it each time a node asks, which costs as much as storing a
 * delivery. A changed credential counts this much later.
 */
const CREDENTIAL_READ_EVERY_MS = 2_000;

const platforms = new Map<string, Promise<OpenPlatform>>();
/** By the id of the credential. */
const readLately = new Map<string, { readonly platform: Platform; readonly until: number }>();

interface OpenPlatform extends Platform {
	readonly ledger: PgBillingLedger;
}

/** The platform of the node's credential; the first caller opens it, the others share it. */
export async function getPlatform(this: IExecuteFunctions | ITriggerFunctions | IWebhookFunctions): Promise<Platform> {
	const id = this.getNode().credentials?.[CREDENTIAL]?.id ?? null;
	const known = id === null ? undefined : readLately.get(id);
	if (known !== undefined && known.until > performance.now()) return known.platform;
	const platform = await platformOf(this);
	// Kept only when it could be opened.
	if (id !== null) readLately.set(id, { platform, until: performance.now() + CREDENTIAL_READ_EVERY_MS });
	return platform;
}

async function platformOf(context: IExecuteFunctions | ITriggerFunctions | IWebhookFunctions): Promise<Platform> {
	const credential = await context.getCredentials<IDataObject>(CREDENTIAL);
	const key = JSON.stringify(
		['databaseUrl', 'masterKey', 'redisUrl', 'qdrantUrl', 'qdrantApiKey'].map((name) => credential[name] ?? ''),
	);
	let platform = platforms.get(key);
	if (platform === undefined) {
		platform = openPlatform(credential);
		platforms.set(key, platform);
		// A platform that could not be opened is tried again by the next caller.
		platform.catch(() => platforms.delete(key));
	}
	return await platform;
}

/** Closes every pool of this process; called on shutdown and at the end of in-process tests. */
export async function closePlatforms(): Promise<void> {
	const open = [...platforms.values()];
	platforms.clear();
	readLately.clear();
	for (const platform of open) {
		const { db, kv, ledger } = await platform;
		await ledger.close();
		await Promise.allSettled([db.close(), kv.close()]);
	}
}

async function openPlatform(credential: IDataObject): Promise<OpenPlatform> {
	const text = (name: string): string => (typeof credential[name] === 'string' ? credential[name].trim() : '');
	const masterKey = Buffer.from(text('masterKey'), 'base64');
	const problems: string[] = [];
	if (text('databaseUrl') === '') problems.push('Database URL is empty');
	if (masterKey.length !== 32) problems.push('Master Key is not 32 bytes in base64');
	if (problems.length > 0) throw new TrufflesError('TRF_PLATFORM_CREDENTIAL_INVALID', { problem: problems.join('; ') });

	const db = createPgDb({
		connectionString: text('databaseUrl'),
		applicationName: 'truffles-nodes',
		maxConnections: 20,
	});
	const refusal = await assertAppRole(db).then(
		() => null,
		(error: unknown) => ({ error }),
	);
	if (refusal !== null) {
		await db.close();
		throw refusal.error;
	}
	const http = new FetchHttp();
	const crypto = new NodeCrypto();
	const keyring = new ClientKeyring(crypto, masterKey);
	const tenants = new TenantStore(db, keyring);
	const ledger = openLedger(db, text('databaseUrl'), masterKey);
	const perVersion = new PerVersion();
	const packs: Platform['packs'] = async (clientId, configVersion) =>
		await perVersion.get(clientId, configVersion, 'knowledge', async () => await loadClientKnowledge(db, clientId));

	const clientRow = cachedClientRows(db);
	const senderFor: Platform['senderFor'] = async (clientId, channel, configVersion) => {
		const client = await clientRow(clientId, configVersion);
		const settings = await tenants.settings(clientId, client.config_version);
		const whatsapp = channel === 'whatsapp' ? settings.channels.whatsapp : undefined;
		if (whatsapp === undefined) throw new TrufflesError('TRF_CHANNEL_NOT_CONFIGURED', { client: client.slug, channel });
		const secret = async (name: SecretName) => await tenants.secret(clientId, name, client.config_version);
		return await openWhatsappSender(http, client.slug, whatsapp, secret);
	};
	const keyOf = async (clientId: string, configVersion?: number): Promise<ClientKey> =>
		keyring.unwrap(clientId, (await clientRow(clientId, configVersion)).data_key_wrapped);
	const managerChannelFor: Platform['managerChannelFor'] = async (clientId, adapter, configVersion) => {
		const client = await clientRow(clientId, configVersion);
		const { handover } = await tenants.settings(clientId, client.config_version);
		if (adapter === 'telegram' && handover?.telegram !== undefined) {
			const botToken = await tenants.secret(clientId, 'telegram_bot_token', client.config_version);
			if (botToken === null)
				throw new TrufflesError('TRF_SECRET_MISSING', { client: client.slug, secret: 'telegram_bot_token' });
			return new TelegramManagerChannel(http, { ...handover.telegram, botToken });
		}
		if (adapter === 'webhook' && handover?.webhook !== undefined) {
			const secret = await tenants.secret(clientId, 'handover_webhook_secret', client.config_version);
			const header = secret === null ? null : { name: 'X-Truffles-Secret', value: secret };
			return new WebhookManagerChannel(http, { url: handover.webhook.url, header });
		}
		return null;
	};
	const unwrapKey: Platform['unwrapKey'] = (clientId, wrapped) => keyring.unwrap(clientId, wrapped);
	return {
		...createGroupedSteps(db, unwrapKey),
		db,
		http,
		crypto,
		keyring,
		unwrapKey,
		perVersion,
		tenants,
		ledger,
		packs,
		senderFor,
		kv: text('redisUrl') === '' ? new MemoryKv(systemClock) : new RedisKv({ url: text('redisUrl') }),
		clock: systemClock,
		vectors:
			text('qdrantUrl') === ''
				? null
				: new QdrantVectors({ url: text('qdrantUrl'), apiKey: text('qdrantApiKey') || null }),
		managerChannelFor,
		decryptAddress: async (clientId, addressEnc, configVersion) =>
			(await keyOf(clientId, configVersion)).decrypt(addressEnc, 'users.address'),
		deliverySettingsFor: async (clientId, configVersion) => {
			const client = await clientRow(clientId, configVersion);
			return (await tenants.settings(clientId, client.config_version)).delivery;
		},
		sleep: async (ms) => await sleep(ms),
	};
}

/** The journal belongs to this master key and database, whatever port the database is at after a restart. */
function openLedger(db: Db, databaseUrl: string, masterKey: Buffer): PgBillingLedger {
	const installation = `${masterKey.toString('hex')}:${new URL(databaseUrl).pathname}`;
	const journal = new FileBillingJournal({ folder: defaultJournalFolder(), installation });
	const ledger = new PgBillingLedger({ db, clock: systemClock, journal });
	ledger.start();
	return ledger;
}
