import type { InboundEvent } from '../channels/inbound-event';
import { burstWaitMs, type BurstSettings } from '../inbox/burst-wait';
import type { EventRow } from '../inbox/accept-deliveries';
import { isCompleteQuestion } from '../language/complete-question';
import type { Crypto } from '../ports/crypto';
import type { ResolvedClient } from '../tenant/tenant-store';

/** Longer ids are replaced by their hash: PostgreSQL refuses index entries above some 2,700 bytes. */
const MAX_ID_CHARS = 256;

/** One delivery on its way to the database. */
export interface Delivery {
	readonly client: ResolvedClient;
	readonly channel: string;
	readonly raw: Buffer;
	readonly burst: BurstSettings;
}

/**
 * The rows of a delivery's events, in their order: addresses hashed and encrypted, the part of the body each came from
 * encrypted beside it.
 */
export function buildEventRows(crypto: Crypto, delivery: Delivery, events: readonly InboundEvent[]): EventRow[] {
	return events.map((event, index) => ({
		id: crypto.uuid(),
		providerEventId: shortId(crypto, event.providerEventId ?? `ignored:${crypto.sha256Hex(delivery.raw)}:${index}`),
		kind: event.kind,
		providerAt: event.providerAt,
		rawEnc: encryptSource(delivery, event, events.length),
		...contentOf(crypto, delivery, event),
	}));
}

function contentOf(
	crypto: Crypto,
	{ client, channel, burst }: Delivery,
	event: InboundEvent,
): Pick<EventRow, 'lane' | 'event' | 'senderEnc'> {
	switch (event.kind) {
		case 'message':
		case 'echo': {
			const isComplete = event.kind === 'echo' || event.attachments.length > 0 || isCompleteQuestion(event.text);
			return {
				lane: {
					key: client.key.addressHash(channel, event.address),
					kind: 'user',
					waitMs: event.kind === 'echo' ? 0 : burstWaitMs(isComplete, burst),
				},
				event:
					event.kind === 'echo'
						? { text: event.text }
						: { text: event.text, displayName: event.displayName, attachments: event.attachments },
				senderEnc: client.key.encrypt(event.address, 'inbound_events.sender'),
			};
		}
		case 'status': {
			const { status, errorCode, idempotencyKey } = event;
			const messageId = shortId(crypto, event.messageId);
			return { lane: null, event: { messageId, status, errorCode, idempotencyKey }, senderEnc: null };
		}
		case 'ignored':
			return { lane: null, event: { reason: event.reason }, senderEnc: null };
		case 'manager_action':
		case 'manager_message': {
			const { kind: _kind, providerEventId, providerAt: _at, source: _source, ...rest } = event;
			return { lane: { key: `manager:${providerEventId}`, kind: 'manager', waitMs: 0 }, event: rest, senderEnc: null };
		}
	}
}

/** A body with one event is kept byte for byte; of several each keeps its own part. */
function encryptSource({ client, raw }: Delivery, event: InboundEvent, count: number): Buffer | null {
	if (event.source === null) return null;
	const isWhole = count === 1 || event.source === undefined;
	return client.key.encrypt(isWhole ? raw.toString('utf8') : JSON.stringify(event.source), 'inbound_events.raw');
}

function shortId(crypto: Crypto, id: string): string {
	return id.length <= MAX_ID_CHARS ? id : `sha256:${crypto.sha256Hex(id)}`;
}
