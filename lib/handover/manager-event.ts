import { recordOutcome, type TurnFence } from '../conversation/record-outcome';
import type { TurnItem } from '../item/turn-item';
import { queueMessage } from '../outbox/outbox-store';
import type { DbSession } from '../ports/db';
import { buttonLabels, managerNotice, resolvedNotice, settledNotice, takenNotice } from '../reply/manager-notice';
import { text } from '../texts/text-catalogue';
import type { HandoverPorts } from './handover-ports';
import {
	addHandoverEvent,
	findHandoverByNotice,
	type HandoverRow,
	loadHandover,
	loadOpenHandover,
	resolveHandover,
	takeHandover,
} from './handover-store';
import { loadHandoverItem } from './handover-turn';
import { customerPhone, notifyManagers } from './notify-managers';
import { adoptWhenReadable } from './stranded-handover';

/** A manager's event as the inbox trigger claimed it. */
export interface ManagerWork extends TurnFence {
	readonly clientId: string;
	readonly channel: string;
}

/** What was done, for the execution's reader. */
export type ManagerEventResult =
	'taken' | 'already_taken' | 'resolved' | 'already_resolved' | 'relayed' | 'unknown_handover' | 'lost';

interface StoredEvent {
	readonly kind: string;
	readonly event: {
		readonly action?: 'take' | 'resolve';
		readonly handoverId?: string;
		readonly callbackId?: string;
		readonly inReplyTo?: string;
		readonly text?: string;
		readonly managerName: string;
	};
}

/**
 * Carries out what a manager did in the group: a pressed button, or a reply that goes to the customer.
 *
 * State changes and the event's outcome are one transaction; telling Telegram comes after it, so a Telegram that is
 * down costs the manager a spinner and never the customer an answer.
 */
export async function handleManagerEvent(ports: HandoverPorts, work: ManagerWork): Promise<ManagerEventResult> {
	await adoptTarget(ports, work);
	const done = await ports.db
		.asClient(work.clientId, async (tx) => {
			const { rows } = await tx.query<StoredEvent>(
				'update inbound_events set processed_at = coalesce(processed_at, now()) where turn_id = $1 returning kind, event',
				[work.turnId],
			);
			const stored = rows[0];
			const handover = stored === undefined ? null : await findHandover(tx, stored);
			const result =
				stored === undefined || handover === null ? 'unknown_handover' : await apply(tx, work, stored, handover);
			const ours = await recordOutcome(tx, work, { kind: 'handled', reason: result });
			if (!ours) throw new LostTurn();
			const item = handover === null ? null : await loadHandoverItem(tx, work.clientId, handover);
			const hasUser = item !== null && item.user.id !== '';
			const phone = hasUser ? await customerPhone(ports, tx, work.clientId, item.user.id) : null;
			return { stored, handover, result, item, phone };
		})
		.catch((error: unknown) => {
			if (error instanceof LostTurn) return null;
			throw error;
		});
	if (done === null) return 'lost';
	await tellManagers(ports, work, done);
	return done.result;
}

/** Rolls the transaction back when another process has claimed the event meanwhile; never leaves this file. */
class LostTurn extends Error {}

/** A manager who reacts to a stranded handover needs its conversation now. */
async function adoptTarget(ports: HandoverPorts, work: ManagerWork): Promise<void> {
	const handover = await ports.db.asClient(work.clientId, async (tx) => {
		const { rows } = await tx.query<StoredEvent>('select kind, event from inbound_events where turn_id = $1', [
			work.turnId,
		]);
		return rows[0] === undefined ? null : await findHandover(tx, rows[0]);
	});
	if (handover?.conversation_id === null) await adoptWhenReadable(ports, work.clientId, handover.id);
}

async function findHandover(tx: DbSession, stored: StoredEvent): Promise<HandoverRow | null> {
	const { event } = stored;
	if (stored.kind === 'manager_action' && event.handoverId !== undefined)
		return await loadHandover(tx, event.handoverId);
	if (stored.kind === 'manager_message' && event.inReplyTo !== undefined)
		return await findHandoverByNotice(tx, event.inReplyTo);
	return null;
}

