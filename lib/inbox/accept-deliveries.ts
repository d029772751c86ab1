/** What the gateway stores: the events of webhook bodies, committed before they are answered. */
import type { DbSession } from '../ports/db';

/** One event as it is stored: personal data already hashed or encrypted. */
export interface EventRow {
	readonly id: string;
	readonly providerEventId: string;
	readonly kind: string;
	/** Null: stored for the record, starts nothing (delivery statuses). */
	readonly lane: { readonly key: string; readonly kind: 'user' | 'manager'; readonly waitMs: number } | null;
	/** The parsed event without address and phone. */
	readonly event: Readonly<Record<string, unknown>>;
	readonly senderEnc: Buffer | null;
	readonly rawEnc: Buffer | null;
	readonly providerAt: Date | null;
}

/** What was made of the events of one webhook body. */
export interface Acceptance {
	/** New ones. */
	readonly accepted: number;
	/** Repeated deliveries. Both are zero when the configuration was not the given one any more: nothing was stored. */
	readonly repeated: number;
}

/**
 * Commits the events of one webhook body, atomically, in one round trip.
 * @param configVersion stores nothing when this is not the configuration of the active client any more; null: no matter
 */
export async function acceptEvents(
	db: DbSession,
	clientId: string,
	channel: string,
	events: readonly EventRow[],
	maxWaitMs: number,
	configVersion: number | null = null,
): Promise<Acceptance> {
	const address = { clientId, channel, maxWaitMs, configVersion };
	const [acceptance] = await acceptDeliveries(db, address, [eventsJson(events)]);
	return acceptance as Acceptance;
}

/** What deliveries have in common that are stored together. */
export interface AcceptanceKey {
	readonly clientId: string;
	readonly channel: string;
	readonly maxWaitMs: number;
	readonly configVersion: number | null;
}

/** The events of one webhook body as `truffles.accept_events` takes them: the elements of a JSON array, without its brackets. */
export interface EventsJson {
	readonly ids: readonly string[];
	readonly json: string;
}

export function eventsJson(events: readonly EventRow[]): EventsJson {
	const json = events.map((row) =>
		JSON.stringify({
			id: row.id,
			provider_event_id: row.providerEventId,
			kind: row.kind,
			lane_key: row.lane?.key ?? null,
			lane_kind: row.lane?.kind ?? null,
			wait_ms: row.lane?.waitMs ?? 0,
			event: row.event,
			sender_enc: row.senderEnc?.toString('base64') ?? null,
			raw_enc: row.rawEnc?.toString('base64') ?? null,
			provider_at: row.providerAt?.toISOString() ?? null,
		}),
	);
	return { ids: events.map((row) => row.id), json: json.join(',') };
}

/** Commits several webhook bodies, in their order, atomically and in one round trip. */
export async function acceptDeliveries(
	db: DbSession,
	{ clientId, channel, maxWaitMs, configVersion }: AcceptanceKey,
	deliveries: readonly EventsJson[],
): Promise<readonly Acceptance[]> {
	const { rows } = await db.query<{ event_id: string; accepted: boolean }>(
		'select event_id, accepted from truffles.accept_deliveries($1, $2, $3::jsonb, $4, $5, $6)',
		[
			clientId,
			channel,
			`[${deliveries.map(({ json }) => json).join(',')}]`,
			maxWaitMs,
			configVersion,
			deliveries.length,
		],
	);
	const isAccepted = new Map(rows.map((row) => [row.event_id, row.accepted]));
	return deliveries.map(({ ids }) => ({
		accepted: ids.filter((id) => isAccepted.get(id) === true).length,
		repeated: ids.filter((id) => isAccepted.get(id) === false).length,
	}));
}
