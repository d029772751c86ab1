/** Texts for the managers' group: plain text, Russian unless asked otherwise. */
import type { HandoverReason, HistoryEntry, ReplyLanguage, TurnItem } from '../item/turn-item';
import type { ClientPack } from '../pack/client-pack';
import { text } from '../texts/text-catalogue';
import { formatTiyn } from './money-text';
import { serviceNames } from './service-text';

/** Telegram allows 4096 characters; the rest is left for a channel's own marks. */
export const MAX_NOTICE_CHARS = 3500;
const MAX_WORDS_CHARS = 1500;
const MAX_HISTORY_ENTRIES = 6;
const MAX_ENTRY_CHARS = 200;

export interface NoticeContext {
	readonly reason: HandoverReason;
	/** Already formatted for people, or null when the adapter must not show it. */
	readonly phone: string | null;
	readonly pack: ClientPack | null;
	/** Language of the managers; Russian when absent. */
	readonly language?: ReplyLanguage;
	/** Summary written by a model; absent: made from what was recognised. */
	readonly summary?: string;
	/** True when the notice is sent again because nobody took the chat. */
	readonly isReminder?: boolean;
}

/** The notice of a handover: who, why, in short, the customer's words, the chat before, and what to press. */
export function managerNotice(item: TurnItem, context: NoticeContext): string {
	const language = context.language ?? 'ru';
	const reason = text(language, `reason_${context.reason}`);
	const title = text(language, 'notice_title', { client: placeName(item), reason });
	const summary = context.summary ?? handoverSummary(item, context.pack, language);
	const blocks = [
		context.isReminder === true ? `${text(language, 'notice_reminder', { reason })}\n${title}` : title,
		[
			text(language, 'notice_customer', { name: customerName(item, language) }),
			...(context.phone === null ? [] : [text(language, 'notice_phone', { phone: context.phone })]),
			...(item.classification === null
				? []
				: [
						text(language, 'notice_language', {
							language: text(language, `language_${item.classification.replyLanguage}`),
						}),
					]),
			...(summary === '' ? [] : [text(language, 'notice_summary', { summary })]),
		].join('\n'),
		text(language, 'notice_words', { text: customerWords(item, language) }),
		...(item.history.length === 0
			? []
			: [text(language, 'notice_history', { history: historyLines(item.history, language) })]),
		text(language, 'notice_how_to'),
	];
	return shorten(blocks.join('\n\n'), MAX_NOTICE_CHARS);
}

/** One line of what was recognised: reason is not repeated; empty when nothing was recognised. */
export function handoverSummary(
	item: TurnItem,
	pack: ClientPack | null = null,
	language: ReplyLanguage = 'ru',
): string {
	const entities = item.classification?.entities;
	if (entities === undefined) return '';
	const services = serviceNames(entities.services, pack, language);
	return [
		...(services.length === 0 ? [] : [text(language, 'summary_services', { services: services.join(', ') })]),
		...(entities.dateTimes.length === 0
			? []
			: [text(language, 'summary_times', { times: entities.dateTimes.join(', ') })]),
		...(entities.name === null ? [] : [text(language, 'summary_name', { name: entities.name })]),
		...(entities.amountsTiyn.length === 0
			? []
			: [text(language, 'summary_amounts', { amounts: entities.amountsTiyn.map(formatTiyn).join(', ') })]),
		...(entities.hasPhone ? [text(language, 'summary_phone')] : []),
	].join('; ');
}

/** A further message of a customer whose chat a manager has, or that waits for one. */
export function customerWroteNotice(item: TurnItem, language: ReplyLanguage = 'ru'): string {
	return shorten(
		text(language, 'notice_more', { name: customerName(item, language), text: customerWords(item, language) }),
		MAX_NOTICE_CHARS,
	);
}

/** Line that replaces the buttons once someone took the chat. */
export function takenNotice(manager: string, language: ReplyLanguage = 'ru'): string {
	return text(language, 'notice_taken', { manager });
}

/** Line that replaces the buttons once the chat is closed. */
export function resolvedNotice(manager: string, language: ReplyLanguage = 'ru'): string {
	return text(language, 'notice_resolved', { manager });
}

/**
 * A stored notice as it reads once somebody has taken or closed the chat: with the phone, which is not stored, under the
 * customer's name, without the hint what to press, and with the line that says who has it.
 */
export function settledNotice(
	stored: string,
	context: { readonly phone: string | null; readonly line: string; readonly language?: ReplyLanguage },
): string {
	const language = context.language ?? 'ru';
	const customerPrefix = text(language, 'notice_customer', { name: '' }).trim();
	const lines = stored.replace(`\n\n${text(language, 'notice_how_to')}`, '').split('\n');
	const at = lines.findIndex((line) => line.startsWith(customerPrefix));
	if (context.phone !== null) lines.splice(at + 1, 0, text(language, 'notice_phone', { phone: context.phone }));
	return shorten(`${lines.join('\n')}\n\n${context.line}`, MAX_NOTICE_CHARS);
}

/** Labels of the two buttons. */
export function buttonLabels(language: ReplyLanguage = 'ru'): { readonly take: string; readonly resolve: string } {
	return { take: text(language, 'button_take'), resolve: text(language, 'button_resolve') };
}

function placeName(item: TurnItem): string {
	return item.branch === null ? item.client.name : `${item.client.name}, ${item.branch.name}`;
}

function customerName(item: TurnItem, language: ReplyLanguage): string {
	return item.user.displayName ?? item.classification?.entities.name ?? text(language, 'notice_no_name');
}

function customerWords(item: TurnItem, language: ReplyLanguage): string {
	const attachments = item.attachments.map((attachment) =>
		text(language, 'notice_attachment', { kind: text(language, `attachment_${attachment.kind}`) }),
	);
	const words = item.text.trim();
	const lines = [...(words === '' ? [] : [shorten(words, MAX_WORDS_CHARS)]), ...attachments];
	return lines.length === 0 ? text(language, 'notice_no_text') : lines.join('\n');
}

function historyLines(history: readonly HistoryEntry[], language: ReplyLanguage): string {
	return history
		.slice(-MAX_HISTORY_ENTRIES)
		.map(
			(entry) =>
				`${text(language, `author_${entry.author}`)}: ${shorten(entry.text.replace(/\s+/gu, ' '), MAX_ENTRY_CHARS)}`,
		)
		.join('\n');
}

/** Cuts by code points, so that an emoji is never torn. */
function shorten(value: string, maxChars: number): string {
	const letters = [...value];
	return letters.length <= maxChars ? value : `${letters.slice(0, maxChars - 1).join('')}…`;
}