async function apply(
	tx: DbSession,
	work: ManagerWork,
	stored: StoredEvent,
	handover: HandoverRow,
): Promise<ManagerEventResult> {
	const { event } = stored;
	if (stored.kind === 'manager_message') return await relay(tx, work, event.text ?? '', event.managerName, handover);
	if (handover.status === 'resolved') return 'already_resolved';
	if (event.action === 'resolve') {
		await resolveHandover(tx, work.clientId, handover, event.managerName);
		return 'resolved';
	}
	if (handover.status === 'active') return 'already_taken';
	await takeHandover(tx, work.clientId, handover, event.managerName);
	return 'taken';
}

/** A manager's words to the customer. Writing is taking over: the assistant is silent from here on. */
async function relay(
	tx: DbSession,
	work: ManagerWork,
	words: string,
	managerName: string,
	handover: HandoverRow,
): Promise<ManagerEventResult> {
	const conversationId = handover.conversation_id;
	if (conversationId === null) return 'unknown_handover';
	// A reply under an old notice opens the conversation for this manager again, or joins the handover that is open now.
	const open = handover.status === 'resolved' ? ((await loadOpenHandover(tx, conversationId)) ?? handover) : handover;
	if (open.status !== 'active') await takeHandover(tx, work.clientId, open, managerName);
	const { rows } = await tx.query<{ channel: string }>(
		'select channel from conversations where client_id = $1 and id = $2',
		[work.clientId, conversationId],
	);
	await queueMessage(tx, {
		clientId: work.clientId,
		conversationId,
		turnId: null,
		channel: rows[0]?.channel ?? 'whatsapp',
		author: 'manager',
		text: words,
		language: null,
		sendNow: false,
	});
	await addHandoverEvent(tx, work.clientId, open.id, 'manager_wrote', managerName, {});
	return 'relayed';
}

async function tellManagers(
	ports: HandoverPorts,
	work: ManagerWork,
	done: {
		stored: StoredEvent | undefined;
		handover: HandoverRow | null;
		result: ManagerEventResult;
		item: TurnItem | null;
		phone: string | null;
	},
): Promise<void> {
	const { stored, handover, result, item, phone } = done;
	if (stored === undefined || handover === null || item === null) return;
	const { settings, client: pack } = await ports.packs(work.clientId, item.client.configVersion);
	const { managerName, callbackId } = stored.event;
	const changes = result === 'taken' || result === 'resolved' || (result === 'relayed' && handover.status !== 'active');
	if (changes && handover.notice_message_id !== null) {
		const closed = result === 'resolved';
		const line = closed ? resolvedNotice(managerName) : takenNotice(managerName);
		const notice =
			handover.summary === '' ? managerNotice(item, { reason: handover.reason, phone: null, pack }) : handover.summary;
		await notifyManagers(
			ports,
			work.clientId,
			settings.handover,
			{
				text: settledNotice(notice, { phone, line }),
				inReplyTo: null,
				buttons: closed ? [] : [{ label: buttonLabels().resolve, action: 'resolve', handoverId: handover.id }],
				event: { type: `handover.${closed ? 'resolved' : 'taken'}`, handoverId: handover.id, manager: managerName },
			},
			{ messageId: handover.notice_message_id },
		);
	}
	if (callbackId === undefined || settings.handover === undefined) return;
	const channel = await ports.managerChannelFor(work.clientId, 'telegram');
	await channel?.acknowledge(callbackId, callbackAnswer(result, handover.taken_by ?? managerName));
}

function callbackAnswer(result: ManagerEventResult, takenBy: string): string {
	switch (result) {
		case 'taken':
			return text('ru', 'callback_taken');
		case 'already_taken':
			return text('ru', 'callback_taken_by', { manager: takenBy });
		case 'resolved':
			return text('ru', 'callback_resolved');
		default:
			return text('ru', 'callback_already_resolved');
	}
}
