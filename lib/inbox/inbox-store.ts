import type { Db, DbSession } from '../ports/db';

/** NOTIFY channel that wakes the inbox trigger. */
export const INBOX_CHANNEL = 'truffles_inbox';

/** A turn given to this process until its lease ends. `attempt` is the fence: a later claimer has a higher one. */
export interface ClaimedTurn {
	readonly turnId: string;
	readonly clientId: string;
	readonly channel: string;
	readonly laneKey: string;
	readonly kind: 'user' | 'manager';
	readonly attempt: number;
}

/** Which lanes to claim, and whose turn it is. */
export interface ClaimOptions {
	/** Absent: managers' events first, then customers' turns. */
	readonly kind?: 'user' | 'manager';
	/** The client of the last turn of the caller's last claim: the next claim starts behind it. */
	readonly after?: string | null;
	/** Clients whose turns are left out for now. */
	readonly skip?: readonly string[];
}

/** Claims up to `limit` ready lanes, shared out between the clients that wait. */
export async function claimTurns(
	db: DbSession,
	limit: number,
	leaseMs: number,
	options: ClaimOptions = {},
): Promise<ClaimedTurn[]> {
	const { rows } = await db.query<{
		turn_id: string;
		client_id: string;
		channel: string;
		lane_key: string;
		kind: 'user' | 'manager';
		attempt: number;
	}>('select * from truffles.claim_lanes($1, $2, $3, $4, $5::uuid[])', [
		limit,
		leaseMs,
		options.kind ?? null,
		options.after ?? null,
		options.skip ?? [],
	]);
	return rows.map((row) => ({
		turnId: row.turn_id,
		clientId: row.client_id,
		channel: row.channel,
		laneKey: row.lane_key,
		kind: row.kind,
		attempt: row.attempt,
	}));
}

export interface DueOutbox {
	readonly outboxId: string;
	readonly clientId: string;
	readonly attempt: number;
	/** True when a process died while sending: whether the user got the message is unknown. */
	readonly uncertain: boolean;
}

/**
 * Claims messages to send, shared out between the clients; of a conversation the oldest unsent one only.
 *
 * @param after the client of the last message of the caller's last claim
 */
export async function claimOutbox(
	db: Db,
	limit: number,
	leaseMs: number,
	after: string | null = null,
): Promise<DueOutbox[]> {
	const { rows } = await db.query<{ outbox_id: string; client_id: string; attempt: number; uncertain: boolean }>(
		'select * from truffles.claim_outbox($1, $2, $3)',
		[limit, leaseMs, after],
	);
	return rows.map((row) => ({
		outboxId: row.outbox_id,
		clientId: row.client_id,
		attempt: row.attempt,
		uncertain: row.uncertain,
	}));
}

export interface DueHandover {
	readonly handoverId: string;
	readonly clientId: string;
	readonly attempt: number;
}

export async function claimHandoverNotices(db: Db, limit: number, leaseMs: number): Promise<DueHandover[]> {
	const { rows } = await db.query<{ handover_id: string; client_id: string; attempt: number }>(
		'select * from truffles.claim_handover_notices($1, $2)',
		[limit, leaseMs],
	);
	return rows.map((row) => ({ handoverId: row.handover_id, clientId: row.client_id, attempt: row.attempt }));
}

/** Prolongs the leases of running turns; turns claimed by somebody else meanwhile are left alone. */
export async function extendLeases(db: Db, turns: readonly ClaimedTurn[], leaseMs: number): Promise<void> {
	await db.query('select truffles.extend_leases($1::uuid[], $2::int[], $3)', [
		turns.map((turn) => turn.turnId),
		turns.map((turn) => turn.attempt),
		leaseMs,
	]);
}

/**
 * Settles turns after their execution: those with an outcome release their lanes, the others wait for their backoff.
 * @returns the turns that still have no outcome
 */
export async function settleTurns(
	db: Db,
	turns: readonly ClaimedTurn[],
	backoffMs: (attempt: number) => number,
	errorCode: string | null,
): Promise<ReadonlyArray<{ turnId: string; attempt: number }>> {
	const { rows } = await db.query<{ turn_id: string; attempt: number }>(
		'select turn_id, attempt from truffles.settle_turns($1::uuid[], $2::int[], $3::int[], $4)',
		[
			turns.map((turn) => turn.turnId),
			turns.map((turn) => turn.attempt),
			turns.map((turn) => backoffMs(turn.attempt)),
			errorCode,
		],
	);
	return rows.map((row) => ({ turnId: row.turn_id, attempt: row.attempt }));
}

/** Milliseconds until the next lane, lease, outbox row or notice is due (negative: overdue); null when nothing waits. */
export async function nextDueMs(db: Db): Promise<number | null> {
	const { rows } = await db.query<{ due: number | null }>('select truffles.next_inbox_due_ms() as due');
	return rows[0]?.due ?? null;
}

/** Milliseconds until work of each kind can be claimed (negative: overdue); null when none waits. */
export interface DueTimes {
	readonly turnsMs: number | null;
	/** Managers' events and notices to managers. */
	readonly handoverMs: number | null;
	readonly outboxMs: number | null;
}

/** @param skip clients whose turns the caller would not take now */
export async function loadDueTimes(db: Db, skip: readonly string[]): Promise<DueTimes> {
	const { rows } = await db.query<{ turns_ms: number | null; handover_ms: number | null; outbox_ms: number | null }>(
		'select turns_ms, handover_ms, outbox_ms from truffles.inbox_due($1::uuid[])',
		[skip],
	);
	const row = rows[0];
	return {
		turnsMs: row?.turns_ms ?? null,
		handoverMs: row?.handover_ms ?? null,
		outboxMs: row?.outbox_ms ?? null,
	};
}
