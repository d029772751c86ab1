/** The Bot API methods that Truffles calls, with Telegram's own refusals. Source: core.telegram.org/bots/api. */
import type { Group, GroupMessage } from './group-store';
import type { Bot, TelegramBots } from './telegram-bot';
import type { SandboxState } from './state';
import { isLoopbackHost } from './options';
import { parseTelegramHtml, trimText } from './telegram-html';
import type { TextEntity } from './telegram-html';
import { parseKeyboard } from './telegram-keyboard';
import type { InlineKeyboard } from './telegram-keyboard';

/** What Telegram answers with `ok: false`. */
export class TelegramRefusal extends Error {
	constructor(
		readonly errorCode: number,
		readonly description: string,
		readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number },
	) {
		super(description);
	}
}

export type Params = Readonly<Record<string, unknown>>;

export interface MethodContext {
	readonly state: SandboxState;
	readonly bots: TelegramBots;
	readonly bot: Bot;
}

export type Method = (context: MethodContext, params: Params) => unknown;

const MAX_TEXT_CHARS = 4_096;
const MAX_CALLBACK_TEXT_CHARS = 200;
const CALLBACK_LIFETIME_MS = 60_000;
const WEBHOOK_PORTS = new Set(['', '443', '80', '88', '8443']);
const UPDATE_KINDS = new Set([
	'message',
	'edited_message',
	'channel_post',
	'edited_channel_post',
	'callback_query',
	'inline_query',
	'chosen_inline_result',
	'my_chat_member',
	'chat_member',
	'chat_join_request',
	'message_reaction',
	'message_reaction_count',
	'poll',
	'poll_answer',
	'shipping_query',
	'pre_checkout_query',
	'business_connection',
	'business_message',
	'edited_business_message',
	'deleted_business_messages',
	'chat_boost',
	'removed_chat_boost',
	'purchased_paid_media',
]);

const bad = (words: string) => new TelegramRefusal(400, `Bad Request: ${words}`);

