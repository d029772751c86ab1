/** The phone side: what customers wrote and what reached them. */

export type PhoneStatus =
	/** Posted to the gateway, no answer yet. */
	| 'sending'
	/** The gateway answered 2xx. */
	| 'accepted'
	/** The gateway answered something else; `gatewayStatus` tells what. */
	| 'refused'
	/** The gateway did not answer. */
	| 'unreachable'
	/** A message of the business that arrived on the phone. */
	| 'received';

export interface PhoneMedia {
	readonly type: 'image' | 'audio' | 'video' | 'document';
	readonly mimetype: string;
	readonly fileName: string;
	readonly sizeBytes: number;
	/** Path on the sandbox's ChatFlow host. */
	readonly path: string;
	readonly caption: string | null;
	/** Words of a voice message made on the page; never in the webhook. */
	readonly spoken?: string;
}

export interface PhoneMessage {
	readonly seq: number;
	/** Provider id: 20 hexadecimal characters, as ChatFlow's `messageId`. */
	readonly id: string;
	readonly client: string;
	/** Digits only, without `+`. */
	readonly phone: string;
	/** `owner` = the business wrote from its own phone (echo). */
	readonly author: 'customer' | 'business' | 'owner';
	readonly text: string;
	readonly media: PhoneMedia | null;
	/** ISO 8601, UTC. */
	readonly at: string;
	readonly status: PhoneStatus;
	readonly gatewayStatus: number | null;
	/** `msg_id` of the sending call. */
	readonly msgId: string | null;
}

const MAX_MESSAGES = 3_000;

/** Messages of all phones, oldest first; the oldest leave when there are too many. */
export class PhoneStore {
	private messages: PhoneMessage[] = [];

	constructor(
		private readonly nextSeq: () => number,
		private readonly onChange: (message: PhoneMessage) => void,
	) {}

	add(message: Omit<PhoneMessage, 'seq'>): PhoneMessage {
		const full = { ...message, seq: this.nextSeq() };
		this.messages.push(full);
		if (this.messages.length > MAX_MESSAGES) this.messages.splice(0, this.messages.length - MAX_MESSAGES);
		this.onChange(full);
		return full;
	}

	/** Changes the state of a delivery; a message that has left the memory is ignored. */
	setStatus(id: string, status: PhoneStatus, gatewayStatus: number | null): void {
		const index = this.messages.findIndex((message) => message.id === id);
		const old = this.messages[index];
		if (old === undefined) return;
		const changed = { ...old, status, gatewayStatus };
		this.messages[index] = changed;
		this.onChange(changed);
	}

	list(filter: { client?: string; phone?: string; author?: string; afterSeq?: number } = {}): PhoneMessage[] {
		return this.messages.filter(
			(message) =>
				(filter.client === undefined || message.client === filter.client) &&
				(filter.phone === undefined || message.phone === filter.phone) &&
				(filter.author === undefined || message.author === filter.author) &&
				(filter.afterSeq === undefined || message.seq > filter.afterSeq),
		);
	}

	hasMsgId(client: string, msgId: string): boolean {
		return this.messages.some((message) => message.client === client && message.msgId === msgId);
	}

	restore(messages: readonly PhoneMessage[]): void {
		// A delivery that was under way when the sandbox stopped has no answer any more.
		this.messages = messages
			.slice(-MAX_MESSAGES)
			.map((message) => (message.status === 'sending' ? { ...message, status: 'unreachable' as const } : message));
	}

	clear(): void {
		this.messages = [];
	}
}
