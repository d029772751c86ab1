import { createAddressRanges } from '../../lib/adapters/address-ranges';
import { createGroupedSteps } from '../../lib/adapters/grouped-steps';
import { MemoryKv } from '../../lib/adapters/memory-kv';
import { NodeCrypto } from '../../lib/adapters/node-crypto';
import { systemClock } from '../../lib/adapters/system-clock';
import { ClientKeyring } from '../../lib/crypto/client-keys';
import { type GatewayPorts, type GatewayRequest, type GatewayResponse, handleWebhook } from '../../lib/gateway/gateway';
import { TenantStore } from '../../lib/tenant/tenant-store';
import { InboxFixture, readableKey, TEST_SETTINGS } from './inbox-fixture';

export const MAX_BODY_BYTES = 64 * 1024;

/** The gateway on a real database, with clients `salon_0`, `salon_1`, ... whose keys are real. */
export class GatewayFixture {
	/** What the gateway reported with its 503s. */
	readonly problems: unknown[] = [];
	readonly ports: GatewayPorts;

	private constructor(
		readonly inbox: InboxFixture,
		readonly tenants: TenantStore,
	) {
		this.ports = {
			db: inbox.app,
			acceptDelivery: createGroupedSteps(inbox.app, () => readableKey).acceptDelivery,
			kv: new MemoryKv(systemClock),
			clock: systemClock,
			crypto: new NodeCrypto(),
			resolveClient: async (slug) => await tenants.resolveBySlug(slug),
			rememberedClient: (slug) => tenants.remembered(slug),
			settings: async (client) => await tenants.settings(client.id, client.configVersion),
			secrets: async (client, names) => await tenants.secrets(client.id, names, client.configVersion),
			addressRanges: createAddressRanges,
			onProblem: (error) => this.problems.push(error),
		};
	}

	static async start(clients = 1): Promise<GatewayFixture> {
		const inbox = await InboxFixture.start(clients);
		const crypto = new NodeCrypto();
		const keyring = new ClientKeyring(crypto, crypto.randomBytes(32));
		for (const id of inbox.clientIds) {
			await inbox.admin.query('update clients set data_key_wrapped = $2 where id = $1', [
				id,
				keyring.createDataKey(id).wrapped,
			]);
		}
		return new GatewayFixture(inbox, new TenantStore(inbox.app, keyring));
	}

	/** Gives a client (the first one) settings and secrets, as onboarding does. */
	async configure(
		settings: Readonly<Record<string, unknown>>,
		secrets: Readonly<Record<string, string>> = {},
		clientId = this.inbox.client,
	): Promise<void> {
		await this.inbox.admin.query('update client_settings set settings = $2 where client_id = $1', [
			clientId,
			JSON.stringify({ ...TEST_SETTINGS, rateLimitPerMinute: 10_000, ...settings }),
		]);
		await this.inbox.admin.query('update clients set config_version = config_version + 1 where id = $1', [clientId]);
		for (const [name, value] of Object.entries(secrets)) await this.tenants.setSecret(clientId, name, value);
	}

	/** One delivery to `salon_0`. */
	async post(body: string | Buffer, overrides: Partial<GatewayRequest> = {}): Promise<GatewayResponse> {
		const raw = Buffer.from(body);
		return await handleWebhook(
			this.ports,
			{
				channel: 'whatsapp',
				clientSlug: 'salon_0',
				headers: {},
				querySecret: null,
				sourceAddress: '203.0.113.7',
				contentLength: raw.length,
				readBody: async () => raw,
				...overrides,
			},
			MAX_BODY_BYTES,
		);
	}

	async stop(): Promise<void> {
		await this.inbox.stop();
	}
}
