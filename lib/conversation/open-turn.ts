import type { ClientKey } from '../crypto/client-keys';
import { askManager } from '../handover/handover-store';
import { TURN_ITEM_SCHEMA, type Channel, type HistoryEntry, type TurnItem } from '../item/turn-item';
import type { ClaimedTurn } from '../inbox/inbox-store';
import type { DbSession } from '../ports/db';
import { answeringOrder, isTooLate } from './lateness';
import { recordOutcome } from './record-outcome';
import { describeParty } from './save-party';
import { loadTurnClient, type TurnClient } from './turn-client';
import { lastDisplayName, type TurnEvent, type TurnEventRow, type TurnEvents, toTurnEvent } from './turn-events';

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

export type UnwrapKey = (clientId: string, wrapped: Buffer) => ClientKey;

/** One claimed turn; see `openTurns`. */
export async function openTurn(tx: DbSession, claim: ClaimedTurn, unwrapKey: UnwrapKey): Promise<OpenedTurn> {
	const [opened] = await openTurns(tx, claim.clientId, [claim], unwrapKey);
	return opened as OpenedTurn;
}

/**
 * Resolves client, user, conversation and branch of claimed turns, saves their inbound messages, and reads whether a
 * person is active. Runs inside one transaction of the client, so a retried turn finds its own rows and adds none.
 *
 * @param claims of this client, each conversation once
 * @param unwrapKey turns the client's wrapped data key into a usable one
 * @returns what became of each, in their order
 */
export async function openTurns(
	tx: DbSession,
	clientId: string,
	claims: readonly ClaimedTurn[],
	unwrapKey: UnwrapKey,
): Promise<readonly OpenedTurn[]> {
	const client = await loadTurnClient(tx, clientId);
	const taken = await takeUpTurns(tx, claims);
	const canAnswer = client?.status === 'active';
	const answerable = claims.filter((claim) => canAnswer && (taken.get(claim.turnId)?.events.length ?? 0) > 0);
	const key = answerable.length === 0 ? null : unwrapKey(clientId, (client as TurnClient).data_key_wrapped);
	const saved =
		key === null
			? new Map<string, SavedTurn>()
			: await saveTurns(
					tx,
					clientId,
					answerable.map((claim) => ({
						claim,
						about: describeParty(key, (taken.get(claim.turnId) as TurnEvents).events),
					})),
				);
	const opened = new Map<ClaimedTurn, OpenedTurn>();
	for (const claim of [...claims].sort(byLane)) {
		const turn = taken.get(claim.turnId);
		const party = saved.get(claim.turnId);
		if (client === null || turn === undefined) opened.set(claim, { kind: 'lost' });
		else if (turn.events.length === 0) opened.set(claim, await ignore(tx, claim, 'no_events'));
		else if (party === undefined) opened.set(claim, await ignore(tx, claim, 'client_suspended'));
		else opened.set(claim, await openSaved(tx, claim, client, turn, party));
	}
	return claims.map((claim) => opened.get(claim) as OpenedTurn);
}

/** The order of all who take several lanes, see `truffles.in_order_of_lanes`. Customers' keys are hexadecimal: every collation sorts them the same. */
function byLane(one: ClaimedTurn, other: ClaimedTurn): number {
	return one.channel < other.channel || (one.channel === other.channel && one.laneKey < other.laneKey) ? -1 : 1;
}

