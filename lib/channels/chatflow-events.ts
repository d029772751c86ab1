import type { Attachment } from '../item/turn-item';
import type { InboundEvent, ParsedBody } from './inbound-event';
import { asInstant, asObject, firstText, type JsonObject } from './json-value';

/** Longest message text we keep; WhatsApp's own limit is 65,536 characters. */
const MAX_TEXT_CHARS = 65_536;

const KIND_BY_TYPE: Readonly<Record<string, Attachment['kind']>> = {
	image: 'image',
	sticker: 'image',
	audio: 'audio',
	voice: 'audio',
	ptt: 'audio',
	video: 'video',
	document: 'document',
	file: 'document',
	location: 'location',
	contact: 'contact',
};

/**
 * Reads a body of the WhatsApp gateway ChatFlow, with its flat variants (`jid`/`chatId`/`from`, `msg`/`text`/`body`).
 *
 * Groups, broadcasts and status posts are ignored: a salon's assistant answers people, not groups.
 * Delivery receipts become `status` events; messages the business sent from its own phone become `echo`.
 * A body without a sender or an id is not a ChatFlow body: `ok: false`.
 * Source: shared facts about ChatFlow's webhook (November 2026).
 */
export function parseChatflowBody(body: unknown): ParsedBody {
	const root = asObject(body);
	if (root === null) return { ok: false, problem: 'expected a JSON object' };
	const metadata = asObject(root.metadata) ?? {};
	const messageId = firstText(metadata.messageId, root.messageId, root.message_id, root.id, root.msg_id);
	const address = firstText(metadata.remoteJid, root.remoteJid, root.jid, root.chatId, root.from, metadata.sender);
	if (messageId === null) return { ok: false, problem: 'no message id (metadata.messageId)' };
	if (address === null) return { ok: false, problem: 'no sender (metadata.remoteJid)' };
	if (/@(g\.us|broadcast|newsletter)$/.test(address)) {
		return { ok: true, events: [], ignored: ['group_or_broadcast'] };
	}
	const providerAt = asInstant(metadata.timestamp ?? root.timestamp);
	const jid = normalizeJid(address);

	const status = readStatus(root);
	if (status !== null) {
		const event: InboundEvent = {
			kind: 'status',
			providerEventId: `status:${messageId}:${status}`,
			providerAt,
			messageId,
			status,
			errorCode: status === 'failed' ? firstText(root.errorCode, root.error) : null,
			idempotencyKey: null,
		};
		return { ok: true, events: [event], ignored: [] };
	}

	const attachments = readAttachments(root);
	const text = readText(root).slice(0, MAX_TEXT_CHARS);
	if (metadata.fromMe === true || root.fromMe === true) {
		return {
			ok: true,
			events: [{ kind: 'echo', providerEventId: messageId, providerAt, address: jid, text }],
			ignored: [],
		};
	}
	if (text.trim() === '' && attachments.length === 0) return { ok: true, events: [], ignored: ['empty_message'] };
	const displayName = firstText(metadata.pushName, root.pushName, root.senderName, asObject(root.nodeData)?.name);
	return {
		ok: true,
		events: [{ kind: 'message', providerEventId: messageId, providerAt, address: jid, displayName, text, attachments }],
		ignored: [],
	};
}

/** `<digits>@s.whatsapp.net` for anything that holds a number; other ids (for example `…@lid`) stay as they are. */
function normalizeJid(address: string): string {
	const digits = /^\+?(\d{6,20})(?::\d+)?(?:@(?:s\.whatsapp\.net|c\.us))?$/.exec(address.replace(/[\s()-]/g, ''));
	return digits ? `${digits[1]}@s.whatsapp.net` : address;
}

function readText(root: JsonObject): string {
	const nested = asObject(root.message);
	return firstText(root.message, root.msg, root.text, root.body, nested?.text, nested?.conversation) ?? '';
}

function readStatus(root: JsonObject): 'sent' | 'delivered' | 'read' | 'failed' | null {
	const status = firstText(root.status, root.ack)?.toLowerCase() ?? '';
	const type = firstText(root.messageType, root.event, root.type)?.toLowerCase() ?? '';
	if (type !== 'status' && type !== 'ack' && type !== 'message.status') return null;
	return status === 'sent' || status === 'delivered' || status === 'read' || status === 'failed' ? status : null;
}

function readAttachments(root: JsonObject): Attachment[] {
	const media = asObject(root.mediaData);
	if (media === null) return [];
	const mimeType = firstText(media.mimetype, media.mimeType);
	const type = (firstText(media.type, root.messageType) ?? mimeType?.split('/')[0] ?? '').toLowerCase();
	const size = Number(media.size);
	return [
		{
			kind: KIND_BY_TYPE[type] ?? 'other',
			mimeType,
			fileName: firstText(media.fileName, media.filename),
			sizeBytes: Number.isSafeInteger(size) && size >= 0 ? size : null,
			url: firstText(media.url),
			caption: firstText(media.caption),
		},
	];
}
