import type { IgnoredEvent, StatusEvent } from './inbound-event';
import { asArray, asInstant, asObject, firstText } from './json-value';

/** `played` is said of voice messages only: who has listened has read. */
const STATES: Readonly<Record<string, StatusEvent['status']>> = {
	sent: 'sent',
	delivered: 'delivered',
	read: 'read',
	played: 'read',
	failed: 'failed',
};

/**
 * Reads one element of `statuses`. A shape or word we do not know is ignored with a reason: it must never cost the
 * customer messages beside it.
 * Source: Cloud API, "status" webhook reference (developers.facebook.com, checked November 2026).
 */
export function readMetaStatus(element: unknown): StatusEvent | IgnoredEvent {
	const value = asObject(element);
	const messageId = firstText(value?.id);
	const word = firstText(value?.status)?.toLowerCase() ?? '';
	const status = Object.hasOwn(STATES, word) ? STATES[word] : undefined;
	const providerAt = asInstant(value?.timestamp);
	if (value === null || messageId === null || status === undefined) {
		const reason = messageId === null ? 'status_without_id' : 'status_unknown';
		return { kind: 'ignored', providerEventId: null, providerAt, reason, source: element };
	}
	const error = asObject(asArray(value.errors)[0]);
	return {
		kind: 'status',
		providerEventId: `status:${messageId}:${status}`,
		providerAt,
		source: element,
		messageId,
		status,
		errorCode: status === 'failed' ? firstText(error?.code) : null,
		idempotencyKey: firstText(value.biz_opaque_callback_data),
	};
}
