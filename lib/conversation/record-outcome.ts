import type { Classification, Outcome } from '../item/turn-item';
import type { DbSession } from '../ports/db';

/** Identifies a running turn; `attempt` is the fence against a process that lost its lease. */
export interface TurnFence {
	readonly turnId: string;
	readonly attempt: number;
}

export interface OutcomeDetails {
	readonly classification?: Classification | null;
	readonly replyMessageId?: string | null;
	readonly errorCode?: string | null;
	/** Keep the lane until the message was sent, so that the next turn cannot overtake it; released by `releaseLane`. */
	readonly keepLane?: boolean;
}

/**
 * Records the one outcome of a turn and releases its lane. The first call wins: a turn that has an outcome, or
 * that another process has claimed meanwhile, is left as it is.
 *
 * @returns false when the turn is not ours any more: the caller must roll back what it did for it
 */
export async function recordOutcome(
	tx: DbSession,
	fence: TurnFence,
	outcome: Outcome | { readonly kind: 'handled'; readonly reason: string },
	details: OutcomeDetails = {},
): Promise<boolean> {
	const c = details.classification ?? null;
	const { rowCount } = await tx.query(
		`update turns set status = $3, outcome = $4, outcome_reason = $5, finished_at = now(), intent = $6, intents = $7,
		   route = $8, language = $9, confidence = $10, sensitive = $11, reply_message_id = $12, error_code = $13
		  where id = $1 and attempt = $2 and status = 'claimed'`,
		[
			fence.turnId,
			fence.attempt,
			details.errorCode ? 'failed' : 'done',
			outcome.kind,
			outcome.reason,
			c?.intent ?? null,
			c ? [...c.intents] : [],
			c?.route ?? null,
			c?.language ?? null,
			c?.confidence ?? null,
			c?.sensitive ?? false,
			details.replyMessageId ?? null,
			details.errorCode ?? null,
		],
	);
	if (rowCount === 0) return false;
	if (details.keepLane !== true) await releaseLane(tx, fence.turnId);
	return true;
}

/** Frees the lane of a finished turn and wakes the inbox when messages are waiting on it. */
export async function releaseLane(tx: DbSession, turnId: string): Promise<void> {
	await tx.query(
		`with released as (
		   update conversation_lanes set active_turn_id = null, lease_until = null where active_turn_id = $1 returning due_at)
		 select pg_notify('truffles_inbox', '') from released where due_at is not null`,
		[turnId],
	);
}
