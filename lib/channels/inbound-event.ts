import type { Attachment } from '../item/turn-item';

/**
 * What a channel's webhook body says, one value per thing that happened. A body holds any number of them.
 * `address` is the channel's own address of the user (a jid, a chat id); it is hashed and encrypted before storage.
 */
export type InboundEvent =
	UserMessageEvent | EchoEvent | StatusEvent | ManagerActionEvent | ManagerMessageEvent | IgnoredEvent;

interface EventBase {
	/** Unique within client and channel; the key of de-duplication. */
	readonly providerEventId: string;
	/** When the provider says it happened; null when it does not say. */
	readonly providerAt: Date | null;
	/** The part of the body it came from, kept encrypted. Absent: the whole body; null: nothing is kept. */
	readonly source?: unknown;
}

/** A user wrote to the business. */
export interface UserMessageEvent extends EventBase {
	readonly kind: 'message';
	readonly address: string;
	readonly displayName: string | null;
	readonly text: string;
	readonly attachments: readonly Attachment[];
}

/** The business wrote from its own phone: a person has taken over. */
export interface EchoEvent extends EventBase {
	readonly kind: 'echo';
	readonly address: string;
	readonly text: string;
}

/** A message of ours was sent on, delivered, read or refused. */
export interface StatusEvent extends EventBase {
	readonly kind: 'status';
	readonly messageId: string;
	readonly status: 'sent' | 'delivered' | 'read' | 'failed';
	/** The provider's code of the refusal; null unless `failed`. */
	readonly errorCode: string | null;
	/** Our own key of the message, when the provider gives it back; it finds the message before we know `messageId`. */
	readonly idempotencyKey: string | null;
}

/** A manager pressed a button of a notice. */
export interface ManagerActionEvent extends EventBase {
	readonly kind: 'manager_action';
	readonly chatId: string;
	readonly callbackId: string;
	readonly action: 'take' | 'resolve';
	readonly handoverId: string;
	readonly noticeMessageId: string | null;
	readonly managerName: string;
}

/** A manager answered a notice in the group. */
export interface ManagerMessageEvent extends EventBase {
	readonly kind: 'manager_message';
	readonly chatId: string;
	readonly inReplyTo: string;
	readonly text: string;
	readonly managerName: string;
}

/** Something nobody has to answer, or that we cannot read: stored with its reason, so that nothing vanishes. */
export interface IgnoredEvent extends Omit<EventBase, 'providerEventId'> {
	readonly kind: 'ignored';
	/** Null when the provider gave no id; the body and its place in it identify it then. */
	readonly providerEventId: string | null;
	/** A word of ours, for example `reaction`; never text of the body. */
	readonly reason: string;
}

/** The result of reading one body. `ignored` names what was left out on purpose and is not stored. */
export type ParsedBody =
	| { readonly ok: true; readonly events: readonly InboundEvent[]; readonly ignored: readonly string[] }
	| { readonly ok: false; readonly problem: string };
