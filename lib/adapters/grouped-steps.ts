import { openTurns, type OpenedTurn, type UnwrapKey } from '../conversation/open-turn';
import { type Acceptance, acceptDeliveries, type AcceptanceKey, type EventsJson } from '../inbox/accept-deliveries';
import type { ClaimedTurn } from '../inbox/inbox-store';
import { noteSent, type SentMessage } from '../outbox/outbox-store';
import { type ReplyToWrite, type ReplyWriting, writeReplies } from '../outbox/write-replies';
import type { Db } from '../ports/db';
import type { Grouped } from '../ports/grouped';
import { GroupedWork } from './grouped-work';

/** The steps of a message that are done for many at once; the key of each is the id of the client, unless said. */
export interface GroupedSteps {
	/** The key is an `AcceptanceKey` as JSON. */
	readonly acceptDelivery: Grouped<EventsJson, Acceptance>;
	readonly openTurn: Grouped<ClaimedTurn, OpenedTurn>;
	readonly writeReply: Grouped<ReplyToWrite, ReplyWriting>;
	readonly noteSent: Grouped<SentMessage, void>;
}

/** One for each process and database: only calls of the same object share their work. */
export function createGroupedSteps(db: Db, unwrapKey: UnwrapKey): GroupedSteps {
	return {
		acceptDelivery: new GroupedWork({
			doAll: async (key, deliveries) => await acceptDeliveries(db, JSON.parse(key) as AcceptanceKey, deliveries),
			sizeOf: ({ json }) => json.length,
		}),
		openTurn: new GroupedWork({
			doAll: async (clientId, claims) =>
				await db.asClient(clientId, async (tx) => await openTurns(tx, clientId, claims, unwrapKey)),
			identityOf: ({ channel, laneKey }) => `${channel} ${laneKey}`,
		}),
		writeReply: new GroupedWork({
			doAll: async (clientId, replies) => await writeReplies(db, clientId, replies),
			identityOf: ({ item }) => item.conversation.id,
		}),
		noteSent: new GroupedWork({
			doAll: async (clientId, messages) => {
				await noteSent(db, clientId, messages);
				return messages.map(() => undefined);
			},
			identityOf: ({ outboxId }) => outboxId,
		}),
	};
}
