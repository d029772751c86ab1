/** The world around the business, as an evaluation acts in it: the managers' group and how the stand-ins behave. */

interface GroupMessage {
	readonly message_id: number;
	readonly text: string;
}

const POLL_MS = 100;
const TIMEOUT_MS = 20_000;
const MANAGER = 'Айгуль';

export class SandboxWorld {
	constructor(private readonly sandboxUrl: string) {}

	/** The latest notice about a customer; waits for it. */
	async noticeAbout(phone: string): Promise<number> {
		const digits = phone.replace(/\D/gu, '');
		const deadline = performance.now() + TIMEOUT_MS;
		for (;;) {
			const { messages } = await this.call<{ messages: readonly GroupMessage[] }>('GET', '/control/telegram/messages');
			const notice = messages.findLast(({ text }) => text.replace(/\D/gu, '').includes(digits));
			if (notice !== undefined) return notice.message_id;
			if (performance.now() > deadline) throw new Error('no notice about this customer reached the managers');
			await new Promise((resolve) => setTimeout(resolve, POLL_MS));
		}
	}

	async press(messageId: number, button: string): Promise<void> {
		await this.call('POST', '/control/telegram/press', { messageId, button, manager: MANAGER });
	}

	async answer(messageId: number, text: string): Promise<void> {
		await this.call('POST', '/control/telegram/messages', { replyTo: messageId, text, manager: MANAGER });
	}

	/** Switches the stand-ins, see sandbox/README.md. */
	async modes(modes: Readonly<Record<string, unknown>>): Promise<void> {
		await this.call('POST', '/control/modes', modes);
	}

	private async call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
		const response = await fetch(`${this.sandboxUrl}${path}`, {
			method,
			...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`sandbox ${method} ${path}: ${response.status} ${text}`);
		return JSON.parse(text) as T;
	}
}
