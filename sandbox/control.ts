/** `/control/*`: what the page, the terminal chat and the tests do in the sandbox. Documented in sandbox/README.md. */
import type { FastifyInstance } from 'fastify';
import { streamEvents } from './control-events';
import * as schemas from './control-schemas';
import type { Fault } from './fault';
import { clientProblems } from './options';
import type { SandboxClientOptions } from './options';
import type { ChatRule } from './openai-answer';
import { SPOKEN_PREFIX } from './openai';
import type { MediaInput, PhoneDelivery } from './phone-delivery';
import { SERVICES } from './state';
import type { SandboxState, Service } from './state';
import type { TelegramUser } from './group-store';
import type { TelegramBots } from './telegram-bot';
import type { GroupPeople } from './telegram-people';
import { WELL } from './fault';

/** An answer of the control API that is not 2xx. */
class ControlRefusal extends Error {
	constructor(
		readonly statusCode: number,
		message: string,
	) {
		super(message);
	}
}

interface PhoneMessageBody {
	client?: string;
	from: string;
	name?: string;
	text?: string;
	texts?: string[];
	spoken?: string;
	media?: { type: MediaInput['type']; base64: string; mimetype?: string; fileName?: string; caption?: string };
	repeat?: number;
	shuffle?: boolean;
	gapMs?: number;
	variant?: 'nested' | 'flat';
	fromMe?: boolean;
	secret?: string | null;
	messageId?: string;
	retries?: number;
}
interface Acting {
	client?: string;
	manager?: string;
}
interface ModesBody extends Partial<Record<Service, Fault>> {
	quietErrors?: boolean;
	dedupeMsgId?: boolean;
	groupLimitPerMinute?: number | null;
	rules?: ChatRule[];
}
interface ListQuery {
	client?: string;
	phone?: string;
	author?: string;
	after?: number;
	waitMs?: number;
}

const MIME_OF_TYPE: Readonly<Record<MediaInput['type'], string>> = {
	image: 'image/png',
	audio: 'audio/ogg',
	video: 'video/mp4',
	document: 'application/pdf',
};

export interface ControlParts {
	readonly state: SandboxState;
	readonly phone: PhoneDelivery;
	readonly bots: TelegramBots;
	readonly people: GroupPeople;
}

