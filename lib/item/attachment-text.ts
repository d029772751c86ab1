import type { Attachment, TurnItem } from './turn-item';
import { addNotes } from './turn-item-updates';

/** What the attachments of a message say in words, and what could not be read. */
export interface AttachmentText {
	readonly text: string;
	readonly notes: readonly string[];
}

/**
 * Joins a message's text with the captions of its attachments, each caption once.
 *
 * Speech is not transcribed and pictures are not read here: a voice message without words leaves the text empty,
 * with a note, and the reply says that it could not be listened to.
 */
export function describeAttachments(text: string, attachments: readonly Attachment[]): AttachmentText {
	const lines = [text.trim()];
	const notes: string[] = [];
	for (const attachment of attachments) {
		const caption = attachment.caption?.trim() ?? '';
		if (caption !== '' && !lines.some((line) => line.includes(caption))) lines.push(caption);
		if (caption === '') notes.push(`${attachment.kind} not read: no caption`);
	}
	return { text: lines.filter((line) => line !== '').join('\n'), notes: [...new Set(notes)] };
}

/** The item with its attachments turned into text; the same item when there are none. */
export function readAttachments(item: TurnItem): TurnItem {
	if (item.attachments.length === 0) return item;
	const { text, notes } = describeAttachments(item.text, item.attachments);
	return addNotes({ ...item, text }, notes);
}
