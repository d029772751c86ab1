import { randomUUID } from 'node:crypto';

import { createPgDb, type PgDb } from '../../lib/adapters/pg-db';
import type { ClientKey } from '../../lib/crypto/client-keys';
import { acceptEvents, type EventRow } from '../../lib/inbox/accept-deliveries';
import { startTestPostgres, type TestPostgres } from './postgres';

/** Keys without secrecy, for tests of what happens around them; real keys are tested in `client-keys.test.ts`. */
export const readableKey: ClientKey = {
	addressHash: (channel: string, address: string) => `${channel}:${address}`,
	encrypt: (text: string) => Buffer.from(text, 'utf8'),
	decrypt: (buffer: Buffer) => buffer.toString('utf8'),
} as unknown as ClientKey;

/** The least that settings need. */
export const TEST_SETTINGS = { model: { usdKztRate: '500' } };

/** A database with as many clients as asked for, as the application role sees it and as the administrator does. */
export class InboxFixture {
	private constructor(
		private readonly postgres: TestPostgres,
		readonly app: PgDb,
		readonly admin: PgDb,
		readonly clientIds: readonly string[],
	) {}

	static async start(clients: number): Promise<InboxFixture> {
		const postgres = await startTestPostgres();
		const app = createPgDb({ connectionString: postgres.appUrl, applicationName: 'test-app' });
		const admin = createPgDb({ connectionString: postgres.adminUrl, applicationName: 'test-admin' });
		const clientIds: string[] = [];
		for (let index = 0; index < clients; index += 1) {
			const { rows: companies } = await admin.query<{ id: string }>(
				'insert into companies (name) values ($1) returning id',
				[`Company ${index}`],
			);
			const { rows } = await admin.query<{ id: string }>(
				`insert into clients (company_id, slug, name, status, time_zone, default_language, config_version, data_key_wrapped)
				 values ($1, $2, $3, 'active', 'Asia/Almaty', 'ru', 1, '\\x00') returning id`,
				[companies[0]?.id, `salon_${index}`, `Salon ${index}`],
			);
			const id = rows[0]?.id as string;
			clientIds.push(id);
			await admin.query('insert into client_settings (client_id, settings) values ($1, $2)', [
				id,
				JSON.stringify(TEST_SETTINGS),
			]);
		}
		return new InboxFixture(postgres, app, admin, clientIds);
	}

	/** For sessions with settings of their own. */
	get adminUrl(): string {
		return this.postgres.adminUrl;
	}

	/** The same as the nodes' role. */
	get appUrl(): string {
		return this.postgres.appUrl;
	}

	get client(): string {
		return this.clientIds[0] as string;
	}

	/** Stores one text message as the gateway does. `waitMs: 0` makes its lane due at once. */
	async receive(
		text: string,
		options: {
			clientId?: string;
			address?: string;
			messageId?: string;
			waitMs?: number;
			maxWaitMs?: number;
			/** What the provider says about the time of writing. */
			writtenAt?: Date;
			/** The business wrote it from its own phone. */
			isEcho?: boolean;
		} = {},
	) {
		const address = options.address ?? '77010000001@s.whatsapp.net';
		const row: EventRow = {
			id: randomUUID(),
			providerEventId: options.messageId ?? randomUUID(),
			kind: options.isEcho === true ? 'echo' : 'message',
			lane: { key: readableKey.addressHash('whatsapp', address), kind: 'user', waitMs: options.waitMs ?? 0 },
			event: { text, displayName: null, attachments: [] },
			senderEnc: Buffer.from(address),
			rawEnc: Buffer.from('{}'),
			providerAt: options.writtenAt ?? null,
		};
		return await acceptEvents(
			this.app,
			options.clientId ?? this.client,
			'whatsapp',
			[row],
			options.maxWaitMs ?? 12_000,
		);
	}

	/** `count` conversations of a client with one message each, due for `agoMs` (the first one) and a millisecond less each. */
	async fill(clientId: string, count: number, agoMs: number): Promise<void> {
		await this.admin.query(
			`insert into inbound_events (client_id, channel, provider_event_id, kind, lane_key, event, sender_enc, received_at)
			 select $1, 'whatsapp', 'fill:' || n, 'message', 'fill:' || n, '{"text":"сколько стоит?"}', 'x', clock_timestamp() - ($3::int - n) * interval '1 millisecond'
			   from generate_series(1, $2::int) n`,
			[clientId, count, agoMs],
		);
		await this.admin.query(
			`insert into conversation_lanes (client_id, channel, lane_key, kind, first_at, due_at)
			 select $1, 'whatsapp', 'fill:' || n, 'user', clock_timestamp(), clock_timestamp() - ($3::int - n) * interval '1 millisecond'
			   from generate_series(1, $2::int) n`,
			[clientId, count, agoMs],
		);
	}

	async count(
		table: 'inbound_events' | 'messages' | 'turns' | 'outbox' | 'handovers' | 'users' | 'conversations',
		where = 'true',
	): Promise<number> {
		const { rows } = await this.admin.query<{ n: number }>(
			`select count(*)::int as n from truffles.${table} where ${where}`,
		);
		return rows[0]?.n ?? 0;
	}

	async stop(): Promise<void> {
		await this.app.close();
		await this.admin.close();
		await this.postgres.stop();
	}
}
