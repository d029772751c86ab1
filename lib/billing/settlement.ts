import type { BillingRow } from './billing-row';

/** Calls whose bill is to be written; everything in it is an id, a name of a model or a number. */
export interface Settlement {
	readonly clientId: string;
	readonly timeZone: string;
	readonly reservationId: string | null;
	readonly conversationId: string | null;
	readonly turnId: string | null;
	/** ISO 8601, UTC: when the calls were settled; decides day and month of the cost. */
	readonly settledAt: string;
	/** Decimal string. */
	readonly usdKztRate: string;
	readonly rows: readonly BillingRow[];
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Reads a line of the journal; null when it is none (a damaged disk, somebody's editor). What the rows hold is checked by the database. */
export function parseSettlement(line: string): Settlement | null {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch {
		return null;
	}
	if (typeof value !== 'object' || value === null) return null;
	const { clientId, timeZone, settledAt, usdKztRate, rows } = value as Record<string, unknown>;
	const isWhole =
		typeof clientId === 'string' &&
		UUID.test(clientId) &&
		typeof timeZone === 'string' &&
		typeof settledAt === 'string' &&
		typeof usdKztRate === 'string' &&
		Array.isArray(rows);
	return isWhole ? (value as Settlement) : null;
}
