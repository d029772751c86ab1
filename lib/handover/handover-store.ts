import type { HandoverReason } from '../item/turn-item';
import type { DbSession } from '../ports/db';

/** A notice that was not delivered is repeated after this long, doubled per attempt up to the maximum. */
const NOTICE_RETRY_MS = 30_000;
const NOTICE_RETRY_MAX_MS = 30 * 60_000;

export interface HandoverRow {
	readonly id: string;
	/** Null while the customer's address cannot be read; see `stranded-handover.ts`. */
	readonly conversation_id: string | null;
	readonly turn_id: string | null;
	readonly reason: HandoverReason;
	readonly status: 'pending' | 'active' | 'resolved';
	readonly summary: string;
	readonly notice_message_id: string | null;
	readonly notice_attempts: number;
	readonly taken_by: string | null;
	readonly created_at: Date;
}

const COLUMNS =
	'id, conversation_id, turn_id, reason, status, summary, notice_message_id, notice_attempts, taken_by, created_at';

/** The adapter of a new handover: $6, or what the settings of the client $1 say, also when they do not pass our schema. */
const ADAPTER = `coalesce($6, (select s.settings -> 'handover' ->> 'adapter' from client_settings s where s.client_id = $1), 'none')`;

/**
 * Opens a handover whose notice is due at once, by the adapter of the client's settings, and wakes the inbox, which sends it.
 * For what the assistant itself cannot go on with: an error, or an answer that comes too late.
 */
export async function askManager(
	tx: DbSession,
	request: {
		readonly clientId: string;
		/** Null only with a turn: see `stranded-handover.ts`. */
		readonly conversationId: string | null;
		readonly turnId: string | null;
		readonly reason: Extract<HandoverReason, 'error' | 'too_late'>;
	},
): Promise<void> {
	await openHandover(tx, { ...request, summary: '', adapter: null, noticeDelayMs: 0 });
	await tx.query(`select pg_notify('truffles_inbox', '')`);
}

/**
 * Opens a handover, or appends to the one that is open: a conversation has at most one that is not resolved.
 * The notice is due after `noticeDelayMs`: the caller usually notifies at once, and the delay is what repeats it after a crash.
 */
export async function openHandover(
	tx: DbSession,
	request: {
		readonly clientId: string;
		/** Null only with a turn: see `stranded-handover.ts`. */
		readonly conversationId: string | null;
		readonly turnId: string | null;
		readonly reason: HandoverReason;
		readonly summary: string;
		/** Null: the one in the client's settings, as they are stored. */
		readonly adapter: string | null;
		readonly noticeDelayMs: number;
	},
): Promise<{ handover: HandoverRow; isNew: boolean }> {
	const { rows } = await tx.query<HandoverRow>(
		`insert into handovers (id, client_id, conversation_id, turn_id, reason, status, summary, adapter, notice_status, notice_attempts, next_notice_at)
		 values (gen_random_uuid(), $1, $2, $3, $4, 'pending', $5, ${ADAPTER}, 'pending', 0, now() + $7 * interval '1 millisecond')
		 on conflict (conversation_id) where status <> 'resolved' do nothing
		 returning ${COLUMNS}`,
		[
			request.clientId,
			request.conversationId,
			request.turnId,
			request.reason,
			request.summary,
			request.adapter,
			request.noticeDelayMs,
		],
	);
	const created = rows[0];
	if (created !== undefined) {
		await addHandoverEvent(tx, request.clientId, created.id, 'created', 'bot', { reason: request.reason });
		return { handover: created, isNew: true };
	}
	const open = await tx.query<HandoverRow>(
		`select ${COLUMNS} from handovers where client_id = $1 and conversation_id = $2 and status <> 'resolved' for update`,
		[request.clientId, request.conversationId],
	);
	const existing = open.rows[0] as HandoverRow;
	await addHandoverEvent(tx, request.clientId, existing.id, 'repeated', 'bot', {
		reason: request.reason,
		turnId: request.turnId,
	});
	return { handover: existing, isNew: false };
}

