/** Sends text to a user on one channel. One adapter per provider: `lib/adapters/chatflow-sender.ts`, ... */
import type { ReplyLanguage } from '../item/turn-item';

export interface OutgoingText {
	/** The channel's own address of the user (for ChatFlow a jid); decrypted only for this call. */
	readonly address: string;
	readonly text: string;
	/** Same key for every attempt at the same reply. */
	readonly idempotencyKey: string;
	readonly timeoutMs: number;
}

/** A text that the channel has approved beforehand; `text` is its one parameter. */
export interface OutgoingTemplate extends OutgoingText {
	readonly template: string;
	readonly language: ReplyLanguage;
}

export type SendResult =
	| { readonly kind: 'sent'; readonly providerMessageId: string | null }
	/** The other side said no. `retryable` tells whether the same request can ever succeed. */
	| {
			readonly kind: 'refused';
			readonly code: string;
			readonly retryable: boolean;
			readonly retryAfterMs: number | null;
	  }
	/** `connection`: it was not sent. Otherwise we do not know whether it was. */
	| { readonly kind: 'unreachable'; readonly code: 'timeout' | 'connection' | 'interrupted' };

/** What a channel can do; shared code asks this and never the channel's name. */
export interface ChannelCapabilities {
	/** Free text is accepted this long after the customer's last message, milliseconds; null: always. */
	readonly replyWindowMs: number | null;
	/** Whether `sendTemplate` is there. */
	readonly supportsTemplates: boolean;
}

export interface ChannelSender {
	readonly capabilities: ChannelCapabilities;
	/** Never throws. */
	sendText(message: OutgoingText): Promise<SendResult>;
	/** Never throws. Absent on channels without templates. */
	sendTemplate?(message: OutgoingTemplate): Promise<SendResult>;
}
