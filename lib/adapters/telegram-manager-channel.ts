import { asObject, firstText, type JsonObject } from '../channels/json-value';
import { callbackData } from '../channels/telegram-manager-events';
import type { Http } from '../ports/http';
import type { ManagerChannel, ManagerNotice, NoticeResult } from '../ports/manager-channel';

/** Telegram's limit for one message, in UTF-16 units after entities. */
const MAX_TEXT_CHARS = 4_096;

export interface TelegramAccount {
	/** `https://api.telegram.org`, or the address of a local Bot API server. */
	readonly apiBaseUrl: string;
	/** Part of every address: never log one. */
	readonly botToken: string;
	readonly chatId: string;
}

/**
 * The managers' group in Telegram. Texts are sent without parse mode, so customers' words cannot become markup.
 * Source: https://core.telegram.org/bots/api (sendMessage, editMessageText, answerCallbackQuery, setWebhook; checked November 2026).
 */
export class TelegramManagerChannel implements ManagerChannel {
	readonly adapter = 'telegram' as const;

	constructor(
		private readonly http: Http,
		private readonly account: TelegramAccount,
	) {}

	async notify(notice: ManagerNotice): Promise<NoticeResult> {
		const replyTo = Number(notice.inReplyTo);
		return await this.call('sendMessage', notice.timeoutMs, {
			chat_id: this.account.chatId,
			text: cut(notice.text),
			link_preview_options: { is_disabled: true },
			...(notice.inReplyTo !== null && Number.isSafeInteger(replyTo)
				? { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }
				: {}),
			...keyboard(notice),
		});
	}

	async update(providerMessageId: string, notice: ManagerNotice): Promise<NoticeResult> {
		const result = await this.call('editMessageText', notice.timeoutMs, {
			chat_id: this.account.chatId,
			message_id: Number(providerMessageId),
			text: cut(notice.text),
			link_preview_options: { is_disabled: true },
			...keyboard(notice),
		});
		// "message is not modified" is a 400 that means the text already stands there.
		return result.kind === 'refused' && result.code === 'telegram_400' ? { kind: 'sent', providerMessageId } : result;
	}

	async acknowledge(callbackId: string, text: string): Promise<void> {
		await this.call('answerCallbackQuery', 5_000, { callback_query_id: callbackId, text: text.slice(0, 200) });
	}

	/** Tells Telegram where to deliver updates. `secretToken` comes back in X-Telegram-Bot-Api-Secret-Token. */
	async setWebhook(url: string, secretToken: string): Promise<NoticeResult> {
		return await this.call('setWebhook', 15_000, {
			url,
			secret_token: secretToken,
			allowed_updates: ['message', 'callback_query'],
		});
	}

	private async call(
		method: string,
		timeoutMs: number,
		body: Readonly<Record<string, unknown>>,
	): Promise<NoticeResult> {
		const sent = await this.http.send({
			method: 'POST',
			url: `${this.account.apiBaseUrl.replace(/\/+$/, '')}/bot${this.account.botToken}/${method}`,
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
			timeoutMs,
		});
		if (!sent.ok) return { kind: 'unreachable', code: sent.failure.kind };
		const answer = parseObject(sent.response.bodyText);
		if (sent.response.status === 200 && answer?.ok === true) {
			return { kind: 'sent', providerMessageId: firstText(asObject(answer.result)?.message_id) };
		}
		const retryAfterSeconds = Number(asObject(answer?.parameters)?.retry_after);
		const status = sent.response.status;
		return {
			kind: 'refused',
			code: `telegram_${status}`,
			retryable: status === 429 || status >= 500,
			retryAfterMs: retryAfterSeconds > 0 ? retryAfterSeconds * 1000 : null,
		};
	}
}

function keyboard(notice: ManagerNotice): Readonly<Record<string, unknown>> {
	const row = notice.buttons.map((button) => ({
		text: button.label,
		callback_data: callbackData(button.action, button.handoverId),
	}));
	return { reply_markup: { inline_keyboard: row.length > 0 ? [row] : [] } };
}

function cut(text: string): string {
	return text.length <= MAX_TEXT_CHARS ? text : `${text.slice(0, MAX_TEXT_CHARS - 1)}…`;
}

function parseObject(text: string): JsonObject | null {
	try {
		return asObject(JSON.parse(text));
	} catch {
		return null;
	}
}
