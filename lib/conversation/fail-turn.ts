import { type ErrorCode, ERRORS } from '../errors';
import { forwardLater } from '../handover/forward-messages';
import { askManager } from '../handover/handover-store';
import type { Outcome, ReplyLanguage } from '../item/turn-item';
import { lockConversation, queueMessage } from '../outbox/outbox-store';
import type { DbSession } from '../ports/db';
import { recordOutcome, type TurnFence } from './record-outcome';

/** What failed, for `error_logs`: no message text, no phone, no secret. */
export interface TurnFailure {
	readonly code: ErrorCode;
	readonly where: string;
	readonly problem: string;
	readonly executionId: string | null;
}

/**
 * Ends a turn that cannot go on: fallback text to the customer, handover to the managers, a row in `error_logs`,
 * all in one transaction (promise 5: an error is never silence). While a person is active the customer gets nothing, and
 * the person gets the message.
 *
 * @param fallbackText chooses the text by the language of the conversation
 * @returns the recorded outcome; null when the turn is not ours any more, or has no conversation yet (then it is left as it
 *          is: see `park-turn.ts`)
 */
export async function failTurn(
	tx: DbSession,
	clientId: string,
	fence: TurnFence,
	failure: TurnFailure,
	fallbackText: (language: ReplyLanguage) => string,
): Promise<Outcome | null> {
	const { rows } = await tx.query<{
		conversation_id: string | null;
		channel: string;
		reply_language: ReplyLanguage | null;
		default_language: ReplyLanguage;
	}>(
		`select t.conversation_id, t.channel, c.reply_language, k.default_language
		   from turns t join clients k on k.id = t.client_id left join conversations c on c.id = t.conversation_id and c.client_id = t.client_id
		  where t.id = $1`,
		[fence.turnId],
	);
	const turn = rows[0];
	if (turn === undefined || turn.conversation_id === null) return null;
	await logFailure(tx, clientId, fence.turnId, failure);
	const { humanActive } = await lockConversation(tx, turn.conversation_id);
	const outcome: Outcome = humanActive
		? { kind: 'held', reason: 'human_active' }
		: { kind: 'handed_over', reason: 'error' };
	if (!(await recordOutcome(tx, fence, outcome, { errorCode: failure.code }))) return null;
	if (humanActive) {
		await forwardLater(tx, clientId, turn.conversation_id, fence.turnId);
		return outcome;
	}
	const language = turn.reply_language ?? turn.default_language;
	const queued = await queueMessage(tx, {
		clientId,
		conversationId: turn.conversation_id,
		turnId: fence.turnId,
		channel: turn.channel,
		author: 'bot',
		text: fallbackText(language),
		language,
		sendNow: false,
	});
	await tx.query('update turns set reply_message_id = $2 where id = $1', [fence.turnId, queued.messageId]);
	await askManager(tx, {
		clientId,
		conversationId: turn.conversation_id,
		turnId: fence.turnId,
		reason: 'error',
	});
	return outcome;
}

/** One row of `error_logs` for a turn that failed. */
export async function logFailure(tx: DbSession, clientId: string, turnId: string, failure: TurnFailure): Promise<void> {
	await tx.query('select truffles.write_error_log($1, $2, $3, $4, $5, $6, $7, $8)', [
		clientId,
		null,
		failure.where,
		failure.code,
		ERRORS[failure.code].family,
		failure.problem.slice(0, 500),
		failure.executionId,
		turnId,
	]);
}
