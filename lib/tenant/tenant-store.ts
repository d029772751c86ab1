/** Who a client is, its settings and its secrets. */
import type { ClientKey, ClientKeyring } from '../crypto/client-keys';
import { TrufflesError } from '../errors';
import type { ReplyLanguage } from '../item/turn-item';
import type { Db, DbSession } from '../ports/db';
import { DEFAULT_RATE_LIMIT_PER_MINUTE, parseClientSettings, type ClientSettings } from './client-settings';

export interface ResolvedClient {
	readonly id: string;
	readonly slug: string;
	readonly name: string;
	readonly status: 'active' | 'suspended';
	/** IANA zone. */
	readonly timeZone: string;
	readonly defaultLanguage: ReplyLanguage;
	/** Grows with every change of settings, secrets, packs, prompts and knowledge. */
	readonly configVersion: number;
	readonly rateLimitPerMinute: number;
	readonly key: ClientKey;
}

interface ClientRow {
	readonly id: string;
	readonly slug: string;
	readonly name: string;
	readonly status: 'active' | 'suspended';
	readonly time_zone: string;
	readonly default_language: ReplyLanguage;
	readonly config_version: number;
	readonly rate_limit_per_minute: number | null;
	readonly data_key_wrapped: Buffer;
}

/** Cached values of all clients together; the oldest goes first. */
const MAX_CACHED_VALUES = 4_000;
const MAX_REMEMBERED_CLIENTS = 2_000;

/** Place of a secret's value, bound into its encryption. */
export function secretAad(name: string): string {
	return `client_secrets.${name}`;
}

/**
 * Reads and writes what belongs to a client itself.
 *
 * `configVersion` is the cache key: with it, settings and secrets are read once per version of the client's
 * configuration in this process; without it, always from the database.
 */
export class TenantStore {
	private readonly cache = new Map<string, unknown>();
	private readonly resolved = new Map<string, ResolvedClient>();

	constructor(
		private readonly db: Db,
		private readonly keyring: ClientKeyring,
	) {}

	/**
	 * Finds a client by the slug in its address; null when there is none. Suspended clients are found too.
	 * @throws TRF_SECRET_UNREADABLE when the master key is not the one of this installation.
	 */
	async resolveBySlug(slug: string): Promise<ResolvedClient | null> {
		const { rows } = await this.db.query<ClientRow>('select * from truffles.resolve_client($1)', [slug]);
		const row = rows[0];
		this.resolved.delete(slug);
		if (!row) return null;
		const client: ResolvedClient = {
			id: row.id,
			slug: row.slug,
			name: row.name,
			status: row.status,
			timeZone: row.time_zone,
			defaultLanguage: row.default_language,
			configVersion: row.config_version,
			rateLimitPerMinute: row.rate_limit_per_minute ?? DEFAULT_RATE_LIMIT_PER_MINUTE,
			key: this.keyring.unwrap(row.id, row.data_key_wrapped),
		};
		if (client.status === 'active') keepNewest(this.resolved, slug, client, MAX_REMEMBERED_CLIENTS);
		return client;
	}

	/**
	 * The active client that `resolveBySlug` found last in this process; null when there is none. It may be outdated: not
	 * for deciding anything without comparing its `configVersion` with the database.
	 */
	remembered(slug: string): ResolvedClient | null {
		return this.resolved.get(slug) ?? null;
	}

	/**
	 * Settings with their defaults, frozen.
	 * @throws TRF_CLIENT_UNKNOWN without such a client; TRF_SETTINGS_INVALID when a stored value does not pass the schema.
	 */
	async settings(clientId: string, configVersion?: number): Promise<ClientSettings> {
		return this.cached('settings', clientId, configVersion, async () => {
			const { rows } = await this.db.asClient(clientId, async (tx) =>
				tx.query<{ settings: unknown }>('select settings from client_settings where client_id = $1', [clientId]),
			);
			const row = rows[0];
			if (!row) throw new TrufflesError('TRF_CLIENT_UNKNOWN');
			const parsed = parseClientSettings(row.settings);
			if (!parsed.ok)
				throw new TrufflesError('TRF_SETTINGS_INVALID', { client: clientId, problems: parsed.problems.join('; ') });
			return parsed.settings;
		});
	}

	/** The secret's value, or null when the client has none of this name. @throws TRF_SECRET_UNREADABLE */
	async secret(clientId: string, name: string, configVersion?: number): Promise<string | null> {
		return (await this.secrets(clientId, [name], configVersion))[0] ?? null;
	}

	/** The values of those of these secrets that the client has, without saying which. @throws TRF_SECRET_UNREADABLE */
	async secrets(clientId: string, names: readonly string[], configVersion?: number): Promise<readonly string[]> {
		return this.cached(`secrets:${names.join()}`, clientId, configVersion, async () =>
			this.db.asClient(clientId, async (tx) => {
				const { rows } = await tx.query<{ name: string; value_enc: Buffer; data_key_wrapped: Buffer }>(
					`select s.name, s.value_enc, c.data_key_wrapped from client_secrets s join clients c on c.id = s.client_id
					 where s.client_id = $1 and s.name = any ($2::text[])`,
					[clientId, names],
				);
				return rows.map((row) =>
					this.keyring.unwrap(clientId, row.data_key_wrapped).decrypt(row.value_enc, secretAad(row.name)),
				);
			}),
		);
	}

	/** Stores a secret encrypted and raises the client's config version, so that no process keeps the old value. */
	async setSecret(clientId: string, name: string, value: string): Promise<void> {
		await this.db.asClient(clientId, async (tx) => {
			const { rows } = await tx.query<{ data_key_wrapped: Buffer }>(
				'select data_key_wrapped from clients where id = $1',
				[clientId],
			);
			const row = rows[0];
			if (!row) throw new TrufflesError('TRF_CLIENT_UNKNOWN');
			await saveSecret(tx, this.keyring.unwrap(clientId, row.data_key_wrapped), name, value);
			await tx.query('update clients set config_version = config_version + 1 where id = $1', [clientId]);
		});
	}

	private async cached<T>(
		kind: string,
		clientId: string,
		configVersion: number | undefined,
		load: () => Promise<T>,
	): Promise<T> {
		if (configVersion === undefined) return load();
		const key = `${clientId}:${configVersion}:${kind}`;
		if (this.cache.has(key)) return this.cache.get(key) as T;
		const value = await load();
		keepNewest(this.cache, key, value, MAX_CACHED_VALUES);
		return value;
	}
}

function keepNewest<Value>(cache: Map<string, Value>, key: string, value: Value, limit: number): void {
	const oldest = cache.keys().next().value;
	if (cache.size >= limit && oldest !== undefined) cache.delete(oldest);
	cache.set(key, value);
}

/** Writes one secret in a transaction of the client; does not touch the config version. */
export async function saveSecret(tx: DbSession, key: ClientKey, name: string, value: string): Promise<void> {
	await tx.query(
		`insert into client_secrets (client_id, name, value_enc) values ($1, $2, $3)
		 on conflict (client_id, name) do update set value_enc = excluded.value_enc, updated_at = now()`,
		[key.clientId, name, key.encrypt(value, secretAad(name))],
	);
}
