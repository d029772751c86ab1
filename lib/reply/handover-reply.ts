/**
 * What the customer is told after a handover was recorded. Call it only then: the texts say that something was passed on.
 */
import type { HandoverReason, Reply, ReplyLanguage, TurnItem } from '../item/turn-item';
import type { ClientPack } from '../pack/client-pack';
import { isOpenAt } from '../pack/opening-hours';
import { text, type TextKey, type TextOverrides } from '../texts/text-catalogue';
import { greeted, reply } from './compose-reply';
import { serviceNames } from './service-text';

export interface HandoverTextContext {
	/** True when a manager was notified; false when the handover is recorded but the notice is still pending. */
	readonly notified: boolean;
	/** What the customer wants to book, as they said it; null or absent for other reasons. */
	readonly booking?: { readonly services: readonly string[]; readonly dateTimes: readonly string[] } | null;
	/** True when an earlier handover of this conversation is still open: this turn only adds to it. */
	readonly addsToOpen?: boolean;
	/** True when the business is closed at this moment. */
	readonly closedNow?: boolean;
	readonly texts?: TextOverrides;
}

/** The sentence for the customer in their language. */
export function handoverText(language: ReplyLanguage, reason: HandoverReason, context: HandoverTextContext): string {
	const options = { overrides: context.texts };
	const details = bookingDetails(context);
	const closed = context.closedNow === true ? ` ${text(language, 'handover_closed_now', {}, options)}` : '';
	if (!context.notified)
		return (
			text(language, reason === 'booking' ? 'handover_pending_booking' : 'handover_pending', { details }, options) +
			closed
		);
	if (context.addsToOpen === true) return text(language, 'handover_added', {}, options) + closed;
	const missing = reason === 'booking' ? missingKey(context) : null;
	if (missing !== null)
		return (
			text(language, 'handover_booking_ask', { details, missing: text(language, missing, {}, options) }, options) +
			closed
		);
	return text(language, `handover_${reason}`, { details }, options) + closed;
}

function bookingDetails(context: HandoverTextContext): string {
	const said = [...(context.booking?.services ?? []), ...(context.booking?.dateTimes ?? [])];
	return said.length === 0 ? '' : ` (${said.join(', ')})`;
}

function missingKey(context: HandoverTextContext): TextKey | null {
	const hasService = (context.booking?.services.length ?? 0) > 0;
	const hasTime = (context.booking?.dateTimes.length ?? 0) > 0;
	if (hasService) return hasTime ? null : 'handover_missing_time';
	return hasTime ? 'handover_missing_service' : 'handover_missing_both';
}

export interface HandoverReplyContext {
	readonly pack: ClientPack | null;
	readonly now: Date;
	readonly notified: boolean;
	/** What facts could answer of the same message (`answer` of the compose decision). */
	readonly answer?: Reply | null;
	readonly texts?: TextOverrides;
}

/** The whole reply to a handed-over turn: facts that could be answered, then what happens next. */
export function composeHandoverReply(item: TurnItem, reason: HandoverReason, context: HandoverReplyContext): Reply {
	const language = item.classification?.replyLanguage ?? item.client.defaultLanguage;
	const { pack, now, notified, answer, texts } = context;
	const entities = item.classification?.entities;
	const told = handoverText(language, reason, {
		notified,
		booking:
			reason === 'booking'
				? { services: serviceNames(entities?.services ?? [], pack, language), dateTimes: entities?.dateTimes ?? [] }
				: null,
		addsToOpen: item.conversation.openHandoverId !== null,
		closedNow: pack !== null && pack.hours.length > 0 && !isOpenAt(pack, now, item.client.timeZone),
		texts,
	});
	if (answer === undefined || answer === null) return reply(greeted(item, told, { texts }), language, 'handover', []);
	return reply(`${answer.text}\n\n${told}`, language, 'handover', answer.facts);
}