export async function loadHandover(tx: DbSession, handoverId: string): Promise<HandoverRow | null> {
	const { rows } = await tx.query<HandoverRow>(`select ${COLUMNS} from handovers where id = $1 for update`, [
		handoverId,
	]);
	return rows[0] ?? null;
}

/** The open handover of a conversation, if any. */
export async function loadOpenHandover(tx: DbSession, conversationId: string): Promise<HandoverRow | null> {
	const { rows } = await tx.query<HandoverRow>(
		`select ${COLUMNS} from handovers where conversation_id = $1 and status <> 'resolved'`,
		[conversationId],
	);
	return rows[0] ?? null;
}

/** The handover a manager's reply belongs to: by its notice, or by a customer message that was forwarded for it. */
export async function findHandoverByNotice(tx: DbSession, noticeMessageId: string): Promise<HandoverRow | null> {
	const { rows } = await tx.query<HandoverRow>(
		`select ${COLUMNS} from handovers h where h.notice_message_id = $1
		    or exists (select 1 from handover_events e where e.handover_id = h.id and e.detail ->> 'noticeMessageId' = $1)
		  order by created_at desc limit 1`,
		[noticeMessageId],
	);
	return rows[0] ?? null;
}

export async function markNoticeSent(tx: DbSession, handoverId: string, noticeMessageId: string | null): Promise<void> {
	await tx.query(
		`update handovers set notice_status = 'sent', next_notice_at = null, notice_message_id = coalesce($2, notice_message_id) where id = $1`,
		[handoverId, noticeMessageId],
	);
}

/** The handover stays pending and its notice is repeated, later each time. */
export async function postponeNotice(tx: DbSession, handoverId: string, attempt: number): Promise<void> {
	const delayMs = Math.min(NOTICE_RETRY_MS * 2 ** Math.max(0, attempt - 1), NOTICE_RETRY_MAX_MS);
	await tx.query(
		`update handovers set notice_status = 'pending', next_notice_at = now() + $2 * interval '1 millisecond' where id = $1 and status <> 'resolved'`,
		[handoverId, delayMs],
	);
}

export async function addHandoverEvent(
	tx: DbSession,
	clientId: string,
	handoverId: string,
	kind: string,
	actor: string,
	detail: Readonly<Record<string, unknown>>,
): Promise<void> {
	await tx.query(
		'insert into handover_events (client_id, handover_id, kind, actor, detail) values ($1, $2, $3, $4, $5::jsonb)',
		[clientId, handoverId, kind, actor, JSON.stringify(detail)],
	);
}

/** A person has taken over: the assistant is silent in this conversation until the handover is resolved. */
export async function takeHandover(
	tx: DbSession,
	clientId: string,
	handover: HandoverRow,
	managerName: string,
): Promise<void> {
	await tx.query(
		`update handovers set status = 'active', taken_by = $2, taken_at = now(), resolved_at = null, notice_status = 'sent', next_notice_at = null where id = $1`,
		[handover.id, managerName],
	);
	await tx.query(
		'update conversations set human_active_since = coalesce(human_active_since, now()), human_name = $3 where client_id = $1 and id = $2',
		[clientId, handover.conversation_id, managerName],
	);
	await addHandoverEvent(tx, clientId, handover.id, 'taken', managerName, {});
}

/** The person is done: the assistant answers again. */
export async function resolveHandover(
	tx: DbSession,
	clientId: string,
	handover: HandoverRow,
	managerName: string,
): Promise<void> {
	await tx.query(
		`update handovers set status = 'resolved', resolved_at = now(), notice_status = 'sent', next_notice_at = null, taken_by = coalesce(taken_by, $2) where id = $1`,
		[handover.id, managerName],
	);
	await tx.query(
		'update conversations set human_active_since = null, human_name = null where client_id = $1 and id = $2',
		[clientId, handover.conversation_id],
	);
	await addHandoverEvent(tx, clientId, handover.id, 'resolved', managerName, {});
}
