import type { Answer, Statement } from './pg-session-log';
import type { AnsweredCall } from './service-line';

/** Moments of a message's way at which n8n can be killed. */
export type KillPoint =
	| 'before_commit'
	| 'after_commit_before_answer'
	| 'after_claim'
	| 'after_model_call'
	| 'after_sending_before_marking'
	| 'after_marking';

/** All kill points, in the order a message passes them. */
export const KILL_POINTS: readonly KillPoint[] = [
	'before_commit',
	'after_commit_before_answer',
	'after_claim',
	'after_model_call',
	'after_sending_before_marking',
	'after_marking',
];

/** Parts of our statements by which they are recognised on the line; a test compares them with the code. */
export const STATEMENT_MARKS = {
	/** The gateway commits a delivery. */
	accept: 'truffles.accept_deliveries($1',
	/** The inbox trigger claims turns. */
	claim: 'truffles.claim_lanes($1',
	/** Written only where a message is noted as sent. */
	sent: 'truffles.note_sent($1',
} as const;

const has = (statements: readonly Statement[], mark: string): boolean =>
	statements.some(({ text }) => text.includes(mark));

/** The point that is reached when the server is about to get this statement. */
export function pointOfStatement(text: string): KillPoint | null {
	return text.includes(STATEMENT_MARKS.accept) ? 'before_commit' : null;
}

/** The point that is reached when the client is about to get this answer. */
export function pointOfAnswer({ committed }: Answer): KillPoint | null {
	if (has(committed, STATEMENT_MARKS.accept)) return 'after_commit_before_answer';
	if (committed.some(({ text, rows }) => rows > 0 && text.includes(STATEMENT_MARKS.claim))) return 'after_claim';
	if (has(committed, STATEMENT_MARKS.sent)) return 'after_marking';
	return null;
}

/** The point that is reached when a stand-in has done what it was called for. */
export function pointOfCall({ path, status }: AnsweredCall): KillPoint | null {
	if (status !== 200) return null;
	if (path.startsWith('/openai/')) return 'after_model_call';
	if (path.startsWith('/chatflow/api/v1/send-text')) return 'after_sending_before_marking';
	return null;
}
