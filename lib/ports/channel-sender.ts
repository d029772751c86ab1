/** Sends text to a user on one channel. One adapter per provider: `lib/adapters/chatflow-sender.ts`, ... */
export interface OutgoingText {
	/** The channel's own address of the user (for ChatFlow a jid); decrypted only for this call. */
	readonly address: string;
	readonly text: string;
	/** Same key for every attempt at the same reply. */
	readonly idempotencyKey: string;
	readonly timeoutMs: number;
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
	/** We do not know whether it was sent. */
	| { readonly kind: 'unreachable'; readonly code: 'timeout' | 'connection' };

export interface ChannelSender {
	/** Never throws. */
	sendText(message: OutgoingText): Promise<SendResult>;
}
