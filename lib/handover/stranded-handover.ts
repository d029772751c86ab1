/**
 * A handover without a conversation: the message of a customer whose address could not be read. It is told to the managers
 * with the customer's words, and gets its conversation as soon as the address can be read.
 */
import { lastDisplayName, loadTurnEvents, saveTurnMessages, type TurnEvent } from '../conversation/turn-events';
import { saveParty } from '../conversation/save-party';
import { loadTurnClient } from '../conversation/turn-client';
import type { ClientKey } from '../crypto/client-keys';
import { TrufflesError } from '../errors';
import type { ClaimedTurn } from '../inbox/inbox-store';
import { type Channel, type ReplyLanguage, TURN_ITEM_SCHEMA, type TurnItem } from '../item/turn-item';
import { queueMessage } from '../outbox/outbox-store';
import type { DbSession } from '../ports/db';
import { fallbackText } from '../reply/fixed-texts';
import type { HandoverPorts } from './handover-ports';
import { addHandoverEvent, askManager, type HandoverRow, loadHandover, loadOpenHandover } from './handover-store';

/** Opens a handover for a turn without a conversation, or adds the turn to the one that waits for the same customer. */
export async function openStrandedHandover(tx: DbSession, turn: ClaimedTurn): Promise<void> {
	const { rows } = await tx.query<{ id: string }>(
		`select h.id from handovers h join turns t on t.client_id = h.client_id and t.id = h.turn_id
		  where h.client_id = $1 and h.conversation_id is null and h.status <> 'resolved' and t.channel = $2 and t.lane_key = $3
		  order by h.created_at limit 1 for update of h`,
		[turn.clientId, turn.channel, turn.laneKey],
	);
	const waiting = rows[0];
	if (waiting !== undefined) {
		await addHandoverEvent(tx, turn.clientId, waiting.id, 'repeated', 'bot', { reason: 'error', turnId: turn.turnId });
		return;
	}
	await askManager(tx, {
		clientId: turn.clientId,
		conversationId: null,
		turnId: turn.turnId,
		reason: 'error',
	});
}

interface StrandedTurn {
	readonly id: string;
	readonly channel: string;
	readonly lane_key: string;
}

/** {@link adoptHandover}, when the cause is mended; otherwise nothing happens. Throws when the database is away. */
export async function adoptWhenReadable(ports: HandoverPorts, clientId: string, handoverId: string): Promise<void> {
	try {
		await ports.db.asClient(clientId, async (tx) => {
			const handover = await loadHandover(tx, handoverId);
			if (handover?.conversation_id === null) await adoptHandover(tx, clientId, handover, ports.unwrapKey);
		});
	} catch (error) {
		if (error instanceof TrufflesError && error.retryable) throw error;
	}
}

/**
 * Gives a stranded handover its conversation, saves the messages that waited, and sends the customer the fallback text.
 * When the customer has written again meanwhile and a handover of that conversation is open, this one joins it.
 *
 * @throws TRF_SECRET_UNREADABLE while the address cannot be read; nothing is changed then
 */
async function adoptHandover(
	tx: DbSession,
	clientId: string,
	handover: HandoverRow,
	unwrapKey: (clientId: string, wrapped: Buffer) => ClientKey,
): Promise<void> {
	const client = await loadTurnClient(tx, clientId);
	const turns = await loadStrandedTurns(tx, handover);
	if (client === null || turns.length === 0) return;
	const key = unwrapKey(clientId, client.data_key_wrapped);
	let conversationId = '';
	for (const turn of turns) {
		const { events } = await loadTurnEvents(tx, turn.id);
		const lane = { clientId, channel: turn.channel, laneKey: turn.lane_key, turnId: turn.id };
		conversationId = await saveParty(tx, lane, key, events);
		await saveTurnMessages(tx, lane, conversationId);
	}
	const open = await loadOpenHandover(tx, conversationId);
	if (open !== null) {
		await tx.query(
			`update handovers set conversation_id = $2, status = 'resolved', resolved_at = now(), notice_status = 'sent', next_notice_at = null where id = $1`,
			[handover.id, conversationId],
		);
		await addHandoverEvent(tx, clientId, handover.id, 'joined', 'bot', { handoverId: open.id });
		await addHandoverEvent(tx, clientId, open.id, 'repeated', 'bot', { reason: 'error', turnId: handover.turn_id });
		return;
	}
	await tx.query('update handovers set conversation_id = $2 where id = $1', [handover.id, conversationId]);
	await tellCustomer(tx, clientId, conversationId, handover.turn_id, client.default_language);
}

async function tellCustomer(
	tx: DbSession,
	clientId: string,
	conversationId: string,
	turnId: string | null,
	language: ReplyLanguage,
): Promise<void> {
	const { rows } = await tx.query<{ channel: string }>('select channel from conversations where id = $1', [
		conversationId,
	]);
	await queueMessage(tx, {
		clientId,
		conversationId,
		turnId,
		channel: rows[0]?.channel ?? '',
		author: 'bot',
		text: fallbackText(language),
		language,
		sendNow: false,
	});
}

/** What a notice of a stranded handover says: the customer's words as they arrived; there is no user and no conversation yet. */
export async function loadStrandedItem(
	tx: DbSession,
	clientId: string,
	handover: HandoverRow,
): Promise<TurnItem | null> {
	const turns = await loadStrandedTurns(tx, handover);
	const [first] = turns;
	const client = await loadTurnClient(tx, clientId);
	if (first === undefined || client === null) return null;
	const events: TurnEvent[] = [];
	for (const turn of turns) events.push(...(await loadTurnEvents(tx, turn.id)).events);
	const messages = events.filter((event) => event.kind === 'message');
	return {
		schema: TURN_ITEM_SCHEMA,
		client: {
			id: clientId,
			slug: client.slug,
			name: client.name,
			timeZone: client.time_zone,
			defaultLanguage: client.default_language,
			configVersion: client.config_version,
		},
		branch: null,
		user: { id: '', displayName: lastDisplayName(events) },
		conversation: {
			id: '',
			channel: first.channel as Channel,
			isFirstTurn: false,
			humanActive: false,
			openHandoverId: handover.id,
		},
		turn: { id: first.id, attempt: 1, receivedAt: handover.created_at.toISOString(), messageIds: [] },
		text: messages.map((message) => message.text).join('\n'),
		attachments: messages.flatMap((message) => message.attachments),
		history: [],
		classification: null,
		retrieval: null,
		reply: null,
		handover: { reason: handover.reason, id: handover.id, notified: false },
		outcome: null,
		billing: [],
		notes: [],
	};
}

/** The turns of the handover's customer that have no conversation, oldest first. */
async function loadStrandedTurns(tx: DbSession, handover: HandoverRow): Promise<StrandedTurn[]> {
	const { rows } = await tx.query<StrandedTurn>(
		`select t.id, t.channel, t.lane_key from turns own join turns t
		     on t.client_id = own.client_id and t.channel = own.channel and t.lane_key = own.lane_key
		  where own.id = $1 and t.conversation_id is null and t.outcome_reason = 'stranded' order by t.received_at`,
		[handover.turn_id],
	);
	return rows;
}
