import type { Attachment } from '../item/turn-item';
import { asArray, asObject, firstText, type JsonObject } from './json-value';

/** Longest message text we keep; WhatsApp's own limit is 65,536 characters. */
const MAX_TEXT_CHARS = 65_536;

/** Field of the message that holds a file, and what the file is to us. */
const MEDIA_KINDS: Readonly<Record<string, Attachment['kind']>> = {
	image: 'image',
	sticker: 'image',
	audio: 'audio',
	voice: 'audio',
	video: 'video',
	document: 'document',
};

/** Types that are no words of a customer, and the reason they are ignored with. */
const IGNORED_TYPES: Readonly<Record<string, string>> = {
	reaction: 'reaction',
	system: 'system_message',
	request_welcome: 'opened_chat',
	edit: 'edited_message',
	revoke: 'deleted_message',
};

/** What a message of the Cloud API says, or why nobody has to answer it. */
export type MetaContent =
	| { readonly kind: 'said'; readonly text: string; readonly attachments: readonly Attachment[] }
	| { readonly kind: 'ignored'; readonly reason: string };

/**
 * Reads text, pressed button, chosen list row, file, place or contact of one message.
 *
 * A type we do not know, and Meta's own `unsupported` (which also stands for the first message after an ad), is still a
 * person who wrote: it becomes a message with an attachment of kind `other`, so that somebody answers.
 * Source: Cloud API, "messages" webhook reference (developers.facebook.com, checked November 2026).
 */
export function readMetaContent(message: JsonObject): MetaContent {
	const type = firstText(message.type)?.toLowerCase() ?? '';
	const ignored = Object.hasOwn(IGNORED_TYPES, type) ? IGNORED_TYPES[type] : undefined;
	if (ignored !== undefined) return { kind: 'ignored', reason: ignored };

	const text = (readText(message) ?? '').slice(0, MAX_TEXT_CHARS);
	const attachments = [...readMedia(message), ...readPlace(message), ...readContacts(message)];
	if (text.trim() !== '' || attachments.length > 0) return { kind: 'said', text, attachments };
	if (type === 'text' || type === '') return { kind: 'ignored', reason: 'empty_message' };
	return { kind: 'said', text: '', attachments: [attachmentOf('other', {})] };
}

/** What was typed, or the words on the button or list row that was chosen. A form's answers are not read. */
function readText(message: JsonObject): string | null {
	const interactive = asObject(message.interactive);
	return firstText(
		asObject(message.text)?.body,
		asObject(message.button)?.text,
		asObject(interactive?.button_reply)?.title,
		asObject(interactive?.list_reply)?.title,
		asObject(interactive?.nfm_reply)?.body,
		asObject(message.order)?.text,
	);
}

function readMedia(message: JsonObject): Attachment[] {
	return Object.entries(MEDIA_KINDS).flatMap(([field, kind]) => {
		const media = asObject(message[field]);
		if (media === null) return [];
		const mediaId = firstText(media.id);
		return attachmentOf(kind, {
			mimeType: firstText(media.mime_type),
			fileName: firstText(media.filename),
			// The file itself is asked for by its id, within 7 days; addresses in the body live five minutes.
			url: mediaId === null ? null : `meta-media:${mediaId}`,
			caption: firstText(media.caption),
		});
	});
}

function readPlace(message: JsonObject): Attachment[] {
	const place = asObject(message.location);
	if (place === null) return [];
	const [latitude, longitude] = [firstText(place.latitude), firstText(place.longitude)];
	const names = [firstText(place.name), firstText(place.address)].filter((name) => name !== null);
	return [
		attachmentOf('location', {
			url: latitude === null || longitude === null ? null : `geo:${latitude},${longitude}`,
			caption: names.length === 0 ? null : names.join(', '),
		}),
	];
}

/** Names only: the numbers are those of other people. */
function readContacts(message: JsonObject): Attachment[] {
	return asArray(message.contacts).flatMap((contact) => {
		const name = asObject(asObject(contact)?.name);
		return attachmentOf('contact', { caption: firstText(name?.formatted_name, name?.first_name) });
	});
}

function attachmentOf(kind: Attachment['kind'], known: Partial<Attachment>): Attachment {
	return { kind, mimeType: null, fileName: null, sizeBytes: null, url: null, caption: null, ...known };
}
