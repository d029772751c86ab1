import type { SendResult } from './channel-sender';

/** Reaches the managers of a business. Adapters: telegram, webhook (`lib/adapters/*-manager-channel.ts`). */
export interface ManagerNotice {
	/** Shown to managers, already in their language, plain text. */
	readonly text: string;
	/** Buttons in one row; `action` comes back in the manager event. */
	readonly buttons: ReadonlyArray<{
		readonly label: string;
		readonly action: 'take' | 'resolve';
		readonly handoverId: string;
	}>;
	/** Provider id of the notice this one answers or belongs to, if any. */
	readonly inReplyTo: string | null;
	/** For the webhook adapter: the whole event as data. */
	readonly event: Readonly<Record<string, unknown>>;
	readonly timeoutMs: number;
}

/** As for a customer's message: sent, refused, or unknown. */
export type NoticeResult = SendResult;

export interface ManagerChannel {
	readonly adapter: 'telegram' | 'webhook';
	notify(notice: ManagerNotice): Promise<NoticeResult>;
	/** Replaces text and buttons of an earlier notice (taken, resolved). A channel that cannot edit returns `sent`. */
	update(providerMessageId: string, notice: ManagerNotice): Promise<NoticeResult>;
	/** Closes the spinner of a pressed button. */
	acknowledge(callbackId: string, text: string): Promise<void>;
}
