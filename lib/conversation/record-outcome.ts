import type { Classification, Outcome } from '../item/turn-item';
import type { DbSession } from '../ports/db';

/** Identifies a running turn; `attempt` is the fence against a process that lost its lease. */
export interface TurnFence {
	readonly turnId: string;
	readonly attempt: number;
}

export interface OutcomeDetails {
	readonly classification?: Classification | null;
	readonly errorCode?: string | null;
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
	const c = classificationColumns(details.classification ?? null);
	const { rowCount } = await tx.query(
		`update turns set status = $3, outcome = $4, outcome_reason = $5, finished_at = now(), intent = $6, intents = $7,
		   route = $8, language = $9, confidence = $10, sensitive = $11, error_code = $12
		  where id = $1 and attempt = $2 and status = 'claimed'`,
		[
			fence.turnId,
			fence.attempt,
			details.errorCode ? 'failed' : 'done',
			outcome.kind,
			outcome.reason,
			c.intent,
			c.intents,
			c.route,
			c.language,
			c.confidence,
			c.sensitive,
			details.errorCode ?? null,
		],
	);
	if (rowCount === 0) return false;
	await releaseLane(tx, fence.turnId);
	return true;
}

/** Frees the lane of a finished turn and wakes the inbox when messages are waiting on it. */
export async function releaseLane(tx: DbSession, turnId: string): Promise<void> {
	await tx.query('select truffles.release_lane($1)', [turnId]);
}

/** What a turn's row says about how its messages were understood. */
export function classificationColumns(classification: Classification | null): {
	readonly intent: string | null;
	readonly intents: readonly string[];
	readonly route: string | null;
	readonly language: string | null;
	readonly confidence: number | null;
	readonly sensitive: boolean;
} {
	return {
		intent: classification?.intent ?? null,
		intents: classification?.intents ?? [],
		route: classification?.route ?? null,
		language: classification?.language ?? null,
		confidence: classification?.confidence ?? null,
		sensitive: classification?.sensitive ?? false,
	};
}
