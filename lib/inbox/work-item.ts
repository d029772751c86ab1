import type { ClaimedTurn, DueHandover, DueOutbox } from './inbox-store';

/**
 * The items the inbox trigger emits. They name rows, nothing else: whoever handles them loads what is true then.
 * A claimed turn becomes a standard item in "Open conversation".
 */
export const CLAIMED_TURN_SCHEMA = 'truffles.claimed-turn/1';
export const MANAGER_EVENT_SCHEMA = 'truffles.manager-event/1';
export const HANDOVER_DUE_SCHEMA = 'truffles.handover-due/1';
export const OUTBOX_SCHEMA = 'truffles.outbox/1';

export type ClaimedTurnItem = ClaimedTurn & { readonly schema: typeof CLAIMED_TURN_SCHEMA };
export type ManagerEventItem = ClaimedTurn & { readonly schema: typeof MANAGER_EVENT_SCHEMA };
export type HandoverDueItem = DueHandover & { readonly schema: typeof HANDOVER_DUE_SCHEMA };
export type OutboxItem = DueOutbox & { readonly schema: typeof OUTBOX_SCHEMA };

const FIELDS: Readonly<Record<string, readonly string[]>> = {
	[CLAIMED_TURN_SCHEMA]: ['turnId', 'clientId', 'channel', 'laneKey'],
	[MANAGER_EVENT_SCHEMA]: ['turnId', 'clientId', 'channel', 'laneKey'],
	[HANDOVER_DUE_SCHEMA]: ['handoverId', 'clientId'],
	[OUTBOX_SCHEMA]: ['outboxId', 'clientId'],
};

/** The work item in an n8n item's JSON, or null when it is something else (a standard item, for example). */
export function parseWorkItem(
	json: Readonly<Record<string, unknown>>,
): ClaimedTurnItem | ManagerEventItem | HandoverDueItem | OutboxItem | null {
	const fields = typeof json.schema === 'string' ? FIELDS[json.schema] : undefined;
	if (fields === undefined || typeof json.attempt !== 'number') return null;
	if (!fields.every((field) => typeof json[field] === 'string')) return null;
	return json as unknown as ClaimedTurnItem | ManagerEventItem | HandoverDueItem | OutboxItem;
}
