import type { InboundEvent, ParsedBody } from './inbound-event';
import { asArray, asInstant, asObject, firstText, type JsonObject } from './json-value';
import { readMetaContent } from './meta-message';
import { readMetaStatus } from './meta-status';

/**
 * Fields of `changes` that hold messages of now. Of any other only the fact is kept: `history` and
 * `smb_app_state_sync`, for example, hold months of other conversations and the business's address book.
 */
const MESSAGE_FIELDS = ['messages', 'smb_message_echoes', 'message_echoes'];
const MAX_REASON_CHARS = 40;

/**
 * Reads a body of WhatsApp's Cloud API (Meta, and 360dialog, which passes the same on): every entry, every change, every
 * message, status and echo in it.
 *
 * Nothing makes it fail: what has an unknown shape becomes an `ignored` event with a reason beside the others.
 * Events of another business number are ignored without their content, because one Meta app, and so one signature, can
 * serve several businesses.
 *
 * @param phoneNumberId the business number of this client; null accepts every number
 * Source: Cloud API webhook reference (developers.facebook.com, checked November 2026).
 */
export function parseMetaBody(body: unknown, phoneNumberId: string | null): ParsedBody {
	const entries = asArray(asObject(body)?.entry);
	if (entries.length === 0) return { ok: true, events: [unknownShape('body_unknown', body)], ignored: [] };
	const events = entries.flatMap((entry) => {
		const changes = asArray(asObject(entry)?.changes);
		if (changes.length === 0) return [unknownShape('entry_unknown', entry)];
		return changes.flatMap((change) => readChange(change, phoneNumberId));
	});
	return { ok: true, events, ignored: [] };
}

function readChange(element: unknown, phoneNumberId: string | null): InboundEvent[] {
	const change = asObject(element);
	const value = asObject(change?.value);
	const field = firstText(change?.field) ?? 'messages';
	if (value === null) return [unknownShape('change_unknown', element)];
	if (!MESSAGE_FIELDS.includes(field)) return [unknownShape(`field_${asWord(field)}`, null)];
	const number = firstText(asObject(value.metadata)?.phone_number_id);
	if (phoneNumberId !== null && number !== phoneNumberId) return [unknownShape('other_number', null)];

	const names = readNames(value);
	const events = [
		...asArray(value.messages).map((message) => readMessage(message, names)),
		...asArray(value.message_echoes).map(readEcho),
		...asArray(value.statuses).map(readMetaStatus),
		...asArray(value.errors).map((error) => unknownShape('account_error', error)),
	];
	return events.length > 0 ? events : [unknownShape('change_empty', element)];
}

function readMessage(element: unknown, names: ReadonlyMap<string, string>): InboundEvent {
	const message = asObject(element);
	const id = firstText(message?.id);
	if (message === null || id === null) return unknownShape('message_without_id', element);
	const ignored = (reason: string): InboundEvent => ({
		kind: 'ignored',
		providerEventId: id,
		providerAt: asInstant(message.timestamp),
		reason,
		source: element,
	});
	// Groups are off: an assistant answers people.
	if (firstText(message.group_id) !== null) return ignored('group');
	const address = readAddress(message.from, message.from_user_id);
	if (address === null) return ignored('message_without_sender');
	const content = readMetaContent(message);
	if (content.kind === 'ignored') return ignored(content.reason);
	const nameKey = firstText(message.from, message.from_user_id) ?? '';
	return {
		kind: 'message',
		providerEventId: id,
		providerAt: asInstant(message.timestamp),
		source: element,
		address,
		displayName: names.get(nameKey) ?? names.get(firstText(message.from_user_id) ?? '') ?? null,
		text: content.text,
		attachments: content.attachments,
	};
}

/** The business wrote from its own phone or computer, to `to`. */
function readEcho(element: unknown): InboundEvent {
	const echo = asObject(element);
	const id = firstText(echo?.id);
	const address = readAddress(echo?.to, echo?.to_user_id);
	if (echo === null || id === null || address === null) return unknownShape('echo_unknown', element);
	const content = readMetaContent(echo);
	const base = { providerEventId: id, providerAt: asInstant(echo.timestamp), source: element };
	if (content.kind === 'ignored') return { ...base, kind: 'ignored', reason: `echo_${content.reason}` };
	const captions = content.attachments.map((attachment) => attachment.caption).filter((caption) => caption !== null);
	return { ...base, kind: 'echo', address, text: [content.text, ...captions].filter((text) => text !== '').join('\n') };
}

/**
 * The one place that knows how a person is addressed: the phone as a jid, as the other WhatsApp gateways write it, so
 * that a business that changes its provider keeps its customers; without a phone Meta's business-scoped user id.
 */
function readAddress(phone: unknown, userId: unknown): string | null {
	const digits = /^\+?(\d{6,20})$/.exec(firstText(phone) ?? '')?.[1];
	if (digits !== undefined) return `${digits}@s.whatsapp.net`;
	const id = firstText(userId, phone);
	return id === null ? null : `bsuid:${id}`;
}

/** Names of people by phone and by business-scoped id. */
function readNames(value: JsonObject): ReadonlyMap<string, string> {
	const names = new Map<string, string>();
	for (const element of asArray(value.contacts)) {
		const contact = asObject(element);
		const name = firstText(asObject(contact?.profile)?.name);
		if (name === null) continue;
		for (const key of [firstText(contact?.wa_id), firstText(contact?.user_id)]) if (key !== null) names.set(key, name);
	}
	return names;
}

/** @param source what is kept of it; null: nothing */
function unknownShape(reason: string, source: unknown): InboundEvent {
	return { kind: 'ignored', providerEventId: null, providerAt: null, reason, source };
}

/** A field's name as a part of a reason: only small letters, so that no content can get there. */
function asWord(field: string): string {
	return /^[a-z_]+$/.test(field) ? field.slice(0, MAX_REASON_CHARS) : 'unknown';
}
