/** The evidence of a run, joined once: every judge looks at the same conversations. */
import type { Evidence, EventRow, OutboxRow, PhoneMessage, TurnRow, WrittenMessage } from './evidence';

/** One message of a customer with what became of it. */
export interface Fate {
	readonly message: WrittenMessage;
	/** Null: the database does not know it as a message to this client. */
	readonly event: EventRow | null;
	readonly turn: TurnRow | null;
	readonly reply: OutboxRow | null;
	/** The reply as it arrived on the phone: none, once, or more often. */
	readonly arrivals: readonly PhoneMessage[];
}

/** What one customer and one business wrote to each other. */
export interface Chat {
	readonly client: string;
	readonly phone: string;
	/** Accepted messages of the customer, in the order of writing. */
	readonly fates: readonly Fate[];
	/** All that arrived from the business, in the order of arrival. */
	readonly arrived: readonly PhoneMessage[];
}

/** A finding of one judge: which rule, and where to look. */
export interface Finding {
	readonly rule: string;
	readonly client: string;
	/** Ids of rows and messages; no text of a person. */
	readonly ids: readonly string[];
	/** What was written, shortened, where the finding is about words: those of a run are made up. */
	readonly words?: string;
}

export interface ChaosRecord {
	readonly evidence: Evidence;
	readonly chats: readonly Chat[];
	/** By key. */
	readonly outbox: ReadonlyMap<string, OutboxRow>;
}

/** Joins what the witnesses saw. Only messages that got a 200 count as accepted. */
export function joinEvidence(evidence: Evidence): ChaosRecord {
	const events = new Map(evidence.events.map((event) => [`${event.client} ${event.id}`, event]));
	const turns = new Map(evidence.turns.map((turn) => [turn.id, turn]));
	const replies = new Map(evidence.outbox.map((row) => [row.messageId, row]));
	const arrivals = groupBy(evidence.phone, ({ key }) => key ?? '');
	const arrived = groupBy(evidence.phone, chatKey);
	const fateOf = (message: WrittenMessage): Fate => {
		const event = events.get(`${message.client} ${message.id}`) ?? null;
		const turn = turns.get(event?.turnId ?? '') ?? null;
		const reply = replies.get(turn?.replyMessageId ?? '') ?? null;
		return { message, event, turn, reply, arrivals: reply === null ? [] : (arrivals.get(reply.key) ?? []) };
	};
	const customers = evidence.written.filter(({ author }) => author === 'customer');
	const chats = [...groupBy(customers, chatKey)].map(([key, written]) => {
		const { client, phone } = written[0] as WrittenMessage;
		const accepted = written.filter(({ acceptedAt }) => acceptedAt !== null);
		const fates = accepted.sort((a, b) => a.postedAt - b.postedAt).map(fateOf);
		return { client, phone, fates, arrived: (arrived.get(key) ?? []).sort((a, b) => a.seq - b.seq) };
	});
	return { evidence, chats, outbox: new Map(evidence.outbox.map((row) => [row.key, row])) };
}

function chatKey({ client, phone }: { readonly client: string; readonly phone: string }): string {
	return `${client} ${phone}`;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
	const groups = new Map<string, T[]>();
	for (const item of items) {
		const key = keyOf(item);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [item]);
		else group.push(item);
	}
	return groups;
}
