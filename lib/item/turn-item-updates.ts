import type { BillingCall, HandoverReason, Reply, TurnItem } from './turn-item';

/** The item with messages for people added; the same item when there are none. Repeated notes are kept once. */
export function addNotes(item: TurnItem, notes: readonly string[]): TurnItem {
	const fresh = notes.filter((note) => !item.notes.includes(note));
	return fresh.length === 0 ? item : { ...item, notes: [...item.notes, ...new Set(fresh)] };
}

/** The item with model calls added to its bill. A call that is already there, by id, is not added again. */
export function addBillingCalls(item: TurnItem, calls: readonly BillingCall[]): TurnItem {
	const known = new Set(item.billing.map((call) => call.id));
	const fresh = calls.filter((call) => !known.has(call.id));
	return fresh.length === 0 ? item : { ...item, billing: [...item.billing, ...fresh] };
}

/** The item with this reply as its draft, not yet judged by the guard. */
export function setReply(item: TurnItem, reply: Reply): TurnItem {
	return { ...item, reply };
}

/**
 * The item with a person asked for. The first reason wins: a later step that also wants a person must not
 * hide why the first one did. The draft is dropped, because what the customer is told is decided by 7_Handover.
 */
export function requestHandover(item: TurnItem, reason: HandoverReason): TurnItem {
	return {
		...item,
		reply: null,
		handover: item.handover ?? { reason, id: null, notified: false },
	};
}
