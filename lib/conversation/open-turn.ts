import type { ClientKey } from '../crypto/client-keys';
import {
	TURN_ITEM_SCHEMA,
	type Attachment,
	type Channel,
	type HistoryEntry,
	type ReplyLanguage,
	type TurnItem,
} from '../item/turn-item';
import type { ClaimedTurn } from '../inbox/inbox-store';
import type { DbSession } from '../ports/db';
import { recordOutcome } from './record-outcome';

const HISTORY_MESSAGES = 10;

/** What opening a claimed turn led to. */
export type OpenedTurn =
	/** Goes on through the flow. */
	| { readonly kind: 'ready'; readonly item: TurnItem }
	/** A manager is active: recorded as held; the item goes to the managers only. */
	| { readonly kind: 'held'; readonly item: TurnItem }
	/** Nothing to answer (an echo of the business's own phone, a suspended client); recorded as ignored. */
	| { readonly kind: 'ignored'; readonly reason: string }
	/** Another process has claimed the turn meanwhile; it is theirs. */
	| { readonly kind: 'lost' };

interface ClientRow {
	readonly id: string;
	readonly slug: string;
	readonly name: string;
	readonly status: string;
	readonly time_zone: string;
	readonly default_language: ReplyLanguage;
	readonly config_version: number;
	readonly data_key_wrapped: Buffer;
}

interface EventRow {
	readonly id: string;
	readonly kind: string;
	readonly provider_event_id: string;
	readonly event: {
		readonly text?: string;
		readonly displayName?: string | null;
		readonly attachments?: readonly Attachment[];
	};
	readonly sender_enc: Buffer | null;
	readonly received_at: Date;
}

interface ConversationRow {
	readonly id: string;
	readonly human_active_since: Date | null;
	readonly branch_id: string | null;
	readonly answered_before: boolean;
	readonly open_handover_id: string | null;
}

/**
 * Resolves a claimed turn's client, user, conversation and branch, saves its inbound messages, and reads whether a
 * person is active. Runs inside one transaction of the client, so a retried turn finds its own rows and adds none.
 *
 * @param unwrapKey turns the client's wrapped data key into a usable one
 */
export async function openTurn(
	tx: DbSession,
	claim: ClaimedTurn,
	unwrapKey: (clientId: string, wrapped: Buffer) => ClientKey,
): Promise<OpenedTurn> {
	const client = await loadClient(tx, claim.clientId);
	const { rows: turns } = await tx.query(
		'select 1 from turns where id = $1 and attempt = $2 and status = $3 for update',
		[claim.turnId, claim.attempt, 'claimed'],
	);
	if (client === null || turns.length === 0) return { kind: 'lost' };
	const key = unwrapKey(client.id, client.data_key_wrapped);
	const events = await loadEvents(tx, claim.turnId);
	const first = events[0];
	const ignore = async (reason: string): Promise<OpenedTurn> => {
		await recordOutcome(tx, claim, { kind: 'ignored', reason });
		return { kind: 'ignored', reason };
	};
	if (first === undefined) return await ignore('no_events');
	if (client.status !== 'active') return await ignore('client_suspended');

	const userId = await saveUser(tx, claim, key, events);
	const conversation = await saveConversation(tx, claim, userId);
	await saveMessages(tx, claim, conversation.id, events);
	const { rows: branches } = await tx.query<{ id: string; key: string; name: string }>(
		'select id, key, name from branches where client_id = $1 and (id = $2 or ($2::uuid is null and is_default)) order by key limit 1',
		[client.id, conversation.branch_id],
	);

	const echoes = events.filter((event) => event.kind === 'echo');
	if (echoes.length > 0) {
		await tx.query(
			'update conversations set human_active_since = coalesce(human_active_since, now()), human_name = coalesce(human_name, $3) where client_id = $1 and id = $2',
			[client.id, conversation.id, 'phone'],
		);
		if (echoes.length === events.length) return await ignore('written_by_business');
	}
	const messages = events.filter((event) => event.kind === 'message');
	const humanActive = conversation.human_active_since !== null || echoes.length > 0;
	const item: TurnItem = {
		schema: TURN_ITEM_SCHEMA,
		client: {
			id: client.id,
			slug: client.slug,
			name: client.name,
			timeZone: client.time_zone,
			defaultLanguage: client.default_language,
			configVersion: client.config_version,
		},
		branch: branches[0] ?? null,
		user: { id: userId, displayName: lastName(messages) },
		conversation: {
			id: conversation.id,
			channel: claim.channel as Channel,
			isFirstTurn: !conversation.answered_before,
			humanActive,
			openHandoverId: conversation.open_handover_id,
		},
		turn: {
			id: claim.turnId,
			attempt: claim.attempt,
			receivedAt: first.received_at.toISOString(),
			messageIds: messages.map((message) => message.id),
		},
		text: messages
			.map((message) => message.event.text ?? '')
			.filter((text) => text.trim() !== '')
			.join('\n'),
		attachments: messages.flatMap((message) => message.event.attachments ?? []),
		history: await loadHistory(tx, claim, conversation.id),
		classification: null,
		retrieval: null,
		reply: null,
		handover: null,
		outcome: null,
		billing: [],
		notes: [],
	};
	if (!humanActive) return { kind: 'ready', item };
	const outcome = { kind: 'held', reason: 'human_active' } as const;
	await recordOutcome(tx, claim, outcome);
	return { kind: 'held', item: { ...item, outcome } };
}