function textParam(params: Params, name: string): string {
	const value = params[name];
	return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function flagParam(params: Params, name: string): boolean {
	return params[name] === true || params[name] === 'true' || params[name] === 'True' || params[name] === '1';
}

/** A parameter that is an object in JSON bodies and a JSON text in forms and queries. */
function jsonParam(params: Params, name: string): unknown {
	const value = params[name];
	if (typeof value !== 'string') return value;
	try {
		return JSON.parse(value) as unknown;
	} catch {
		throw bad(`can't parse ${name} JSON object`);
	}
}

/** The message as Telegram shows it to a bot. */
export function toApiMessage(state: SandboxState, group: Group, message: GroupMessage): Record<string, unknown> {
	const { seq: _seq, deleted: _deleted, reply_to_message_id: replyTo, entities, ...rest } = message;
	const replied = replyTo === undefined ? undefined : group.messages.find((other) => other.message_id === replyTo);
	return {
		...rest,
		chat: {
			id: Number(group.chatId),
			title: group.title,
			type: group.chatId.startsWith('-') ? 'supergroup' : 'private',
		},
		...(entities.length > 0 ? { entities } : {}),
		...(replied === undefined
			? {}
			: { reply_to_message: toApiMessage(state, group, { ...replied, reply_to_message_id: undefined }) }),
	};
}

function requireGroup({ state, bot }: MethodContext, params: Params): Group {
	const chatId = textParam(params, 'chat_id');
	if (chatId === '') throw bad('chat_id is empty');
	const client = state.clientsOfBot(bot.token).find((candidate) => candidate.telegram.chatId === chatId);
	if (client === undefined) throw bad('chat not found');
	return state.groups.ensure(chatId, `${client.name} · менеджеры`);
}

function requireMessage({ state }: MethodContext, group: Group, params: Params, missing: string): GroupMessage {
	const id = Number(textParam(params, 'message_id'));
	const message = Number.isInteger(id) && id > 0 ? state.groups.find(group, id) : undefined;
	if (message === undefined) throw bad(missing);
	return message;
}

function readText(params: Params): { text: string; entities: readonly TextEntity[] } {
	const source = textParam(params, 'text');
	const mode = textParam(params, 'parse_mode').toLowerCase();
	if (mode !== '' && mode !== 'html') throw bad('unsupported parse_mode');
	const parsed = mode === 'html' ? parseTelegramHtml(source) : { ok: true as const, ...trimText(source, []) };
	if (!parsed.ok) throw bad(`can't parse entities: ${parsed.problem}`);
	if (parsed.text === '') throw bad('message text is empty');
	// Telegram counts characters, so a pair of UTF-16 units is one.
	if ([...parsed.text].length > MAX_TEXT_CHARS) throw bad('message is too long');
	return parsed;
}

function readKeyboard(params: Params): InlineKeyboard | undefined {
	const parsed = parseKeyboard(params['reply_markup']);
	if (!parsed.ok) throw bad(parsed.problem);
	return parsed.keyboard ?? undefined;
}

function readReply(context: MethodContext, group: Group, params: Params): number | undefined {
	const replyParameters = jsonParam(params, 'reply_parameters') as
		{ message_id?: unknown; allow_sending_without_reply?: unknown } | undefined;
	const id = Number(replyParameters?.message_id ?? (textParam(params, 'reply_to_message_id') || 0));
	if (!id) return undefined;
	if (context.state.groups.find(group, id) !== undefined) return id;
	if (replyParameters?.allow_sending_without_reply === true || flagParam(params, 'allow_sending_without_reply'))
		return undefined;
	throw bad('message to be replied not found');
}

function checkGroupLimit(state: SandboxState, group: Group): void {
	const now = Date.now();
	group.sentAtMs = group.sentAtMs.filter((at) => now - at < 60_000);
	const limit = state.groupLimitPerMinute;
	const oldest = group.sentAtMs[0];
	if (limit !== null && oldest !== undefined && group.sentAtMs.length >= limit) {
		const retryAfter = Math.max(1, Math.ceil((oldest + 60_000 - now) / 1_000));
		throw new TelegramRefusal(429, `Too Many Requests: retry after ${retryAfter}`, { retry_after: retryAfter });
	}
	group.sentAtMs.push(now);
}

const sendMessage: Method = (context, params) => {
	const group = requireGroup(context, params);
	const { text, entities } = readText(params);
	const keyboard = readKeyboard(params);
	const replyTo = readReply(context, group, params);
	checkGroupLimit(context.state, group);
	const message = context.state.groups.post(group, {
		from: context.bot.user,
		date: Math.floor(Date.now() / 1_000),
		text,
		entities,
		...(keyboard === undefined ? {} : { reply_markup: keyboard }),
		...(replyTo === undefined ? {} : { reply_to_message_id: replyTo }),
	});
	return toApiMessage(context.state, group, message);
};

/** An edit without `reply_markup` removes the buttons; that is Telegram's rule, not ours. */
function edit(
	context: MethodContext,
	params: Params,
	change: (old: GroupMessage) => Pick<GroupMessage, 'text' | 'entities'>,
): unknown {
	const group = requireGroup(context, params);
	const old = requireMessage(context, group, params, 'message to edit not found');
	if (old.from.id !== context.bot.user.id) throw bad("message can't be edited");
	const { text, entities } = change(old);
	const keyboard = readKeyboard(params);
	const same =
		old.text === text &&
		JSON.stringify(old.entities) === JSON.stringify(entities) &&
		JSON.stringify(old.reply_markup) === JSON.stringify(keyboard);
	if (same) {
		throw bad(
			'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
		);
	}
	const { reply_markup: _buttons, ...rest } = old;
	const changed = context.state.groups.replace(group, {
		...rest,
		text,
		entities,
		edit_date: Math.floor(Date.now() / 1_000),
		...(keyboard === undefined ? {} : { reply_markup: keyboard }),
	});
	return toApiMessage(context.state, group, changed);
}

const deleteMessage: Method = (context, params) => {
	const group = requireGroup(context, params);
	const message = requireMessage(context, group, params, 'message to delete not found');
	context.state.groups.replace(group, { ...message, deleted: true });
	return true;
};

const answerCallbackQuery: Method = ({ state, bot }, params) => {
	const callback = state.groups.callback(textParam(params, 'callback_query_id'));
	const text = textParam(params, 'text');
	if (
		callback === undefined ||
		callback.botToken !== bot.token ||
		Date.now() - callback.createdAtMs > CALLBACK_LIFETIME_MS
	) {
		throw bad('query is too old and response timeout expired or query ID is invalid');
	}
	if ([...text].length > MAX_CALLBACK_TEXT_CHARS) throw bad('MESSAGE_TOO_LONG');
	callback.answer = { text, showAlert: flagParam(params, 'show_alert') };
	state.emit({ type: 'callback', chatId: callback.chatId, callbackId: callback.id, answer: callback.answer });
	return true;
};

const setWebhook: Method = (context, params) => {
	const url = textParam(params, 'url').trim();
	if (url === '') return deleteWebhook(context, params);
	let parsed: URL;
	try {
		parsed = new URL(url);
	} catch {
		throw bad('invalid webhook URL specified');
	}
	// The one exception of the sandbox: plain HTTP and any port on this machine itself.
	if (!isLoopbackHost(parsed.hostname)) {
		if (parsed.protocol !== 'https:') throw bad('bad webhook: An HTTPS URL must be provided for webhook');
		if (!WEBHOOK_PORTS.has(parsed.port))
			throw bad('bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443');
	} else if (!['http:', 'https:'].includes(parsed.protocol))
		throw bad('bad webhook: An HTTPS URL must be provided for webhook');
	const secretToken = textParam(params, 'secret_token');
	if (secretToken.length > 256) throw bad('secret token is too long');
	if (!/^[A-Za-z0-9_-]*$/.test(secretToken)) throw bad('secret token contains unallowed characters');
	const allowed = jsonParam(params, 'allowed_updates');
	if (allowed !== undefined && (!Array.isArray(allowed) || allowed.some((kind) => !UPDATE_KINDS.has(String(kind))))) {
		throw bad("can't parse allowed updates");
	}
	const maxConnections = Number(textParam(params, 'max_connections') || 40);
	if (!Number.isInteger(maxConnections) || maxConnections < 1 || maxConnections > 100)
		throw bad('max_connections must be between 1 and 100');
	const { bot, bots, state } = context;
	bot.webhook = {
		url,
		secretToken,
		// Left out, the previous list stays, as in Telegram.
		allowedUpdates: allowed === undefined ? (bot.webhook?.allowedUpdates ?? null) : (allowed as string[]),
		maxConnections,
	};
	if (flagParam(params, 'drop_pending_updates')) bot.pending = [];
	state.emit({ type: 'webhook', bot: bot.user.username ?? '' });
	void bots.pump(bot);
	return true;
};

const deleteWebhook: Method = ({ bot, state }, params) => {
	bot.webhook = null;
	if (flagParam(params, 'drop_pending_updates')) bot.pending = [];
	state.emit({ type: 'webhook', bot: bot.user.username ?? '' });
	return true;
};

const getWebhookInfo: Method = ({ bot }) => ({
	url: bot.webhook?.url ?? '',
	has_custom_certificate: false,
	pending_update_count: bot.pending.length,
	...(bot.webhook === null ? {} : { max_connections: bot.webhook.maxConnections }),
	...(bot.webhook?.allowedUpdates ? { allowed_updates: bot.webhook.allowedUpdates } : {}),
	...(bot.lastErrorAtMs === null
		? {}
		: { last_error_date: Math.floor(bot.lastErrorAtMs / 1_000), last_error_message: bot.lastErrorMessage }),
});

const getUpdates: Method = ({ bot }, params) => {
	if (bot.webhook !== null) {
		throw new TelegramRefusal(
			409,
			"Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
		);
	}
	const offset = Number(textParam(params, 'offset') || 0);
	if (offset > 0) bot.pending = bot.pending.filter((update) => update.update_id >= offset);
	return bot.pending.slice(0, Math.min(100, Math.max(1, Number(textParam(params, 'limit') || 100))));
};

/** Methods by lower-case name: Telegram does not mind the case. */
export const METHODS: Readonly<Record<string, Method>> = {
	getme: ({ bot }) => ({
		...bot.user,
		can_join_groups: true,
		can_read_all_group_messages: !bot.privacyMode,
		supports_inline_queries: false,
	}),
	getchat: (context, params) => {
		const group = requireGroup(context, params);
		return { id: Number(group.chatId), title: group.title, type: 'supergroup' };
	},
	setwebhook: setWebhook,
	deletewebhook: deleteWebhook,
	getwebhookinfo: getWebhookInfo,
	getupdates: getUpdates,
	sendmessage: sendMessage,
	editmessagetext: (context, params) => edit(context, params, () => readText(params)),
	editmessagereplymarkup: (context, params) => edit(context, params, ({ text, entities }) => ({ text, entities })),
	deletemessage: deleteMessage,
	answercallbackquery: answerCallbackQuery,
	sendchataction: (context, params) => {
		requireGroup(context, params);
		return true;
	},
};