/** Registers the control API. */
export function registerControl(app: FastifyInstance, parts: ControlParts): void {
	const { state, phone, bots, people } = parts;

	const clientOf = (key: string | undefined): SandboxClientOptions => {
		const client = key === undefined ? [...state.clients.values()][0] : state.clients.get(key);
		if (client === undefined)
			throw new ControlRefusal(404, `No client with this key. Known: ${[...state.clients.keys()].join(', ')}.`);
		return client;
	};
	const managerOf = (name: string | undefined): TelegramUser => {
		const manager = state.groups.manager(name);
		if (manager === undefined)
			throw new ControlRefusal(
				404,
				`No such manager. Known: ${state.groups.managers.map((one) => one.first_name).join(', ')}.`,
			);
		return manager;
	};
	const digitsOf = (number: string): string => {
		const digits = number.replace(/[\s()+-]/g, '');
		if (!/^[1-9]\d{6,14}$/.test(digits))
			throw new ControlRefusal(400, 'A phone number has 7 to 15 digits, country code first, for example +77015705555.');
		return digits;
	};
	/** Waits until `read` gives something, a change at a time, at most `waitMs`. */
	const poll = async <T>(read: () => T[], waitMs: number): Promise<T[]> => {
		const found = read();
		if (found.length > 0 || waitMs === 0) return found;
		return new Promise((resolve) => {
			const finish = (rows: T[]) => {
				clearTimeout(timer);
				stop();
				resolve(rows);
			};
			const timer = setTimeout(() => finish([]), waitMs);
			const stop = state.onEvent(() => {
				const rows = read();
				if (rows.length > 0) finish(rows);
			});
		});
	};

	app.get('/control/health', () => ({ ok: true, clients: [...state.clients.keys()] }));
	app.get('/control/state', () => snapshot(parts));
	app.get('/control/events', (request, reply) => streamEvents(state, request, reply));

	app.post<{ Body: PhoneMessageBody }>(
		'/control/phone/messages',
		{ schema: schemas.PHONE_MESSAGE, bodyLimit: 12 * 1024 * 1024 },
		async ({ body }) => {
			const client = clientOf(body.client);
			const media = readMedia(body);
			const texts = body.texts ?? [body.text ?? media?.caption ?? ''];
			if (media === null && texts.every((text) => text === ''))
				throw new ControlRefusal(400, 'Give text, texts, media or spoken.');
			// Taken before the message is written: an answer that is faster than the gateway's 200 is still after it.
			const { seq } = state;
			const messages = await phone.send(client, {
				phone: digitsOf(body.from),
				displayName: body.name ?? 'Sandbox',
				texts,
				media,
				repeat: body.repeat ?? 1,
				shuffle: body.shuffle ?? false,
				gapMs: body.gapMs ?? 0,
				variant: body.variant ?? 'nested',
				fromMe: body.fromMe ?? false,
				secret: body.secret,
				messageId: body.messageId,
				retries: body.retries ?? 0,
			});
			return { client: client.key, seq, messages };
		},
	);
	app.post<{ Body: { client?: string; body: string; secret?: string | null } }>(
		'/control/phone/raw',
		{ schema: schemas.RAW_DELIVERY, bodyLimit: 24 * 1024 * 1024 },
		({ body }) => phone.sendRaw(clientOf(body.client), body.body, body.secret),
	);
	app.get<{ Querystring: ListQuery }>('/control/phone/messages', { schema: schemas.PHONE_LIST }, async ({ query }) => {
		const filter = {
			...(query.client === undefined ? {} : { client: query.client }),
			...(query.phone === undefined ? {} : { phone: digitsOf(query.phone) }),
			...(query.author === undefined ? {} : { author: query.author }),
			...(query.after === undefined ? {} : { afterSeq: query.after }),
		};
		const messages = await poll(() => state.phone.list(filter), query.waitMs ?? 0);
		return { seq: state.seq, messages };
	});

	app.get<{ Querystring: ListQuery }>(
		'/control/telegram/messages',
		{ schema: schemas.GROUP_LIST },
		async ({ query }) => {
			const group = people.group(clientOf(query.client));
			const messages = await poll(
				() => group.messages.filter((message) => message.seq > (query.after ?? 0)),
				query.waitMs ?? 0,
			);
			return { seq: state.seq, chatId: group.chatId, messages };
		},
	);
	app.post<{ Body: Acting & { messageId: number; button?: string; index?: number } }>(
		'/control/telegram/press',
		{ schema: schemas.PRESS },
		({ body }) => {
			const callback = people.press(
				clientOf(body.client),
				managerOf(body.manager),
				body.messageId,
				body.button ?? body.index ?? 0,
			);
			return { callbackId: callback.id, data: callback.data };
		},
	);
	app.get<{ Params: { id: string } }>('/control/telegram/callbacks/:id', ({ params }) => {
		const callback = state.groups.callback(params.id);
		if (callback === undefined) throw new ControlRefusal(404, 'No such button press.');
		const { botToken: _token, ...shown } = callback;
		return shown;
	});
	app.post<{ Body: Acting & { text: string; replyTo?: number } }>(
		'/control/telegram/messages',
		{ schema: schemas.WRITE },
		({ body }) => people.write(clientOf(body.client), managerOf(body.manager), body.text, body.replyTo),
	);
	app.put<{ Params: { id: string }; Body: Acting & { text: string } }>(
		'/control/telegram/messages/:id',
		{ schema: schemas.EDIT },
		({ body, params }) => people.edit(clientOf(body.client), managerOf(body.manager), Number(params.id), body.text),
	);
	app.post<{ Body: { firstName: string } }>(
		'/control/telegram/managers',
		{ schema: schemas.MANAGER_NEW },
		({ body }) => {
			const manager = state.groups.addManager(body.firstName);
			state.emit({ type: 'clients' });
			return manager;
		},
	);
	app.post<{ Body: { client?: string; privacyMode: boolean } }>(
		'/control/telegram/privacy',
		{ schema: schemas.PRIVACY },
		({ body }) => {
			const bot = bots.get(clientOf(body.client).telegram.botToken);
			if (bot !== undefined) bot.privacyMode = body.privacyMode;
			state.emit({ type: 'modes' });
			return { privacyMode: body.privacyMode };
		},
	);

	app.get('/control/modes', () => state.modes());
	app.post<{ Body: ModesBody }>('/control/modes', { schema: schemas.MODES }, ({ body }) => {
		if (body.quietErrors !== undefined) state.quietErrors = body.quietErrors;
		if (body.dedupeMsgId !== undefined) state.dedupeMsgId = body.dedupeMsgId;
		if (body.groupLimitPerMinute !== undefined) state.groupLimitPerMinute = body.groupLimitPerMinute;
		if (body.rules !== undefined) state.rules = body.rules;
		for (const service of SERVICES) {
			const fault = body[service];
			if (fault !== undefined)
				state.faults[service].set(
					fault.only === undefined ? fault : { ...fault, only: fault.only.map((one) => one.toLowerCase()) },
				);
		}
		state.emit({ type: 'modes' });
		return state.modes();
	});

	app.get<{ Querystring: { service?: Service; method?: string; after?: number } }>(
		'/control/calls',
		{ schema: schemas.CALL_LIST },
		({ query }) => ({
			seq: state.seq,
			calls: state.journal.filter(
				(entry) =>
					(query.service === undefined || entry.service === query.service) &&
					(query.method === undefined || entry.method.toLowerCase() === query.method.toLowerCase()) &&
					entry.seq > (query.after ?? 0),
			),
		}),
	);
	app.post<{ Body: Omit<SandboxClientOptions, 'name'> & { name?: string } }>(
		'/control/clients',
		{ schema: schemas.CLIENT_NEW },
		({ body }, reply) => {
			const client: SandboxClientOptions = { ...body, name: body.name ?? body.key };
			const problems = clientProblems(client);
			const taken = state.clientByChatflowToken(client.chatflow.token);
			if (taken !== undefined && taken.key !== client.key) problems.push('chatflow.token: another client has it');
			if (problems.length > 0) throw new ControlRefusal(400, problems.join('; '));
			state.putClient(client);
			return reply.code(201).send({ key: client.key });
		},
	);
	app.post('/control/reset', () => {
		state.phone.clear();
		state.groups.clear();
		phone.clearMedia();
		state.journal.length = 0;
		for (const service of SERVICES) state.faults[service].set(WELL);
		Object.assign(state, { rules: [], quietErrors: false, dedupeMsgId: false, groupLimitPerMinute: null });
		for (const bot of bots.all()) {
			bot.pending = [];
			bot.privacyMode = false;
		}
		state.emit({ type: 'reset' });
		return { seq: state.seq };
	});
}

