import { type Classification, type ReplyLanguage, type Retrieval, TURN_ITEM_SCHEMA, type TurnItem } from './turn-item';

/** What is known of a message that did not come through the inbox. */
export interface TextTurn {
	readonly text: string;
	readonly businessName: string;
	/** IANA zone. */
	readonly timeZone: string;
	readonly defaultLanguage: ReplyLanguage;
	readonly isFirstTurn: boolean;
	readonly classification: Classification;
	readonly retrieval: Retrieval | null;
	readonly now: Date;
}

/**
 * A standard item around one text, so that the same decisions can be used without a database.
 * Its ids are placeholders: it must never reach a store.
 */
export function buildTextItem(turn: TextTurn): TurnItem {
	return {
		schema: TURN_ITEM_SCHEMA,
		client: {
			id: 'fields',
			slug: 'fields',
			name: turn.businessName,
			timeZone: turn.timeZone,
			defaultLanguage: turn.defaultLanguage,
			configVersion: 0,
		},
		branch: null,
		user: { id: 'fields', displayName: null },
		conversation: {
			id: 'fields',
			channel: 'whatsapp',
			isFirstTurn: turn.isFirstTurn,
			humanActive: false,
			openHandoverId: null,
		},
		turn: { id: 'fields', attempt: 1, receivedAt: turn.now.toISOString(), messageIds: [] },
		text: turn.text,
		attachments: [],
		history: [],
		classification: turn.classification,
		retrieval: turn.retrieval,
		reply: null,
		handover: null,
		outcome: null,
		billing: [],
		notes: [],
	};
}
