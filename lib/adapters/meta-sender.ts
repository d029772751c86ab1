import { asArray, asObject, firstText, type JsonObject } from '../channels/json-value';
import type {
	ChannelCapabilities,
	ChannelSender,
	OutgoingTemplate,
	OutgoingText,
	SendResult,
} from '../ports/channel-sender';
import type { Http } from '../ports/http';

/** Free text is accepted this long after the customer's last message (customer service window). */
const REPLY_WINDOW_MS = 24 * 60 * 60_000;
/** Meta takes one message per six seconds to one person after a first burst. */
const PAIR_RATE_MS = 6_000;
/**
 * Error codes after which the same request can succeed: throughput (4, 80007, 130429), one person too fast (131056),
 * Meta's own trouble (1, 2, 131000, 131016, 133004). Source: Cloud API error codes (checked November 2026).
 */
const PASSING_CODES = ['1', '2', '4', '80007', '130429', '131000', '131016', '131056', '133004'];

/** Where a business number's Cloud API is, and what opens it; the token travels in a header. */
export interface MetaAccount {
	/** Everything before `/messages`, for example `https://graph.facebook.com/v23.0/106540352242922`. */
	readonly numberUrl: string;
	readonly authHeader: Readonly<Record<string, string>>;
}

/** Meta's own Cloud API. */
export function metaAccount(baseUrl: string, phoneNumberId: string, accessToken: string): MetaAccount {
	return {
		numberUrl: `${baseUrl.replace(/\/+$/, '')}/${encodeURIComponent(phoneNumberId)}`,
		authHeader: { authorization: `Bearer ${accessToken}` },
	};
}

/** 360dialog: the same messages at an address without the number, which the key stands for. */
export function dialog360Account(baseUrl: string, apiKey: string): MetaAccount {
	return { numberUrl: baseUrl.replace(/\/+$/, ''), authHeader: { 'D360-API-KEY': apiKey } };
}

/**
 * Sends through WhatsApp's Cloud API, Meta's own or 360dialog's. A 200 is not yet a delivery: the states come by webhook,
 * and carry our key back (`biz_opaque_callback_data`), so that a message whose answer we missed is found again.
 */
export class MetaSender implements ChannelSender {
	readonly capabilities: ChannelCapabilities = { replyWindowMs: REPLY_WINDOW_MS, supportsTemplates: true };

	constructor(
		private readonly http: Http,
		private readonly account: MetaAccount,
	) {}

	async sendText(message: OutgoingText): Promise<SendResult> {
		return await this.send(message, { type: 'text', text: { body: message.text, preview_url: false } });
	}

	async sendTemplate(message: OutgoingTemplate): Promise<SendResult> {
		// Meta refuses line breaks and runs of spaces in a parameter.
		const parameter = { type: 'text', text: message.text.replace(/\s+/g, ' ').trim() };
		return await this.send(message, {
			type: 'template',
			template: {
				name: message.template,
				language: { code: message.language },
				components: [{ type: 'body', parameters: [parameter] }],
			},
		});
	}

	private async send(message: OutgoingText, content: JsonObject): Promise<SendResult> {
		const sent = await this.http.send({
			method: 'POST',
			url: `${this.account.numberUrl}/messages`,
			headers: { ...this.account.authHeader, 'content-type': 'application/json' },
			body: JSON.stringify({
				messaging_product: 'whatsapp',
				recipient_type: 'individual',
				...recipientOf(message.address),
				...content,
				biz_opaque_callback_data: message.idempotencyKey,
			}),
			timeoutMs: message.timeoutMs,
		});
		if (!sent.ok) return { kind: 'unreachable', code: sent.failure.kind };
		const { status, headers, bodyText } = sent.response;
		const body = asObject(parse(bodyText));
		if (status >= 200 && status < 300) {
			return { kind: 'sent', providerMessageId: firstText(asObject(asArray(body?.messages)[0])?.id) };
		}
		return refusal(status, firstText(asObject(body?.error)?.code), Number(headers['retry-after']));
	}
}

/**
 * The one place that knows how a person is addressed when sending: by phone, or, when Meta gave no phone, by the
 * business-scoped user id (field `recipient`; the documentation of late 2026 is not settled).
 */
function recipientOf(address: string): JsonObject {
	const userId = /^bsuid:(.+)$/.exec(address)?.[1];
	return userId === undefined ? { to: address.replace(/@.*$/, '') } : { recipient: userId };
}

/** Codes decide, titles change. Without a code the HTTP status does. */
function refusal(status: number, code: string | null, retryAfterSeconds: number): SendResult {
	const asked = Number.isFinite(retryAfterSeconds) && retryAfterSeconds > 0 ? retryAfterSeconds * 1000 : null;
	return {
		kind: 'refused',
		code: code === null ? `http_${status}` : `meta_${code}`,
		retryable: code === null ? status === 429 || status >= 500 : PASSING_CODES.includes(code),
		retryAfterMs: asked ?? (code === '131056' ? PAIR_RATE_MS : null),
	};
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
