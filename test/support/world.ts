import { randomInt } from 'node:crypto';

/** What the sandbox's control API says about one message of a phone or of the managers' group. */
export interface WorldMessage {
	readonly seq: number;
	/** The channel's own id: a number in Telegram, hexadecimal characters in ChatFlow. */
	readonly id: string;
	readonly text: string;
}

export interface Delivery {
	readonly status: number | null;
	readonly body: unknown;
	readonly headers: Readonly<Record<string, string>>;
}

interface SayOptions {
	readonly client?: string;
	readonly repeat?: number;
	readonly texts?: readonly string[];
	readonly gapMs?: number;
	readonly secret?: string | null;
	readonly messageId?: string;
	readonly [key: string]: unknown;
}

const REPLY_TIMEOUT_MS = 40_000;

/** A number nobody else in this run has. */
export function newPhone(): string {
	return `+7705${String(randomInt(0, 10_000_000)).padStart(7, '0')}`;
}

/** The outside world as a test acts in it: customers' phones and the managers' group, through the sandbox. */
export class World {
	constructor(private readonly sandboxUrl: string) {}

	/** Writes as a customer; resolves when the gateway has answered each delivery. */
	async say(from: string, text: string, options: SayOptions = {}): Promise<{ seq: number; deliveries: Delivery[] }> {
		const words = options.texts === undefined ? { text } : {};
		const answer = await this.call<{ seq: number; messages: Array<{ deliveries: Delivery[] }> }>(
			'POST',
			'/control/phone/messages',
			{
				from,
				...words,
				...options,
			},
		);
		return { seq: answer.seq, deliveries: answer.messages.flatMap((message) => message.deliveries) };
	}

	/** Says something and waits for the first message from the business after it. */
	async ask(from: string, text: string, options: SayOptions = {}): Promise<string> {
		const { seq } = await this.say(from, text, options);
		const [reply] = await this.replies(from, seq, REPLY_TIMEOUT_MS, options.client);
		if (reply === undefined) throw new Error(`no reply within ${REPLY_TIMEOUT_MS / 1000} s to: ${text}`);
		return reply.text;
	}

	/** Messages from the business on this phone after `after`; waits for the first one up to `waitMs`. */
	async replies(phone: string, after: number, waitMs = 0, client?: string): Promise<WorldMessage[]> {
		const query = new URLSearchParams({
			phone: phone.replace('+', ''),
			author: 'business',
			after: String(after),
			waitMs: String(waitMs),
		});
		if (client !== undefined) query.set('client', client);
		const { messages } = await this.call<{ messages: WorldMessage[] }>(
			'GET',
			`/control/phone/messages?${query.toString()}`,
		);
		return messages;
	}

	async group(after = 0, waitMs = 0): Promise<WorldMessage[]> {
		const { messages } = await this.call<{
			messages: Array<{ seq: number; message_id: number; text: string; reply_markup?: unknown }>;
		}>('GET', `/control/telegram/messages?after=${after}&waitMs=${waitMs}`);
		return messages.map(({ message_id: id, ...rest }) => ({ ...rest, id: String(id) }));
	}

	/** The first message of the managers' group that holds this text; waits for it. */
	async groupMessage(part: string): Promise<WorldMessage> {
		return await eventually(`the group shows "${part}"`, async () =>
			(await this.group()).findLast((message) => message.text.includes(part)),
		);
	}

	async press(messageId: string, button: string, manager = 'Айгуль'): Promise<void> {
		await this.call('POST', '/control/telegram/press', { messageId: Number(messageId), button, manager });
	}

	async managerReplies(replyTo: string, text: string, manager = 'Айгуль'): Promise<void> {
		await this.call('POST', '/control/telegram/messages', { replyTo: Number(replyTo), text, manager });
	}

	async modes(modes: Readonly<Record<string, unknown>>): Promise<void> {
		await this.call('POST', '/control/modes', modes);
	}

	async call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
		const response = await fetch(`${this.sandboxUrl}${path}`, {
			method,
			...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`sandbox ${method} ${path}: ${response.status} ${text}`);
		return JSON.parse(text) as T;
	}
}

/** Repeats `look` until it finds something; the error says what was waited for. */
export async function eventually<T>(
	what: string,
	look: () => Promise<T | null | undefined | false>,
	timeoutMs = 30_000,
): Promise<T> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		const found = await look();
		if (found !== null && found !== undefined && found !== false) return found;
		if (Date.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s in vain: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 150));
	}
}

/** Spaces of every kind count alike, so that "8 000" is found however it is written. */
export function plain(text: string): string {
	return text.replace(/\s/gu, ' ');
}
