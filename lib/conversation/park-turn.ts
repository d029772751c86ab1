import type { ClientKey } from '../crypto/client-keys';
import { formatError, TrufflesError } from '../errors';
import { openStrandedHandover } from '../handover/stranded-handover';
import type { ClaimedTurn } from '../inbox/inbox-store';
import { MAX_ATTEMPTS } from '../inbox/retry-policy';
import type { Outcome, ReplyLanguage } from '../item/turn-item';
import type { Db, DbSession } from '../ports/db';
import { failTurn, logFailure, type TurnFailure } from './fail-turn';
import { openTurn } from './open-turn';
import { recordOutcome } from './record-outcome';
import { saveParty } from './save-party';
import { loadTurnClient } from './turn-client';
import { loadTurnEvents } from './turn-events';

export interface ParkPorts {
	readonly db: Db;
	readonly unwrapKey: (clientId: string, wrapped: Buffer) => ClientKey;
	readonly fallbackText: (language: ReplyLanguage) => string;
}

const TRANSIENT_STATES = ['40001', '40P01', '55P03', '57014'];
const LAST_PATIENT_ATTEMPT = MAX_ATTEMPTS + 3;

type Step = (tx: DbSession) => Promise<Outcome | null>;

/**
 * Ends a turn that failed on every attempt, as well as it can still be done (promise 5), each way in a transaction of its own:
 *
 * 1. fallback text to the customer and a handover, after opening the conversation if it was not open;
 * 2. the same without the messages, when it is they that cannot be saved;
 * 3. a handover without a conversation, when the customer's address cannot be read: it gets its conversation, and the
 *    customer the fallback text, once that is mended;
 * 4. an outcome and an alert for the people who run the installation.
 *
 * A manager's event answers nobody: its failure is an alert.
 *
 * @returns the recorded outcome; null when the turn is not ours any more
 * @throws what passes by itself (database away): the turn comes back when its lease ends
 */
export async function parkTurn(ports: ParkPorts, turn: ClaimedTurn, where: string): Promise<Outcome | null> {
	const failure: TurnFailure = {
		code: 'TRF_TURN_FAILED',
		where,
		problem: 'every attempt failed',
		executionId: null,
	};
	let cause: unknown = null;
	const steps: readonly Step[] =
		turn.kind === 'manager'
			? [async (tx) => await giveUpManagerEvent(tx, turn, where)]
			: [
					async (tx) => (await openFirst(ports, tx, turn)) ?? (await fail(ports, tx, turn, failure)),
					async (tx) => {
						await savePartyOnly(ports, tx, turn);
						return await fail(ports, tx, turn, failure);
					},
					async (tx) => {
						await openStrandedHandover(tx, turn);
						return await strand(tx, turn, where, cause, 'handed_over');
					},
					async (tx) => await strand(tx, turn, where, cause, 'ignored'),
				];
	for (const step of steps) {
		try {
			return await ports.db.asClient(turn.clientId, async (tx) => ((await isOurs(tx, turn)) ? await step(tx) : null));
		} catch (error) {
			if (mayPass(error, turn.attempt)) throw error;
			cause = error;
		}
	}
	throw cause;
}

/** @returns the outcome that opening led to by itself (held, too late, nothing to answer); null when the turn must still fail */
async function openFirst(ports: ParkPorts, tx: DbSession, turn: ClaimedTurn): Promise<Outcome | null> {
	if (await hasConversation(tx, turn.turnId)) return null;
	const opened = await openTurn(tx, turn, ports.unwrapKey);
	if (opened.kind === 'held') return { kind: 'held', reason: 'human_active' };
	if (opened.kind === 'ignored') return { kind: 'ignored', reason: opened.reason };
	if (opened.kind === 'too_late') return { kind: 'handed_over', reason: 'too_late' };
	return null;
}

async function savePartyOnly(ports: ParkPorts, tx: DbSession, turn: ClaimedTurn): Promise<void> {
	if (await hasConversation(tx, turn.turnId)) return;
	const client = await loadTurnClient(tx, turn.clientId);
	const { events } = await loadTurnEvents(tx, turn.turnId);
	if (client !== null) await saveParty(tx, turn, ports.unwrapKey(client.id, client.data_key_wrapped), events);
}

async function isOurs(tx: DbSession, turn: ClaimedTurn): Promise<boolean> {
	const { rowCount } = await tx.query(
		`select from turns where id = $1 and attempt = $2 and status = 'claimed' for update`,
		[turn.turnId, turn.attempt],
	);
	return rowCount > 0;
}

async function hasConversation(tx: DbSession, turnId: string): Promise<boolean> {
	const { rowCount } = await tx.query('select from turns where id = $1 and conversation_id is not null', [turnId]);
	return rowCount > 0;
}

async function fail(ports: ParkPorts, tx: DbSession, turn: ClaimedTurn, failure: TurnFailure): Promise<Outcome | null> {
	return await failTurn(tx, turn.clientId, turn, failure, ports.fallbackText);
}

async function strand(
	tx: DbSession,
	turn: ClaimedTurn,
	where: string,
	cause: unknown,
	kind: 'handed_over' | 'ignored',
): Promise<Outcome | null> {
	const told =
		kind === 'handed_over' ? 'the handover waits without a conversation' : 'no handover could be recorded either';
	const problem = formatError('TRF_TURN_STRANDED', { problem: nameOf(cause), told });
	await logFailure(tx, turn.clientId, turn.turnId, { code: 'TRF_TURN_STRANDED', where, problem, executionId: null });
	const outcome: Outcome = { kind, reason: 'stranded' };
	return (await recordOutcome(tx, turn, outcome, { errorCode: 'TRF_TURN_STRANDED' })) ? outcome : null;
}

async function giveUpManagerEvent(tx: DbSession, turn: ClaimedTurn, where: string): Promise<Outcome | null> {
	const code = 'TRF_MANAGER_EVENT_FAILED';
	const problem = formatError(code, { problem: 'every attempt failed' });
	await logFailure(tx, turn.clientId, turn.turnId, { code, where, problem, executionId: null });
	const outcome: Outcome = { kind: 'ignored', reason: 'manager_event_failed' };
	return (await recordOutcome(tx, turn, outcome, { errorCode: code })) ? outcome : null;
}

/**
 * True for what a later claim may get over: a database that is away, and for some claims also a lock or a statement that took
 * too long (SQLSTATE of serialization failure, deadlock, lock not available, query cancelled).
 */
function mayPass(error: unknown, attempt: number): boolean {
	if (error instanceof TrufflesError) return error.retryable;
	const state = (error as { code?: unknown } | null)?.code;
	return attempt <= LAST_PATIENT_ATTEMPT && typeof state === 'string' && TRANSIENT_STATES.includes(state);
}

/** Code or kind of what was thrown; its message may quote a customer. */
function nameOf(cause: unknown): string {
	if (cause instanceof TrufflesError) return cause.code;
	const code = (cause as { code?: unknown } | null)?.code;
	if (typeof code === 'string') return code;
	return cause instanceof Error ? cause.name : 'unknown';
}
