/** What managers do in their group: press a button, write, reply, edit. Each becomes an update for the bots. */
import type { SandboxClientOptions } from './options';
import type { Callback, Group, GroupMessage, TelegramUser } from './group-store';
import type { SandboxState } from './state';
import type { Bot, TelegramBots } from './telegram-bot';
import { toApiMessage } from './telegram-methods';

/** Something that a person cannot do in the app either; the control API answers 409 with these words. */
export class PeopleRefusal extends Error {}

const MAX_TEXT_CHARS = 4_096;

/** The managers of one client's group, acting through this object. */
export class GroupPeople {
	private lastCallback = BigInt(Date.now()) * 1_000_000n;

	constructor(
		private readonly state: SandboxState,
		private readonly bots: TelegramBots,
	) {}

	group(client: SandboxClientOptions): Group {
		return this.state.groups.ensure(client.telegram.chatId, `${client.name} · менеджеры`);
	}

	/** @param button index (row by row), exact `callback_data`, or the label */
	press(client: SandboxClientOptions, manager: TelegramUser, messageId: number, button: number | string): Callback {
		const group = this.group(client);
		const message = this.require(group, messageId);
		const buttons = message.reply_markup?.inline_keyboard.flat() ?? [];
		const pressed =
			typeof button === 'number'
				? buttons[button]
				: buttons.find((one) => one.callback_data === button || one.text === button);
		if (pressed?.callback_data === undefined) throw new PeopleRefusal('The message has no such button.');
		const bot = this.botsOf(group).find((candidate) => candidate.user.id === message.from.id);
		if (bot === undefined) throw new PeopleRefusal('The bot that wrote the message is not in the group any more.');
		this.lastCallback += 1n;
		const callback: Callback = {
			id: this.lastCallback.toString(),
			chatId: group.chatId,
			messageId,
			botToken: bot.token,
			data: pressed.callback_data,
			managerId: manager.id,
			createdAtMs: Date.now(),
			answer: null,
		};
		this.state.groups.addCallback(callback);
		this.bots.push(bot, 'callback_query', {
			id: callback.id,
			from: manager,
			message: toApiMessage(this.state, group, message),
			chat_instance: group.chatId.replace('-', ''),
			data: callback.data,
		});
		return callback;
	}

	/** Writes into the group; `replyTo` is the number of the message that is answered. */
	write(client: SandboxClientOptions, manager: TelegramUser, text: string, replyTo?: number): GroupMessage {
		const group = this.group(client);
		const replied = replyTo === undefined ? undefined : this.require(group, replyTo);
		const message = this.state.groups.post(group, {
			from: manager,
			date: Math.floor(Date.now() / 1_000),
			text: this.text(text),
			entities: commandEntities(text.trim()),
			...(replied === undefined ? {} : { reply_to_message_id: replied.message_id }),
		});
		this.tell(group, message, replied, 'message');
		return message;
	}

	/** Changes a message of the same manager. */
	edit(client: SandboxClientOptions, manager: TelegramUser, messageId: number, text: string): GroupMessage {
		const group = this.group(client);
		const old = this.require(group, messageId);
		if (old.from.id !== manager.id) throw new PeopleRefusal('People edit their own messages only.');
		const changed = this.state.groups.replace(group, {
			...old,
			text: this.text(text),
			entities: commandEntities(text.trim()),
			edit_date: Math.floor(Date.now() / 1_000),
		});
		const replied =
			old.reply_to_message_id === undefined ? undefined : this.state.groups.find(group, old.reply_to_message_id);
		this.tell(group, changed, replied, 'edited_message');
		return changed;
	}

	private tell(
		group: Group,
		message: GroupMessage,
		replied: GroupMessage | undefined,
		kind: 'message' | 'edited_message',
	): void {
		for (const bot of this.botsOf(group)) {
			const forBot =
				!bot.privacyMode ||
				message.text.startsWith('/') ||
				replied?.from.id === bot.user.id ||
				message.text.includes(`@${bot.user.username}`);
			if (forBot) this.bots.push(bot, kind, toApiMessage(this.state, group, message));
		}
	}

	private botsOf(group: Group): Bot[] {
		return this.bots
			.all()
			.filter((bot) => this.state.clientsOfBot(bot.token).some((client) => client.telegram.chatId === group.chatId));
	}

	private require(group: Group, messageId: number): GroupMessage {
		const message = this.state.groups.find(group, messageId);
		if (message === undefined) throw new PeopleRefusal('The group has no message with this number.');
		return message;
	}

	private text(text: string): string {
		const trimmed = text.trim();
		if (trimmed === '') throw new PeopleRefusal('An empty message cannot be sent.');
		if ([...trimmed].length > MAX_TEXT_CHARS)
			throw new PeopleRefusal(`A message has at most ${MAX_TEXT_CHARS} characters.`);
		return trimmed;
	}
}

/** Telegram marks a leading command so that bots recognise it. */
function commandEntities(text: string): { type: string; offset: number; length: number }[] {
	const command = /^\/[A-Za-z0-9_]{1,32}(@[A-Za-z0-9_]+)?/.exec(text)?.[0];
	return command === undefined ? [] : [{ type: 'bot_command', offset: 0, length: command.length }];
}
