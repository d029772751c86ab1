import type { Attachment } from '../item/turn-item';

/**
 * What a channel's webhook body says, one value per thing that happened. A body holds any number of them.
 * `address` is the channel's own address of the user (a jid, a chat id); it is hashed and encrypted before storage.
 */
export type InboundEvent = UserMessageEvent | EchoEvent | StatusEvent | ManagerActionEvent | ManagerMessageEvent;

interface EventBase {
	/** Unique within client and channel; the key of de-duplication. */
	readonly providerEventId: string;
	/** When the provider says it happened; null when it does not say. */
	readonly providerAt: Date | null;
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

/** A message of ours was delivered, read or refused. */
export interface StatusEvent extends EventBase {
	readonly kind: 'status';
	readonly messageId: string;
	readonly status: 'sent' | 'delivered' | 'read' | 'failed';
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

/** The result of reading one body. `ignored` names what was left out on purpose, for the audit. */
export type ParsedBody =
	| { readonly ok: true; readonly events: readonly InboundEvent[]; readonly ignored: readonly string[] }
	| { readonly ok: false; readonly problem: string };
