import { asObject, firstText } from '../channels/json-value';
import type { Http } from '../ports/http';
import type { ManagerChannel, ManagerNotice, NoticeResult } from '../ports/manager-channel';

/** Any system that takes a handover as JSON (a CRM, a chat, another n8n workflow). */
export interface WebhookTarget {
	readonly url: string;
	/** Sent as this header, so that the receiver can authenticate us; null when the address itself is secret. */
	readonly header: { readonly name: string; readonly value: string } | null;
}

/**
 * Posts each notice as `{event, text, buttons, inReplyTo, messageId?}`. A 2xx answer counts as delivered; `id` in its
 * JSON body is kept as the notice's id. 408, 429 and 5xx are repeated.
 */
export class WebhookManagerChannel implements ManagerChannel {
	readonly adapter = 'webhook' as const;

	constructor(
		private readonly http: Http,
		private readonly target: WebhookTarget,
	) {}

	async notify(notice: ManagerNotice): Promise<NoticeResult> {
		return await this.post(notice, null);
	}

	async update(providerMessageId: string, notice: ManagerNotice): Promise<NoticeResult> {
		return await this.post(notice, providerMessageId);
	}

	async acknowledge(): Promise<void> {
		// A webhook has no spinner to close.
	}

	private async post(notice: ManagerNotice, messageId: string | null): Promise<NoticeResult> {
		const { header } = this.target;
		const sent = await this.http.send({
			method: 'POST',
			url: this.target.url,
			headers: {
				'content-type': 'application/json',
				...(header === null ? {} : { [header.name.toLowerCase()]: header.value }),
			},
			body: JSON.stringify({
				event: notice.event,
				text: notice.text,
				buttons: notice.buttons,
				inReplyTo: notice.inReplyTo,
				messageId,
			}),
			timeoutMs: notice.timeoutMs,
		});
		if (!sent.ok) return { kind: 'unreachable', code: sent.failure.kind };
		const { status, bodyText } = sent.response;
		if (status >= 200 && status < 300) return { kind: 'sent', providerMessageId: idOf(bodyText) ?? messageId };
		return {
			kind: 'refused',
			code: `http_${status}`,
			retryable: status === 408 || status === 429 || status >= 500,
			retryAfterMs: null,
		};
	}
}

function idOf(bodyText: string): string | null {
	try {
		return firstText(asObject(JSON.parse(bodyText))?.id);
	} catch {
		return null;
	}
}
