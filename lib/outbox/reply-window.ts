import { isTooLate, TOO_LATE_MS } from '../conversation/lateness';
import type { ChannelCapabilities } from '../ports/channel-sender';

/** `free`: as written; `template`: only inside a text that the channel has approved; `person`: not sent, a manager is asked. */
export type SendMode = 'free' | 'template' | 'person';

/** Instants that decide how a message may be sent. */
export interface MessageAge {
	readonly author: 'bot' | 'manager' | 'system';
	/** Instant of the customer's last message; null when they never wrote. */
	readonly lastInboundAt: Date | null;
	/** Instant at which this message was written. */
	readonly writtenAt: Date;
}

/**
 * Decides how a message to a customer may be sent now.
 *
 * The channel's window is measured from the customer's last message, not from ours; its exact end is outside, because a
 * refused message is silence. The assistant's own messages keep to 24 hours on every channel; a manager's may go out as
 * long as the channel takes them, but no message does that has waited in the outbox for a day itself.
 * Source: WhatsApp Business Platform, customer service window (shared channel facts, November 2026).
 *
 * @param hasTemplate whether the client has named a template for this
 */
export function chooseSendMode(
	message: MessageAge,
	capabilities: ChannelCapabilities,
	hasTemplate: boolean,
	now: Date,
): SendMode {
	const { replyWindowMs } = capabilities;
	const windowMs = message.author === 'manager' ? replyWindowMs : Math.min(replyWindowMs ?? TOO_LATE_MS, TOO_LATE_MS);
	const since = message.lastInboundAt ?? (replyWindowMs === null ? message.writtenAt : null);
	const isOpen = windowMs === null || (since !== null && now.getTime() - since.getTime() < windowMs);
	if (isOpen && !isTooLate(message.writtenAt, now)) return 'free';
	return capabilities.supportsTemplates && hasTemplate ? 'template' : 'person';
}
