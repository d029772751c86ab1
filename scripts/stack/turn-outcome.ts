import type { Db } from '../../lib/ports/db';

const POLL_MS = 40;

/** How a message ended, as recorded in the database. */
export interface TurnResult {
	/** Null when nothing was said: held for a manager, or ignored. */
	readonly reply: string | null;
	readonly outcome: string;
	readonly outcomeReason: string | null;
	readonly route: string | null;
	readonly intent: string | null;
	readonly language: string | null;
	/** Decimal, USD. */
	readonly costUsd: string;
	readonly conversationId: string | null;
	readonly turnId: string;
	/** State of the reply's outbox row; null without a reply. */
	readonly delivery: string | null;
}

interface TurnRow {
	readonly reply: string | null;
	readonly outcome: string | null;
	readonly outcome_reason: string | null;
	readonly route: string | null;
	readonly intent: string | null;
	readonly language: string | null;
	readonly cost_usd: string;
	readonly conversation_id: string | null;
	readonly turn_id: string;
	readonly delivery: string | null;
}

const FINAL_DELIVERY: ReadonlySet<string | null> = new Set(['sent', 'failed', 'cancelled', null]);

/**
 * Waits until the turn that a message belongs to has its outcome, and its reply has reached the channel.
 * @returns null when that did not happen within `timeoutMs`
 */
export async function waitForTurn(
	db: Db,
	clientId: string,
	messageId: string,
	timeoutMs: number,
): Promise<TurnResult | null> {
	const deadline = performance.now() + timeoutMs;
	for (;;) {
		const row = await readTurn(db, clientId, messageId);
		if (row !== null && row.outcome !== null && FINAL_DELIVERY.has(row.delivery)) {
			return {
				reply: row.reply,
				outcome: row.outcome,
				outcomeReason: row.outcome_reason,
				route: row.route,
				intent: row.intent,
				language: row.language,
				costUsd: row.cost_usd,
				conversationId: row.conversation_id,
				turnId: row.turn_id,
				delivery: row.delivery,
			};
		}
		if (performance.now() > deadline) return null;
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
}

async function readTurn(db: Db, clientId: string, messageId: string): Promise<TurnRow | null> {
	const { rows } = await db.asClient(clientId, (tx) =>
		tx.query<TurnRow>(
			`select t.id as turn_id, t.outcome, t.outcome_reason, t.route, t.intent, t.language, t.cost_usd::text, t.conversation_id,
			        m.text as reply, o.status as delivery
			 from inbound_events e
			 join turns t on t.id = e.turn_id
			 left join messages m on m.id = t.reply_message_id
			 left join outbox o on o.message_id = m.id
			 where e.client_id = $1 and e.channel = 'whatsapp' and e.provider_event_id = $2`,
			[clientId, messageId],
		),
	);
	return rows[0] ?? null;
}
