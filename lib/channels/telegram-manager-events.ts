import type { InboundEvent, ParsedBody } from './inbound-event';
import { asInstant, asObject, firstText, type JsonObject } from './json-value';

/** `take:<uuid>` or `resolve:<uuid>`, as `lib/adapters/telegram-manager-channel.ts` writes it; at most 64 bytes. */
const CALLBACK_DATA = /^(take|resolve):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** The callback data of a notice's button. */
export function callbackData(action: 'take' | 'resolve', handoverId: string): string {
	return `${action}:${handoverId}`;
}

/**
 * Reads a Telegram update from the managers' group: pressed buttons and replies to our notices.
 *
 * What managers write to each other (no reply to a message) is ignored: it must never reach a customer.
 * Source: Telegram Bot API, Update object (https://core.telegram.org/bots/api#update, checked November 2026).
 */
export function parseTelegramManagerUpdate(body: unknown): ParsedBody {
	const update = asObject(body);
	const updateId = firstText(update?.update_id);
	if (update === null || updateId === null) return { ok: false, problem: 'no update_id' };
	const callback = asObject(update.callback_query);
	if (callback !== null) return readCallback(callback, updateId);
	const message = asObject(update.message);
	if (message !== null) return readMessage(message, updateId);
	return { ok: true, events: [], ignored: ['other_update'] };
}

function readCallback(callback: JsonObject, updateId: string): ParsedBody {
	const message = asObject(callback.message);
	const chatId = firstText(asObject(message?.chat)?.id);
	const data = CALLBACK_DATA.exec(firstText(callback.data) ?? '');
	const callbackId = firstText(callback.id);
	if (chatId === null || data === null || callbackId === null)
		return { ok: true, events: [], ignored: ['foreign_button'] };
	const event: InboundEvent = {
		kind: 'manager_action',
		providerEventId: `update:${updateId}`,
		providerAt: null,
		chatId,
		callbackId,
		action: data[1] as 'take' | 'resolve',
		handoverId: data[2] as string,
		noticeMessageId: firstText(message?.message_id),
		managerName: personName(asObject(callback.from)),
	};
	return { ok: true, events: [event], ignored: [] };
}

function readMessage(message: JsonObject, updateId: string): ParsedBody {
	const chatId = firstText(asObject(message.chat)?.id);
	const inReplyTo = firstText(asObject(message.reply_to_message)?.message_id);
	const text = firstText(message.text, message.caption);
	if (asObject(message.from)?.is_bot === true) return { ok: true, events: [], ignored: ['bot_message'] };
	if (chatId === null || inReplyTo === null || text === null) return { ok: true, events: [], ignored: ['not_a_reply'] };
	return {
		ok: true,
		events: [
			{
				kind: 'manager_message',
				providerEventId: `update:${updateId}`,
				providerAt: asInstant(message.date),
				chatId,
				inReplyTo,
				text,
				managerName: personName(asObject(message.from)),
			},
		],
		ignored: [],
	};
}

function personName(from: JsonObject | null): string {
	const parts = [firstText(from?.first_name), firstText(from?.last_name)].filter((part) => part !== null);
	return parts.join(' ') || firstText(from?.username) || 'manager';
}
