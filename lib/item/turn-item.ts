/**
 * The standard item: the one typed object that travels from 2_Parse_Normalize to 8_Send_Response.
 *
 * One item is one turn. It carries no credentials and no phone number. Every field a later step fills is
 * `null` until that step has run, so that a reader of an execution sees how far the turn came.
 * The JSON schema that guards each workflow's door is in `turn-item-schema.ts`.
 */

export const TURN_ITEM_SCHEMA = 'truffles.turn/1';

/** Channels a user can write on. `whatsapp` is reached through a gateway (ChatFlow, Meta, 360dialog). */
export type Channel = 'whatsapp' | 'telegram' | 'instagram';

/** Languages we answer in. */
export type ReplyLanguage = 'ru' | 'kk';

/** Languages a message can be recognised as. */
export type TextLanguage = 'ru' | 'kk' | 'en' | 'mixed';

export const INTENTS = [
	'greeting',
	'farewell',
	'thanks',
	'question_price',
	'question_services',
	'question_hours',
	'question_address',
	'question_other',
	'booking',
	'reschedule_cancel',
	'payment',
	'complaint',
	'ask_human',
	'objection',
	'off_topic',
	'unclear',
] as const;
export type Intent = (typeof INTENTS)[number];

export const ROUTES = ['template', 'facts', 'retrieval', 'complex', 'handover', 'clarify', 'decline'] as const;
export type Route = (typeof ROUTES)[number];

export interface Attachment {
	readonly kind: 'image' | 'audio' | 'video' | 'document' | 'location' | 'contact' | 'other';
	readonly mimeType: string | null;
	readonly fileName: string | null;
	readonly sizeBytes: number | null;
	/** Address at the channel's own media host; null when the body carried the bytes or nothing. */
	readonly url: string | null;
	readonly caption: string | null;
}

export interface HistoryEntry {
	readonly author: 'user' | 'bot' | 'manager' | 'system';
	readonly text: string;
	/** ISO 8601, UTC. */
	readonly at: string;
}

export interface Entities {
	/** Canonical service keys of the client's pack, in the order they were mentioned. */
	readonly services: readonly string[];
	/** Date or time expressions as written ("завтра в 15:00"). */
	readonly dateTimes: readonly string[];
	readonly branch: string | null;
	/** Amounts in tiyn (1 tenge = 100 tiyn), integers. */
	readonly amountsTiyn: readonly number[];
	readonly name: string | null;
	/** True when the text holds a phone number; the number itself is not copied here. */
	readonly hasPhone: boolean;
}

export interface Classification {
	/** The main intent; `intents` holds all of them, the main one first. */
	readonly intent: Intent;
	readonly intents: readonly Intent[];
	/** 0..1 */
	readonly confidence: number;
	readonly language: TextLanguage;
	readonly replyLanguage: ReplyLanguage;
	readonly entities: Entities;
	readonly route: Route;
	/** Which layer decided and on what, for people who read the execution: "keyword: позовите". */
	readonly reason: string;
	/** True when personal data (IIN, card number, document) was recognised: no foreign model may see the text. */
	readonly sensitive: boolean;
}

export interface RetrievedChunk {
	readonly id: string;
	readonly text: string;
	readonly title: string | null;
	readonly source: string;
	/** Engine-specific, higher is better; compare only within one retrieval. */
	readonly score: number;
	/** How much of the question the chunk answers by its words, about 0..1; comparable between retrievals. */
	readonly relevance: number;
}

export interface Retrieval {
	readonly engine: 'lexical' | 'qdrant';
	readonly query: string;
	readonly chunks: readonly RetrievedChunk[];
	/** True when nothing passed the relevance threshold; `chunks` is then empty. */
	readonly nothingRelevant: boolean;
}

export interface GuardVerdict {
	readonly kind: 'passed' | 'rewrite' | 'refused';
	/** Stable keys such as `amount_not_in_facts`; empty when passed. */
	readonly violations: readonly string[];
}

