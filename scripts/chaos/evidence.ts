/** What independent witnesses saw of a run. The verdict is made of this alone. Times are milliseconds since 1970. */
import type { Question } from './questions';

/** One message as the sending side knows it. */
export interface WrittenMessage {
	readonly id: string;
	/** Slug of the client it was written to. */
	readonly client: string;
	/** Digits only. */
	readonly phone: string;
	readonly author: 'customer' | 'owner';
	readonly question: Question;
	/** First delivery begun. */
	readonly postedAt: number;
	/** First 200; null when there never was one. */
	readonly acceptedAt: number | null;
	readonly deliveries: number;
}

/** A message that arrived on a customer's phone. */
export interface PhoneMessage {
	/** Grows with everything that happens in the sandbox. */
	readonly seq: number;
	readonly client: string;
	readonly phone: string;
	readonly text: string;
	/** The key that the sending side gave; null when none. */
	readonly key: string | null;
	readonly at: number;
}

/** A message of the managers' group, as it was when it was last seen. */
export interface GroupMessage {
	readonly client: string;
	readonly text: string;
}

/** While a person certainly had a conversation. */
export interface Takeover {
	readonly client: string;
	readonly phone: string;
	readonly by: 'owner' | 'manager';
	readonly from: number;
	/** Infinity: until the end of the run. */
	readonly until: number;
}

/** A row of `inbound_events` with the turn it belongs to. */
export interface EventRow {
	readonly id: string;
	readonly client: string;
	readonly receivedAt: number;
	readonly turnId: string | null;
}

/** A row of `turns`. */
export interface TurnRow {
	readonly id: string;
	readonly client: string;
	readonly kind: 'user' | 'manager';
	readonly outcome: string | null;
	readonly reason: string | null;
	readonly conversationId: string | null;
	readonly replyMessageId: string | null;
}

/** A row of `outbox`. */
export interface OutboxRow {
	readonly key: string;
	readonly client: string;
	readonly messageId: string;
	readonly conversationId: string;
	readonly turnId: string | null;
	readonly author: 'bot' | 'manager' | 'system';
	readonly status: string;
	readonly writtenAt: number;
}

/** What is known of a business beside its messages. */
export interface ClientFacts {
	readonly slug: string;
	/** Service key to price in tenge. */
	readonly prices: ReadonlyMap<string, number>;
	/** Every amount of its own price list. */
	readonly amounts: ReadonlySet<number>;
	/** Words that only this client's knowledge has. */
	readonly marks: readonly string[];
	readonly afterCrash: 'prefer-once' | 'prefer-delivery';
}

export interface Evidence {
	readonly clients: readonly ClientFacts[];
	readonly written: readonly WrittenMessage[];
	readonly phone: readonly PhoneMessage[];
	readonly group: readonly GroupMessage[];
	readonly takeovers: readonly Takeover[];
	/** Chats (`client phone`) in which a person may have been at any time. */
	readonly peopleSeen: ReadonlySet<string>;
	readonly events: readonly EventRow[];
	readonly turns: readonly TurnRow[];
	readonly outbox: readonly OutboxRow[];
	/** Conversations that have or had a handover. */
	readonly handedOver: ReadonlySet<string>;
	/** Rows whose client differs from their parent's, one line per foreign key that has any. */
	readonly crossedRows: ReadonlyArray<{ readonly where: string; readonly rows: number }>;
}
