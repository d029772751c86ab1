import type { ClientKey } from '../crypto/client-keys';
import { openHandover } from '../handover/handover-store';
import { TURN_ITEM_SCHEMA, type Channel, type HistoryEntry, type TurnItem } from '../item/turn-item';
import type { ClaimedTurn } from '../inbox/inbox-store';
import type { DbSession } from '../ports/db';
import { answeringOrder, isTooLate } from './lateness';
import { recordOutcome } from './record-outcome';
import { saveParty } from './save-party';
import { lockClaimedTurn } from './turn-client';
import { lastDisplayName, loadTurnEvents, saveTurnMessages } from './turn-events';

const HISTORY_MESSAGES = 10;

/** What opening a claimed turn led to. */
export type OpenedTurn =
	/** Goes on through the flow. */
	| { readonly kind: 'ready'; readonly item: TurnItem }
	/** A manager is active: recorded as held; the item goes to the managers only. */
	| { readonly kind: 'held'; readonly item: TurnItem }
	/** Older than a day: recorded, a manager is asked, and the customer is not written to. */
	| { readonly kind: 'too_late' }
	/** Nothing to answer (an echo of the business's own phone, a suspended client); recorded as ignored. */
	| { readonly kind: 'ignored'; readonly reason: string }
	/** Another process has claimed the turn meanwhile; it is theirs. */
	| { readonly kind: 'lost' };

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
	const client = await lockClaimedTurn(tx, claim);
	if (client === null) return { kind: 'lost' };
	const key = unwrapKey(client.id, client.data_key_wrapped);
	const { events, readAt } = await loadTurnEvents(tx, claim.turnId);
	const first = events[0];
	const ignore = async (reason: string): Promise<OpenedTurn> => {
		await recordOutcome(tx, claim, { kind: 'ignored', reason });
		return { kind: 'ignored', reason };
	};
	if (first === undefined) return await ignore('no_events');
	if (client.status !== 'active') return await ignore('client_suspended');

	const { userId, conversation } = await saveParty(tx, claim, key, events);
	await saveTurnMessages(tx, claim, conversation.id, events);

	const echoes = events.filter((event) => event.kind === 'echo');
	if (echoes.length > 0) {
		await tx.query(
			'update conversations set human_active_since = coalesce(human_active_since, now()), human_name = coalesce(human_name, $3) where client_id = $1 and id = $2',
			[client.id, conversation.id, 'phone'],
		);
		if (echoes.length === events.length) return await ignore('written_by_business');
	}
	const messages = answeringOrder(
		events.filter((event) => event.kind === 'message'),
		readAt,
	);
	const humanActive = conversation.human_active_since !== null || echoes.length > 0;
	if (!humanActive && messages.every((message) => isTooLate(message.writtenAt, readAt)))
		return await handOverTooLate(tx, claim, conversation.id);
	const { branch, history } = await loadSurroundings(tx, claim, conversation);
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
		branch,
		user: { id: userId, displayName: lastDisplayName(events) },
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
			receivedAt: first.writtenAt.toISOString(),
			messageIds: messages.map((message) => message.id),
		},
		text: messages
			.map((message) => message.text)
			.filter((text) => text.trim() !== '')
			.join('\n'),
		attachments: messages.flatMap((message) => message.attachments),
		history,
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

async function handOverTooLate(tx: DbSession, claim: ClaimedTurn, conversationId: string): Promise<OpenedTurn> {
	await recordOutcome(tx, claim, { kind: 'handed_over', reason: 'too_late' });
	await openHandover(tx, {
		clientId: claim.clientId,
		conversationId,
		turnId: claim.turnId,
		reason: 'too_late',
		summary: '',
		adapter: null,
		noticeDelayMs: 0,
	});
	await tx.query(`select pg_notify('truffles_inbox', '')`);
	return { kind: 'too_late' };
}

/** The conversation's branch, or the client's usual one, and what was said before; in one round trip. */
async function loadSurroundings(
	tx: DbSession,
	claim: ClaimedTurn,
	conversation: { readonly id: string; readonly branch_id: string | null },
): Promise<{ readonly branch: TurnItem['branch']; readonly history: HistoryEntry[] }> {
	const { rows } = await tx.query<{
		branch: TurnItem['branch'];
		author: HistoryEntry['author'] | null;
		text: string;
		created_at: Date;
	}>(
		`select b.branch, m.author, m.text, m.created_at
		   from (select (select jsonb_build_object('id', id, 'key', key, 'name', name) from branches
		                  where client_id = $1 and (id = $2 or ($2::uuid is null and is_default)) order by key limit 1) as branch) b
		   left join lateral (
		     select author, text, created_at, seq from messages
		      where client_id = $1 and conversation_id = $3 and turn_id is distinct from $4
		      order by seq desc limit $5) m on true
		  order by m.seq`,
		[claim.clientId, conversation.branch_id, conversation.id, claim.turnId, HISTORY_MESSAGES],
	);
	return {
		branch: rows[0]?.branch ?? null,
		history: rows.flatMap(({ author, text, created_at: at }) =>
			author === null ? [] : [{ author, text, at: at.toISOString() }],
		),
	};
}
