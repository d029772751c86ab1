/** The managers' Telegram groups: people, messages, buttons, and the bots' webhooks. */
import type { TextEntity } from './telegram-html';
import type { InlineKeyboard } from './telegram-keyboard';

export interface TelegramUser {
	readonly id: number;
	readonly is_bot: boolean;
	readonly first_name: string;
	readonly username?: string;
	readonly language_code?: string;
}

export interface GroupMessage {
	readonly seq: number;
	readonly message_id: number;
	readonly from: TelegramUser;
	/** Unix seconds, as Telegram has it. */
	readonly date: number;
	readonly edit_date?: number;
	readonly text: string;
	readonly entities: readonly TextEntity[];
	readonly reply_markup?: InlineKeyboard;
	readonly reply_to_message_id?: number;
	readonly message_thread_id?: number;
	readonly deleted?: boolean;
}

export interface Callback {
	readonly id: string;
	readonly chatId: string;
	readonly messageId: number;
	readonly botToken: string;
	readonly data: string;
	readonly managerId: number;
	readonly createdAtMs: number;
	answer: { readonly text: string; readonly showAlert: boolean } | null;
}

export interface Group {
	readonly chatId: string;
	title: string;
	lastMessageId: number;
	messages: GroupMessage[];
	/** Milliseconds of the bots' latest messages, for the limit per minute. */
	sentAtMs: number[];
}

/** People of the business who sit in every group of the sandbox. Invented. */
const FIRST_MANAGERS: readonly TelegramUser[] = [
	{ id: 700_000_001, is_bot: false, first_name: 'Айгуль', username: 'sandbox_aigul', language_code: 'ru' },
	{ id: 700_000_002, is_bot: false, first_name: 'Данияр', username: 'sandbox_daniyar', language_code: 'kk' },
	{ id: 700_000_003, is_bot: false, first_name: 'Марина', language_code: 'ru' },
];

const MAX_MESSAGES_PER_GROUP = 1_000;
const MAX_CALLBACKS = 200;
const MAX_MANAGERS = 20;

/** Groups by chat id. A group exists as soon as a client names it. */
export class GroupStore {
	readonly groups = new Map<string, Group>();
	managers: TelegramUser[] = [...FIRST_MANAGERS];
	private callbacks: Callback[] = [];

	constructor(
		private readonly nextSeq: () => number,
		private readonly onChange: (chatId: string, message: GroupMessage) => void,
	) {}

	ensure(chatId: string, title: string): Group {
		let group = this.groups.get(chatId);
		if (group === undefined) {
			group = { chatId, title, lastMessageId: 0, messages: [], sentAtMs: [] };
			this.groups.set(chatId, group);
		}
		group.title = title;
		return group;
	}

	post(group: Group, message: Omit<GroupMessage, 'seq' | 'message_id'>): GroupMessage {
		group.lastMessageId += 1;
		const full = { ...message, message_id: group.lastMessageId, seq: this.nextSeq() };
		group.messages.push(full);
		if (group.messages.length > MAX_MESSAGES_PER_GROUP) {
			group.messages.splice(0, group.messages.length - MAX_MESSAGES_PER_GROUP);
		}
		this.onChange(group.chatId, full);
		return full;
	}

	/** Replaces a message that is still remembered; it gets a new `seq` so that pollers see the edit. */
	replace(group: Group, message: GroupMessage): GroupMessage {
		const changed = { ...message, seq: this.nextSeq() };
		group.messages = group.messages.map((old) => (old.message_id === message.message_id ? changed : old));
		this.onChange(group.chatId, changed);
		return changed;
	}

	find(group: Group, messageId: number): GroupMessage | undefined {
		return group.messages.find((message) => message.message_id === messageId && message.deleted !== true);
	}

	addManager(firstName: string): TelegramUser {
		if (this.managers.length >= MAX_MANAGERS) throw new Error(`A group has at most ${MAX_MANAGERS} managers here.`);
		const id = Math.max(...this.managers.map((manager) => manager.id)) + 1;
		const manager: TelegramUser = { id, is_bot: false, first_name: firstName, language_code: 'ru' };
		this.managers.push(manager);
		return manager;
	}

	/** Finds by id or by name; the first manager when nothing is given. */
	manager(idOrName: number | string | undefined): TelegramUser | undefined {
		if (idOrName === undefined) return this.managers[0];
		return this.managers.find((manager) => manager.id === Number(idOrName) || manager.first_name === idOrName);
	}

	addCallback(callback: Callback): void {
		this.callbacks.push(callback);
		if (this.callbacks.length > MAX_CALLBACKS) this.callbacks.shift();
	}

	callback(id: string): Callback | undefined {
		return this.callbacks.find((callback) => callback.id === id);
	}

	/** Empties the groups but keeps their message numbers growing, as Telegram does. */
	clear(): void {
		for (const group of this.groups.values()) {
			group.messages = [];
			group.sentAtMs = [];
		}
		this.callbacks = [];
		this.managers = [...FIRST_MANAGERS];
	}
}
