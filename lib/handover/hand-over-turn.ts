import type { TurnItem } from '../item/turn-item';
import { composeReply } from '../reply/compose-reply';
import { composeHandoverReply } from '../reply/handover-reply';
import { buttonLabels, managerNotice } from '../reply/manager-notice';
import {
	addHandoverEvent,
	type HandoverRow,
	loadHandover,
	markNoticeSent,
	openHandover,
	postponeNotice,
} from './handover-store';
import { followUp, forwardPending } from './forward-messages';
import type { HandoverPorts } from './handover-ports';
import { loadHandoverItem } from './handover-turn';
import { customerPhone, notifyManagers, type NoticeContent } from './notify-managers';
import { adoptWhenReadable } from './stranded-handover';

/** After this long an unsent notice is due again, even when this process dies before it says how it went. */
const NOTICE_LEASE_MS = 60_000;

/**
 * Passes a turn to the managers: records it (or adds it to the open handover), notifies, and writes what the customer
 * is told. The customer is told "passed on" only when the notice was delivered, otherwise that it is kept for a manager.
 */
export async function handOverTurn(ports: HandoverPorts, item: TurnItem): Promise<TurnItem> {
	const clientId = item.client.id;
	const reason = item.handover?.reason ?? 'no_answer';
	const { settings, client: pack, domain } = await ports.packs(clientId, item.client.configVersion);
	const prepared = await ports.db.asClient(clientId, async (tx) => {
		const phone = await customerPhone(ports, tx, clientId, item.user.id);
		const { handover, isNew } = await openHandover(tx, {
			clientId,
			conversationId: item.conversation.id,
			turnId: item.turn.id,
			reason,
			// Without the phone: the row is read by people who need not see it.
			summary: managerNotice(item, { reason, phone: null, pack }),
			adapter: settings.handover?.adapter ?? 'none',
			noticeDelayMs: NOTICE_LEASE_MS,
		});
		return { handover, isNew, phone };
	});
	const { handover, isNew, phone } = prepared;
	const content: NoticeContent = isNew
		? fullNotice(handover, managerNotice(item, { reason, phone, pack }), { type: 'handover.created', item })
		: followUp(handover, item, 'handover.repeated');
	const delivery = await notifyManagers(ports, clientId, settings.handover, content);
	await ports.db.asClient(clientId, async (tx) => {
		if (isNew && delivery.delivered) await markNoticeSent(tx, handover.id, delivery.providerMessageId);
		if (isNew && !delivery.delivered) await postponeNotice(tx, handover.id, 1);
		await addHandoverEvent(tx, clientId, handover.id, isNew ? 'notice' : 'follow_up', 'bot', {
			delivered: delivery.delivered,
			noticeMessageId: delivery.providerMessageId,
			turnId: item.turn.id,
		});
	});
	const now = ports.clock.now();
	// What the facts can answer of the same message is answered; not when the guard has just refused a draft made of it.
	const decision = reason === 'guard_refused' ? null : composeReply(item, { pack, domain, now });
	const answer = decision === null || decision.kind === 'reply' ? null : decision.answer;
	return {
		...item,
		handover: { reason, id: handover.id, notified: delivery.delivered },
		reply: composeHandoverReply(item, reason, { pack, now, notified: delivery.delivered, answer }),
	};
}

/**
 * A notice that has not reached anybody yet: tried again, later each time. Of a handover that somebody has taken it is the
 * customer's further messages that are told.
 */
export async function repeatNotice(
	ports: HandoverPorts,
	due: { readonly clientId: string; readonly handoverId: string; readonly attempt: number },
): Promise<boolean> {
	const { clientId, handoverId, attempt } = due;
	const first = await loadDue(ports, due);
	const isStranded = first !== null && first.handover.conversation_id === null;
	if (isStranded) await adoptWhenReadable(ports, clientId, handoverId);
	const loaded = isStranded ? await loadDue(ports, due) : first;
	if (loaded === null) return false;
	const { handover, item, phone } = loaded;
	if (handover.status === 'active') return await forwardPending(ports, due, handover, item);
	const { settings, client: pack } = await ports.packs(clientId, item.client.configVersion);
	const notice = managerNotice(item, { reason: handover.reason, phone, pack });
	const delivery = await notifyManagers(
		ports,
		clientId,
		settings.handover,
		fullNotice(handover, notice, { type: 'handover.created', item }),
	);
	await ports.db.asClient(clientId, async (tx) => {
		if (delivery.delivered) await markNoticeSent(tx, handoverId, delivery.providerMessageId);
		else await postponeNotice(tx, handoverId, attempt);
		await addHandoverEvent(tx, clientId, handoverId, 'notice', 'bot', {
			delivered: delivery.delivered,
			noticeMessageId: delivery.providerMessageId,
		});
	});
	return delivery.delivered;
}

async function loadDue(
	ports: HandoverPorts,
	due: { readonly clientId: string; readonly handoverId: string },
): Promise<{ handover: HandoverRow; item: TurnItem; phone: string | null } | null> {
	return await ports.db.asClient(due.clientId, async (tx) => {
		const handover = await loadHandover(tx, due.handoverId);
		if (handover === null || handover.status === 'resolved') return null;
		const item = await loadHandoverItem(tx, due.clientId, handover);
		if (item === null) return null;
		const phone = handover.conversation_id === null ? null : await customerPhone(ports, tx, due.clientId, item.user.id);
		return { handover, item, phone };
	});
}

function fullNotice(handover: HandoverRow, text: string, event: Readonly<Record<string, unknown>>): NoticeContent {
	const labels = buttonLabels();
	return {
		text,
		inReplyTo: null,
		buttons: [
			{ label: labels.take, action: 'take', handoverId: handover.id },
			{ label: labels.resolve, action: 'resolve', handoverId: handover.id },
		],
		event: { ...event, handoverId: handover.id, reason: handover.reason },
	};
}