function readMedia({ media, spoken }: PhoneMessageBody): MediaInput | null {
	if (spoken !== undefined) {
		return {
			type: 'audio',
			mimetype: 'audio/ogg',
			fileName: 'voice.ogg',
			spoken,
			base64: Buffer.from(`${SPOKEN_PREFIX}${spoken}`).toString('base64'),
		};
	}
	if (media === undefined) return null;
	return {
		...media,
		mimetype: media.mimetype ?? MIME_OF_TYPE[media.type],
		fileName: media.fileName ?? `${media.type}.bin`,
	};
}

/** All that the page shows, without any token, key or secret. */
function snapshot({ state, bots, people }: ControlParts): Record<string, unknown> {
	return {
		seq: state.seq,
		clients: [...state.clients.values()].map((client) => {
			const bot = bots.get(client.telegram.botToken);
			return {
				key: client.key,
				name: client.name,
				instanceId: client.chatflow.instanceId,
				gatewayUrl: client.gateway.url,
				chatId: client.telegram.chatId,
				groupTitle: people.group(client).title,
				bot:
					bot === undefined
						? null
						: {
								id: bot.user.id,
								name: bot.user.first_name,
								webhookUrl: bot.webhook?.url ?? null,
								pendingUpdates: bot.pending.length,
								lastError: bot.lastErrorMessage,
								privacyMode: bot.privacyMode,
							},
			};
		}),
		managers: state.groups.managers,
		modes: state.modes(),
		phone: state.phone.list(),
		groups: Object.fromEntries([...state.groups.groups.values()].map((group) => [group.chatId, group.messages])),
		calls: state.journal.slice(-100).map(({ request: _request, response: _response, ...entry }) => entry),
	};
}