/** Decides what a turn leads to whose messages are saved. */
async function openSaved(
	tx: DbSession,
	claim: ClaimedTurn,
	client: TurnClient,
	{ events, readAt }: TurnEvents,
	saved: SavedTurn,
): Promise<OpenedTurn> {
	const echoes = events.filter((event) => event.kind === 'echo');
	if (echoes.length > 0) {
		await tx.query(
			'update conversations set human_active_since = coalesce(human_active_since, now()), human_name = coalesce(human_name, $3) where client_id = $1 and id = $2',
			[client.id, saved.conversation_id, 'phone'],
		);
		if (echoes.length === events.length) return await ignore(tx, claim, 'written_by_business');
	}
	const messages = answeringOrder(
		events.filter((event) => event.kind === 'message'),
		readAt,
	);
	const humanActive = saved.human_active_since !== null || echoes.length > 0;
	if (!humanActive && messages.every((message) => isTooLate(message.writtenAt, readAt)))
		return await handOverTooLate(tx, claim, saved.conversation_id);
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
		branch: saved.branch,
		user: { id: saved.user_id, displayName: lastDisplayName(events) },
		conversation: {
			id: saved.conversation_id,
			channel: claim.channel as Channel,
			isFirstTurn: !saved.answered_before,
			humanActive,
			openHandoverId: saved.open_handover_id,
		},
		turn: {
			id: claim.turnId,
			attempt: claim.attempt,
			receivedAt: (events[0] as TurnEvent).writtenAt.toISOString(),
			messageIds: messages.map((message) => message.id),
		},
		text: messages
			.map((message) => message.text)
			.filter((text) => text.trim() !== '')
			.join('\n'),
		attachments: messages.flatMap((message) => message.attachments),
		history: (saved.history ?? []).map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() })),
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

async function ignore(tx: DbSession, claim: ClaimedTurn, reason: string): Promise<OpenedTurn> {
	await recordOutcome(tx, claim, { kind: 'ignored', reason });
	return { kind: 'ignored', reason };
}

async function handOverTooLate(tx: DbSession, claim: ClaimedTurn, conversationId: string): Promise<OpenedTurn> {
	await recordOutcome(tx, claim, { kind: 'handed_over', reason: 'too_late' });
	await askManager(tx, {
		clientId: claim.clientId,
		conversationId,
		turnId: claim.turnId,
		reason: 'too_late',
	});
	return { kind: 'too_late' };
}

/** Locks claimed turns and reads their events, marking them as taken up; turns that are not the caller's any more are left out. */
async function takeUpTurns(tx: DbSession, claims: readonly ClaimedTurn[]): Promise<ReadonlyMap<string, TurnEvents>> {
	const { rows } = await tx.query<{ turn_id: string } & (TurnEventRow | { id: null })>(
		'select * from truffles.take_up_turns($1::uuid[], $2::int[])',
		[claims.map((claim) => claim.turnId), claims.map((claim) => claim.attempt)],
	);
	const turns = new Map<string, { readonly events: TurnEvent[]; readonly readAt: Date }>();
	for (const row of rows) {
		if (row.id === null) turns.set(row.turn_id, { events: [], readAt: new Date(0) });
		else {
			const turn = turns.get(row.turn_id) ?? { events: [], readAt: row.read_at };
			turn.events.push(toTurnEvent(row));
			turns.set(row.turn_id, turn);
		}
	}
	return turns;
}

/** What the answer to a turn depends on, as the database has it. */
interface SavedTurn {
	readonly user_id: string;
	readonly conversation_id: string;
	readonly human_active_since: Date | null;
	readonly answered_before: boolean;
	readonly open_handover_id: string | null;
	readonly branch: TurnItem['branch'];
	/** Null: nothing was said before. */
	readonly history: readonly HistoryEntry[] | null;
}

/** Saves users, conversations and messages; locks the conversations. By turn. */
async function saveTurns(
	tx: DbSession,
	clientId: string,
	turns: ReadonlyArray<{ readonly claim: ClaimedTurn; readonly about: ReturnType<typeof describeParty> }>,
): Promise<ReadonlyMap<string, SavedTurn>> {
	const payload = turns.map(({ claim, about }) => ({
		turn_id: claim.turnId,
		channel: claim.channel,
		lane_key: claim.laneKey,
		address_enc: about.addressEnc?.toString('base64') ?? null,
		display_name: about.displayName,
		last_inbound_at: about.lastInboundAt?.toISOString() ?? null,
	}));
	const { rows } = await tx.query<SavedTurn & { turn_id: string }>(
		'select * from truffles.save_turns($1, $2::jsonb, $3)',
		[clientId, JSON.stringify(payload), HISTORY_MESSAGES],
	);
	return new Map(rows.map((row) => [row.turn_id, row]));
}
