/** A database that has served for years, made in a minute. */
import path from 'node:path';

import { NodeCrypto } from '../../lib/adapters/node-crypto';
import type { PgDb } from '../../lib/adapters/pg-db';
import { ClientKeyring } from '../../lib/crypto/client-keys';
import { onboardClient } from '../../lib/onboarding/onboard-client';
import { readClientFolder } from '../onboard/read-client-folder';
import { DEMO_SLUG } from '../stack/demo-client';
import { REPOSITORY } from '../stack/state-folder';
import { type BenchStack, LOAD_SETTINGS } from './bench-stack';

/** Messages of one conversation: a question and its reply, twenty-five times. */
const MESSAGES_PER_CONVERSATION = 50;
const ONBOARD_AT_ONCE = 4;

/**
 * Stores conversations that are over: customers, their messages, and for every second message the event, turn and outbox
 * row it came from. In the order of time, as a real database has them.
 */
export async function storeMessages(admin: PgDb, clientId: string, messages: number): Promise<void> {
	const conversations = Math.ceil(messages / MESSAGES_PER_CONVERSATION);
	await admin.transaction(async (tx) => {
		// Foreign keys are right by construction; checking a million of them would take minutes.
		await tx.query(`set local session_replication_role = replica`);
		await tx.query(
			`create temporary table filled on commit drop as
			 select gen_random_uuid() as user_id, gen_random_uuid() as conversation_id, row_number() over () as number from generate_series(1, $1::int)`,
			[conversations],
		);
		await tx.query(
			`insert into truffles.users (id, client_id, channel, address_hash, address_enc)
			 select user_id, $1, 'whatsapp', 'filled:' || user_id, 'x' from filled`,
			[clientId],
		);
		await tx.query(
			`insert into truffles.conversations (id, client_id, user_id, channel, last_inbound_at, last_outbound_at)
			 select conversation_id, $1, user_id, 'whatsapp', now() - interval '1 day', now() - interval '1 day' from filled`,
			[clientId],
		);
		await tx.query(
			`insert into truffles.conversation_lanes (client_id, channel, lane_key, kind, first_at)
			 select $1, 'whatsapp', 'filled:' || user_id, 'user', now() - interval '1 day' from filled`,
			[clientId],
		);
		await tx.query(
			`create temporary table said on commit drop as
			 select gen_random_uuid() as turn_id, gen_random_uuid() as question_id, gen_random_uuid() as reply_id, user_id, conversation_id,
			        now() - interval '7 days' + (n * interval '1 second') as at
			   from generate_series(1, $1::int) n, filled`,
			[MESSAGES_PER_CONVERSATION / 2],
		);
		await tx.query(
			`insert into truffles.inbound_events (id, client_id, channel, provider_event_id, kind, lane_key, event, sender_enc, received_at, processed_at, turn_id)
			 select question_id, $1, 'whatsapp', 'filled:' || question_id, 'message', 'filled:' || user_id, '{"text": "Сколько стоит маникюр?"}', 'x', at, at, turn_id from said order by at`,
			[clientId],
		);
		await tx.query(
			`insert into truffles.turns (id, client_id, channel, lane_key, kind, conversation_id, status, outcome, outcome_reason, claimed_at, finished_at, received_at, reply_message_id)
			 select turn_id, $1, 'whatsapp', 'filled:' || user_id, 'user', conversation_id, 'done', 'answered', 'facts', at, at, at, reply_id from said order by at`,
			[clientId],
		);
		for (const [id, direction, author] of [
			['question_id', 'inbound', 'user'],
			['reply_id', 'outbound', 'bot'],
		] as const) {
			await tx.query(
				`insert into truffles.messages (id, client_id, conversation_id, turn_id, direction, author, text, language, created_at, delivery_status)
				 select ${id}, $1, conversation_id, turn_id, $2, $3, 'Маникюр с гель-лаком стоит 8 000 тенге.', 'ru', at, 'sent' from said order by at`,
				[clientId, direction, author],
			);
		}
		await tx.query(
			`insert into truffles.outbox (client_id, conversation_id, message_id, turn_id, author, channel, status, attempts, idempotency_key, created_at, sent_at)
			 select $1, conversation_id, reply_id, turn_id, 'bot', 'whatsapp', 'sent', 1, reply_id::text, at, at from said order by at`,
			[clientId],
		);
	});
	await admin.query('analyze');
}

/** Onboards further businesses, each the demo salon under another name. @returns the addresses of their WhatsApp doors */
export async function addClients(stack: BenchStack, count: number): Promise<string[]> {
	const crypto = new NodeCrypto();
	const keyring = new ClientKeyring(crypto, Buffer.from(stack.masterKey, 'base64'));
	const demo = await readClientFolder(path.join(REPOSITORY, 'demo', DEMO_SLUG), path.join(REPOSITORY, 'packs'));
	const slugs = Array.from({ length: count }, (_, number) => `salon_${number}`);
	const waiting = [...slugs];
	const onboardNext = async (): Promise<void> => {
		for (let slug = waiting.pop(); slug !== undefined; slug = waiting.pop()) {
			const client = { ...(demo.client as Record<string, unknown>), slug };
			await onboardClient({
				db: stack.admin,
				keyring,
				crypto,
				folder: { ...demo, name: slug, client },
				secrets: { webhook_secret: stack.client.webhookSecret, chatflow_token: 'load' },
				settingsOverrides: {
					...LOAD_SETTINGS,
					channels: { whatsapp: { provider: 'chatflow', baseUrl: stack.world.chatflowUrl, instanceId: 'load' } },
				},
			});
		}
	};
	await Promise.all(Array.from({ length: ONBOARD_AT_ONCE }, onboardNext));
	await stack.admin.query('analyze');
	return slugs.map((slug) => `${stack.n8nUrl}/webhook/in/whatsapp/${slug}`);
}
