/** The sandbox's control API as a chaos run uses it (sandbox/README.md). */

/** A message on a customer's phone. */
export interface SandboxPhoneMessage {
	readonly seq: number;
	readonly client: string;
	readonly phone: string;
	readonly text: string;
	readonly at: string;
	readonly msgId: string | null;
}

/** A message of a managers' group; an edit comes again with a higher `seq`. */
export interface SandboxGroupMessage {
	readonly seq: number;
	readonly message_id: number;
	readonly from: { readonly is_bot: boolean };
	readonly text: string;
	readonly reply_markup?: {
		readonly inline_keyboard: ReadonlyArray<ReadonlyArray<{ readonly text: string; readonly callback_data?: string }>>;
	};
}

const TIMEOUT_MS = 20_000;

/** Acts and looks in the sandbox. Every call throws when the sandbox refuses. */
export class SandboxControl {
	constructor(private readonly sandboxUrl: string) {}

	/** Messages of the businesses on all phones, after this `seq`. */
	async phoneMessages(after: number): Promise<{ seq: number; messages: readonly SandboxPhoneMessage[] }> {
		return await this.call('GET', `/control/phone/messages?author=business&after=${after}`);
	}

	async groupMessages(
		client: string,
		after: number,
	): Promise<{ seq: number; messages: readonly SandboxGroupMessage[] }> {
		return await this.call('GET', `/control/telegram/messages?client=${encodeURIComponent(client)}&after=${after}`);
	}

	async press(client: string, messageId: number, button: string): Promise<void> {
		await this.call('POST', '/control/telegram/press', { client, messageId, button });
	}

	async answer(client: string, replyTo: number, text: string): Promise<void> {
		await this.call('POST', '/control/telegram/messages', { client, replyTo, text });
	}

	/** Updates that the managers' bots could not hand over yet. */
	async pendingUpdates(): Promise<number> {
		const { clients } = await this.call<{ clients: ReadonlyArray<{ bot: { pendingUpdates: number } | null }> }>(
			'GET',
			'/control/state',
		);
		return clients.reduce((sum, { bot }) => sum + (bot?.pendingUpdates ?? 0), 0);
	}

	private async call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
		const response = await fetch(`${this.sandboxUrl}${path}`, {
			method,
			signal: AbortSignal.timeout(TIMEOUT_MS),
			...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`sandbox ${method} ${path.split('?')[0]}: ${response.status} ${text}`);
		return JSON.parse(text) as T;
	}
}
