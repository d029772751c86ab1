import { asObject, firstText } from '../channels/json-value';
import type { ChannelCapabilities, ChannelSender, OutgoingText, SendResult } from '../ports/channel-sender';
import type { Http } from '../ports/http';

/** Where a client's ChatFlow instance is and what opens it. The token travels in the query: never log the address. */
export interface ChatflowAccount {
	readonly baseUrl: string;
	readonly instanceId: string;
	readonly token: string;
}

/**
 * Sends through the WhatsApp gateway ChatFlow: `GET {baseUrl}/api/v1/send-text`.
 * Success is JSON `true` or `{"success": true}`; anything else is a refusal. 429 and 5xx may be repeated, other 4xx and
 * a refusal with 200 may not. Source: shared facts about ChatFlow (November 2026).
 */
export class ChatflowSender implements ChannelSender {
	/** A bridge to WhatsApp Web: no window and no templates. */
	readonly capabilities: ChannelCapabilities = { replyWindowMs: null, supportsTemplates: false };

	constructor(
		private readonly http: Http,
		private readonly account: ChatflowAccount,
	) {}

	async sendText(message: OutgoingText): Promise<SendResult> {
		const query = new URLSearchParams({
			token: this.account.token,
			instance_id: this.account.instanceId,
			jid: message.address,
			msg: message.text,
			msg_id: message.idempotencyKey,
		});
		const url = `${this.account.baseUrl.replace(/\/+$/, '')}/api/v1/send-text?${query.toString()}`;
		const sent = await this.http.send({ method: 'GET', url, timeoutMs: message.timeoutMs });
		if (!sent.ok) return { kind: 'unreachable', code: sent.failure.kind };
		const { status, headers, bodyText } = sent.response;
		const body = parse(bodyText);
		if (status >= 200 && status < 300) {
			const object = asObject(body);
			if (body === true || object?.success === true) {
				return { kind: 'sent', providerMessageId: firstText(object?.messageId, object?.message_id, object?.id) };
			}
			return { kind: 'refused', code: 'not_successful', retryable: false, retryAfterMs: null };
		}
		const retryAfterSeconds = Number(headers['retry-after']);
		return {
			kind: 'refused',
			code: `http_${status}`,
			retryable: status === 429 || status >= 500,
			retryAfterMs: Number.isFinite(retryAfterSeconds) && retryAfterSeconds > 0 ? retryAfterSeconds * 1000 : null,
		};
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