export interface Reply {
	readonly text: string;
	readonly language: ReplyLanguage;
	readonly source: 'template' | 'facts' | 'model' | 'knowledge' | 'fallback' | 'handover';
	/** Texts of the client's own facts this reply was made from; the guard compares amounts and times with them. */
	readonly facts: readonly string[];
	readonly guard: GuardVerdict | null;
	/** 0 for the first draft, 1 for the one rewrite that is allowed. */
	readonly rewrites: number;
}

export const HANDOVER_REASONS = [
	'asked_for_human',
	'complaint',
	'booking',
	'reschedule_cancel',
	'payment',
	'no_answer',
	'guard_refused',
	'budget_reached',
	'sensitive',
	'too_late',
	'error',
] as const;
export type HandoverReason = (typeof HANDOVER_REASONS)[number];

export interface HandoverState {
	readonly reason: HandoverReason;
	/** Row of `handovers`; null while the handover is only requested. */
	readonly id: string | null;
	/** True once a manager was notified through an adapter. */
	readonly notified: boolean;
}

export type OutcomeKind = 'answered' | 'handed_over' | 'held' | 'ignored';

export interface Outcome {
	readonly kind: OutcomeKind;
	readonly reason: string;
}

/** One paid (or free) call to a model; becomes one row of `billing_events`. */
export interface BillingCall {
	/** Row id (UUID) chosen before the call, so that a retry of the log step writes nothing twice. */
	readonly id: string;
	readonly provider: string;
	readonly model: string;
	readonly purpose: 'reply' | 'rewrite' | 'classify' | 'embedding' | 'transcription';
	readonly status: 'ok' | 'refused' | 'unreachable' | 'malformed';
	readonly errorCode: string | null;
	/** The whole input, what was read from and written into the provider's cache included. */
	readonly inputTokens: number;
	readonly cachedInputTokens: number;
	/** Part of the input that was written into the provider's cache; 0 when unknown. */
	readonly cacheWriteTokens: number;
	/** The whole output, reasoning included. */
	readonly outputTokens: number;
	/** Part of the output that nobody sees; 0 when unknown. */
	readonly reasoningTokens: number;
	/** The provider's service tier (`flex`, `priority`, `batch` ...) when it is not the standard one. */
	readonly tier: string | null;
	/** Decimal string, USD, nine places. */
	readonly costUsd: string;
	readonly latencyMs: number;
}

export interface TurnItem {
	readonly schema: typeof TURN_ITEM_SCHEMA;
	readonly client: {
		readonly id: string;
		readonly slug: string;
		readonly name: string;
		/** IANA zone, for example Asia/Almaty. */
		readonly timeZone: string;
		readonly defaultLanguage: ReplyLanguage;
		/** Grows with every change of settings, pack, prompts or knowledge; the key of every in-process cache. */
		readonly configVersion: number;
	};
	readonly branch: { readonly id: string; readonly key: string; readonly name: string } | null;
	readonly user: { readonly id: string; readonly displayName: string | null };
	readonly conversation: {
		readonly id: string;
		readonly channel: Channel;
		/** True when the assistant has never answered in this conversation. */
		readonly isFirstTurn: boolean;
		/** True while a manager is active; such items leave through the "Held" output and are never answered. */
		readonly humanActive: boolean;
		readonly openHandoverId: string | null;
	};
	readonly turn: {
		readonly id: string;
		readonly attempt: number;
		/** ISO 8601, UTC, of the first message of the burst. */
		readonly receivedAt: string;
		readonly messageIds: readonly string[];
	};
	/** The burst as one text: its messages joined by line breaks, transcriptions and captions included. */
	readonly text: string;
	readonly attachments: readonly Attachment[];
	/** Earlier messages, oldest first, at most ten, without this turn's. */
	readonly history: readonly HistoryEntry[];
	readonly classification: Classification | null;
	readonly retrieval: Retrieval | null;
	readonly reply: Reply | null;
	readonly handover: HandoverState | null;
	readonly outcome: Outcome | null;
	readonly billing: readonly BillingCall[];
	/** Messages for people about steps that were skipped or degraded ("model off", "qdrant down: lexical"). */
	readonly notes: readonly string[];
}