async function loadClient(tx: DbSession, clientId: string): Promise<ClientRow | null> {
	const { rows } = await tx.query<ClientRow>(
		'select id, slug, name, status, time_zone, default_language, config_version, data_key_wrapped from clients where id = $1',
		[clientId],
	);
	return rows[0] ?? null;
}

async function loadEvents(tx: DbSession, turnId: string): Promise<EventRow[]> {
	// Ordered by the database: a JavaScript Date has no microseconds, and two messages of a burst can share a millisecond.
	const { rows } = await tx.query<EventRow>(
		`with opened as (
		   update inbound_events set processed_at = coalesce(processed_at, now()) where turn_id = $1
		   returning id, kind, provider_event_id, event, sender_enc, received_at)
		 select * from opened order by received_at, id`,
		[turnId],
	);
	return rows;
}

async function saveUser(
	tx: DbSession,
	claim: ClaimedTurn,
	key: ClientKey,
	events: readonly EventRow[],
): Promise<string> {
	const address = events.find((event) => event.sender_enc !== null)?.sender_enc ?? null;
	// The address was encrypted by the gateway for the event; a row of its own gets its own nonce and purpose.
	const addressEnc =
		address === null ? null : key.encrypt(key.decrypt(address, 'inbound_events.sender'), 'users.address');
	const { rows } = await tx.query<{ id: string }>(
		`insert into users (id, client_id, channel, address_hash, address_enc, display_name)
		 values (gen_random_uuid(), $1, $2, $3, $4, $5)
		 on conflict (client_id, channel, address_hash) do update set display_name = coalesce(excluded.display_name, users.display_name)
		 returning id`,
		[claim.clientId, claim.channel, claim.laneKey, addressEnc, lastName(events)],
	);
	return (rows[0] as { id: string }).id;
}

/** Creates or locks the conversation. `answered_before` and the open handover decide on greeting and appending. */
async function saveConversation(tx: DbSession, claim: ClaimedTurn, userId: string): Promise<ConversationRow> {
	const { rows } = await tx.query<ConversationRow>(
		`insert into conversations as c (id, client_id, user_id, channel, last_inbound_at)
		 values (gen_random_uuid(), $1, $2, $3, now())
		 on conflict (client_id, channel, user_id) do update set last_inbound_at = now()
		 returning c.id, c.human_active_since, c.branch_id,
		   (c.last_outbound_at is not null) as answered_before,
		   (select h.id from handovers h where h.client_id = c.client_id and h.conversation_id = c.id and h.status <> 'resolved' limit 1) as open_handover_id`,
		[claim.clientId, userId, claim.channel],
	);
	const conversation = rows[0] as ConversationRow;
	await tx.query('update turns set conversation_id = $2 where id = $1', [claim.turnId, conversation.id]);
	return conversation;
}

async function saveMessages(
	tx: DbSession,
	claim: ClaimedTurn,
	conversationId: string,
	events: readonly EventRow[],
): Promise<void> {
	for (const event of events) {
		const byBusiness = event.kind === 'echo';
		await tx.query(
			`insert into messages (id, client_id, conversation_id, turn_id, direction, author, text, attachments, provider_message_id, created_at, delivery_status)
			 values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11) on conflict (id) do nothing`,
			[
				event.id,
				claim.clientId,
				conversationId,
				claim.turnId,
				byBusiness ? 'outbound' : 'inbound',
				byBusiness ? 'manager' : 'user',
				event.event.text ?? '',
				JSON.stringify(event.event.attachments ?? []),
				event.provider_event_id,
				event.received_at,
				byBusiness ? 'sent' : 'received',
			],
		);
	}
}

async function loadHistory(tx: DbSession, claim: ClaimedTurn, conversationId: string): Promise<HistoryEntry[]> {
	const { rows } = await tx.query<{ author: HistoryEntry['author']; text: string; created_at: Date }>(
		`select author, text, created_at from messages
		  where client_id = $1 and conversation_id = $2 and turn_id is distinct from $3
		  order by seq desc limit $4`,
		[claim.clientId, conversationId, claim.turnId, HISTORY_MESSAGES],
	);
	return rows.reverse().map((row) => ({ author: row.author, text: row.text, at: row.created_at.toISOString() }));
}

function lastName(events: readonly EventRow[]): string | null {
	return (
		events
			.map((event) => event.event.displayName ?? null)
			.filter((name) => name !== null)
			.at(-1) ?? null
	);
}
