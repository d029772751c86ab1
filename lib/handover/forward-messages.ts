/** What a customer writes while a person has the chat: the assistant is silent, the managers see it under the notice. */
import type { Attachment, TurnItem } from '../item/turn-item';
import type { DbSession } from '../ports/db';
import { customerWroteNotice } from '../reply/manager-notice';
import type { HandoverPorts } from './handover-ports';
import { addHandoverEvent, type HandoverRow, loadOpenHandover, markNoticeSent, postponeNotice } from './handover-store';
import { type NoticeContent, notifyManagers } from './notify-managers';

/** Forwards the messages of a turn that was held from the start. */
export async function forwardHeldTurn(ports: HandoverPorts, item: TurnItem): Promise<void> {
	const clientId = item.client.id;
	const handover = await ports.db.asClient(clientId, async (tx) => await loadOpenHandover(tx, item.conversation.id));
	// Without a handover the person writes from the business's own phone and sees the message there.
	if (handover === null) return;
	const { settings } = await ports.packs(clientId, item.client.configVersion);
	const content = followUp(handover, item, 'handover.customer_wrote');
	const delivery = await notifyManagers(ports, clientId, settings.handover, content);
	await ports.db.asClient(clientId, async (tx) => {
		await addHandoverEvent(tx, clientId, handover.id, 'customer_wrote', 'user', {
			delivered: delivery.delivered,
			noticeMessageId: delivery.providerMessageId,
			turnId: item.turn.id,
		});
		if (!delivery.delivered) await postponeNotice(tx, handover.id, 1);
	});
}

/**
 * Notes that a person has taken over while the assistant was at work on this turn: they have not seen its messages, which
 * the inbox trigger now forwards. Without an open handover the person writes from the business's own phone.
 */
export async function forwardLater(
	tx: DbSession,
	clientId: string,
	conversationId: string,
	turnId: string,
): Promise<void> {
	const handover = await loadOpenHandover(tx, conversationId);
	if (handover === null) return;
	await addHandoverEvent(tx, clientId, handover.id, 'customer_wrote', 'user', { delivered: false, turnId });
	await tx.query(`update handovers set notice_status = 'pending', next_notice_at = now() where id = $1`, [handover.id]);
	await tx.query(`select pg_notify('truffles_inbox', '')`);
}

/** Forwards what the managers have not seen of a handover that somebody has taken. */
export async function forwardPending(
	ports: HandoverPorts,
	due: { readonly clientId: string; readonly attempt: number },
	handover: HandoverRow,
	item: TurnItem,
): Promise<boolean> {
	const { clientId } = due;
	const pending = await ports.db.asClient(clientId, async (tx) => await loadPending(tx, handover.id));
	const { settings } = await ports.packs(clientId, item.client.configVersion);
	const delivery =
		pending.eventIds.length === 0
			? { delivered: true, providerMessageId: null }
			: await notifyManagers(
					ports,
					clientId,
					settings.handover,
					followUp(
						handover,
						{ ...item, text: pending.text, attachments: pending.attachments },
						'handover.customer_wrote',
					),
				);
	await ports.db.asClient(clientId, async (tx) => {
		if (!delivery.delivered) return await postponeNotice(tx, handover.id, due.attempt);
		await markNoticeSent(tx, handover.id, null);
		await tx.query(
			`update handover_events set detail = detail || jsonb_build_object('delivered', true, 'noticeMessageId', $2::text) where id = any ($1::uuid[])`,
			[pending.eventIds, delivery.providerMessageId],
		);
	});
	return delivery.delivered;
}

interface PendingMessages {
	readonly eventIds: readonly string[];
	readonly text: string;
	readonly attachments: readonly Attachment[];
}

async function loadPending(tx: DbSession, handoverId: string): Promise<PendingMessages> {
	const events = await tx.query<{ id: string; turn_id: string }>(
		`select id, detail ->> 'turnId' as turn_id from handover_events
		  where handover_id = $1 and kind = 'customer_wrote' and detail ->> 'delivered' = 'false' order by created_at`,
		[handoverId],
	);
	const messages = await tx.query<{ text: string; attachments: readonly Attachment[] }>(
		`select text, attachments from messages where turn_id = any ($1::uuid[]) and author = 'user' order by seq`,
		[events.rows.map((event) => event.turn_id)],
	);
	return {
		eventIds: events.rows.map((event) => event.id),
		text: messages.rows.map((message) => message.text).join('\n'),
		attachments: messages.rows.flatMap((message) => message.attachments),
	};
}

/** The notice of further messages, under the notice of the handover. */
export function followUp(handover: HandoverRow, item: TurnItem, type: string): NoticeContent {
	return {
		text: customerWroteNotice(item),
		inReplyTo: handover.notice_message_id,
		buttons: [],
		event: {
			type,
			handoverId: handover.id,
			conversationId: item.conversation.id,
			turnId: item.turn.id,
			text: item.text,
		},
	};
}
