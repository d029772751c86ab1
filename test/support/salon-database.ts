import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';

import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { NodeCrypto } from '../../lib/adapters/node-crypto';
import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import { ClientKeyring } from '../../lib/crypto/client-keys';
import { TURN_ITEM_SCHEMA, type TurnItem } from '../../lib/item/turn-item';
import { onboardClient } from '../../lib/onboarding/onboard-client';
import { TenantStore } from '../../lib/tenant/tenant-store';
import { closePlatforms } from '../../nodes/shared/platform';
import { readClientFolder } from '../../scripts/onboard/read-client-folder';
import { startTestPostgres, type TestPostgres } from './postgres';

const REPOSITORY = path.join(__dirname, '..', '..');
const JID = '77010000001@s.whatsapp.net';

/** The demo salon in a database of its own, with the platform credential a node needs for it. */
export class SalonDatabase {
	private constructor(
		private readonly postgres: TestPostgres,
		readonly admin: PgDb,
		readonly platformCredential: ICredentialDataDecryptedObject,
		readonly clientId: string,
		private readonly configVersion: number,
	) {}

	static async start(
		settingsOverrides: unknown = {},
		secrets: Readonly<Record<string, string>> = {},
	): Promise<SalonDatabase> {
		const postgres = await startTestPostgres();
		const masterKey = randomBytes(32);
		const admin = createPgDb({ connectionString: postgres.adminUrl, applicationName: 'test-admin' });
		const crypto = new NodeCrypto();
		const folder = await readClientFolder(path.join(REPOSITORY, 'demo', 'demo_salon'), path.join(REPOSITORY, 'packs'));
		const keyring = new ClientKeyring(crypto, masterKey);
		const onboarded = await onboardClient({ db: admin, keyring, crypto, folder, settingsOverrides, secrets });
		const credential = {
			databaseUrl: postgres.appUrl,
			masterKey: masterKey.toString('base64'),
			redisUrl: '',
			qdrantUrl: '',
			qdrantApiKey: '',
		};
		return new SalonDatabase(postgres, admin, credential, onboarded.clientId as string, onboarded.configVersion);
	}

	/** A URL of the role that must be refused. */
	get adminUrl(): string {
		return this.postgres.adminUrl;
	}

	/** A turn with its user and conversation in the database, as "Open conversation" passes it on. */
	async openTurn(text: string, changes: Partial<TurnItem> = {}): Promise<TurnItem> {
		const [userId, conversationId, turnId] = [randomUUID(), randomUUID(), randomUUID()];
		const keyring = new ClientKeyring(
			new NodeCrypto(),
			Buffer.from(String(this.platformCredential['masterKey']), 'base64'),
		);
		const client = await new TenantStore(this.admin, keyring).resolveBySlug('demo_salon');
		const sealed = client?.key.encrypt(JID, 'users.address');
		await this.admin.query(
			'insert into users (id, client_id, channel, address_hash, address_enc) values ($1, $2, $3, $4, $5)',
			[userId, this.clientId, 'whatsapp', userId, sealed],
		);
		await this.admin.query('insert into conversations (id, client_id, user_id, channel) values ($1, $2, $3, $4)', [
			conversationId,
			this.clientId,
			userId,
			'whatsapp',
		]);
		await this.admin.query(
			`insert into turns (id, client_id, channel, lane_key, kind, conversation_id, received_at) values ($1, $2, 'whatsapp', $3, 'user', $4, now())`,
			[turnId, this.clientId, userId, conversationId],
		);
		return {
			schema: TURN_ITEM_SCHEMA,
			client: {
				id: this.clientId,
				slug: 'demo_salon',
				name: 'Салон',
				timeZone: 'Asia/Almaty',
				defaultLanguage: 'ru',
				configVersion: this.configVersion,
			},
			branch: null,
			user: { id: userId, displayName: null },
			conversation: {
				id: conversationId,
				channel: 'whatsapp',
				isFirstTurn: false,
				humanActive: false,
				openHandoverId: null,
			},
			turn: { id: turnId, attempt: 1, receivedAt: new Date().toISOString(), messageIds: [] },
			text,
			attachments: [],
			history: [],
			classification: null,
			retrieval: null,
			reply: null,
			handover: null,
			outcome: null,
			billing: [],
			notes: [],
			...changes,
		};
	}

	async stop(): Promise<void> {
		await closePlatforms();
		await this.admin.close();
		await this.postgres.stop();
	}
}
