import type { InboundEvent } from '../channels/inbound-event';
import type { Kv } from '../ports/kv';

const RATE_WINDOW_MS = 60_000;

/** States, managers' actions and what we ignore, for each delivery with a customer's message that the client may have. */
const OTHERS_PER_MESSAGE = 10;

/**
 * Counts a delivery of a client and says whether it is one too many.
 *
 * Deliveries with a customer's message and all others are counted apart: every reply brings up to three states (sent,
 * delivered, read), and a busy hour of those must not cost a customer's message. A body that could not be read counts
 * as one of the others.
 *
 * @param events what the body held; empty when it could not be read
 * @returns seconds until the window ends, at least 1; null when the delivery is within the limit
 */
export async function countDelivery(
	kv: Kv,
	client: { readonly id: string; readonly rateLimitPerMinute: number },
	events: readonly InboundEvent[],
): Promise<number | null> {
	const hasMessage = events.some((event) => event.kind === 'message');
	const key = hasMessage ? `rate:${client.id}` : `rate:${client.id}:others`;
	const limit = client.rateLimitPerMinute * (hasMessage ? 1 : OTHERS_PER_MESSAGE);
	const rate = await kv.increment(key, RATE_WINDOW_MS);
	return rate.count > limit ? Math.max(1, Math.ceil(rate.remainingMs / 1000)) : null;
}
