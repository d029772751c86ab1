/** Bots, their webhooks, and the delivery of updates: one after the other, repeated until the webhook answers 2xx. */
import type { SandboxState } from './state';
import type { TelegramUser } from './group-store';

export interface Webhook {
	readonly url: string;
	/** Empty when `setWebhook` gave none. */
	readonly secretToken: string;
	/** Null = Telegram's default set. */
	readonly allowedUpdates: readonly string[] | null;
	readonly maxConnections: number;
}

export interface Update {
	readonly update_id: number;
	readonly [kind: string]: unknown;
}

/** One bot; `pending` are updates that the webhook has not acknowledged. */
export class Bot {
	readonly user: TelegramUser;
	webhook: Webhook | null = null;
	pending: Update[] = [];
	nextUpdateId: number;
	lastErrorAtMs: number | null = null;
	lastErrorMessage: string | null = null;
	/** True = the bot sees only commands, replies to itself and mentions (BotFather's privacy mode). */
	privacyMode = false;
	pumping = false;

	constructor(
		readonly token: string,
		name: string,
	) {
		const id = Number(token.split(':')[0]);
		this.user = { id, is_bot: true, first_name: name, username: `sandbox_${id}_bot` };
		// A random start, as Telegram's; the clock keeps it growing over restarts.
		this.nextUpdateId = Math.floor(Date.now() / 10) % 1_000_000_000;
	}
}

const MAX_PENDING = 1_000;
const DELIVERY_TIMEOUT_MS = 15_000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;

/** All bots of the sandbox's clients. */
export class TelegramBots {
	private readonly bots = new Map<string, Bot>();
	private readonly stopping = new AbortController();

	constructor(private readonly state: SandboxState) {}

	/** The bot of a token that some client has; undefined = Telegram's 401. */
	get(token: string): Bot | undefined {
		const clients = this.state.clientsOfBot(token);
		const first = clients[0];
		if (first === undefined) return undefined;
		let bot = this.bots.get(token);
		if (bot === undefined) {
			bot = new Bot(token, `${first.name} · бот`);
			this.bots.set(token, bot);
		}
		return bot;
	}

	all(): Bot[] {
		for (const client of this.state.clients.values()) this.get(client.telegram.botToken);
		return [...this.bots.values()];
	}

	/** Queues an update for one bot, unless its webhook does not want this kind. */
	push(bot: Bot, kind: string, value: unknown): Update | null {
		const allowed = bot.webhook?.allowedUpdates;
		if (allowed && allowed.length > 0 && !allowed.includes(kind)) return null;
		const update: Update = { update_id: bot.nextUpdateId, [kind]: value };
		bot.nextUpdateId += 1;
		bot.pending.push(update);
		if (bot.pending.length > MAX_PENDING) bot.pending.shift();
		void this.pump(bot);
		return update;
	}

	/** Starts delivering what is pending; does nothing without a webhook or while a delivery runs. */
	async pump(bot: Bot): Promise<void> {
		if (bot.pumping) return;
		bot.pumping = true;
		let retryMs = FIRST_RETRY_MS;
		try {
			while (!this.stopping.signal.aborted && bot.webhook !== null) {
				const update = bot.pending[0];
				if (update === undefined) break;
				const problem = await this.deliver(bot.webhook, update);
				if (problem === null) {
					if (bot.pending[0] === update) bot.pending.shift();
					retryMs = FIRST_RETRY_MS;
					this.state.emit({ type: 'webhook', bot: bot.user.username ?? '' });
					continue;
				}
				bot.lastErrorAtMs = Date.now();
				bot.lastErrorMessage = problem;
				this.state.emit({ type: 'webhook', bot: bot.user.username ?? '' });
				await this.pause(retryMs);
				retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
			}
		} finally {
			bot.pumping = false;
		}
	}

	/** Stops all deliveries; pending updates stay where they are. */
	stop(): void {
		this.stopping.abort();
	}

	/** @returns null when the webhook took it, else Telegram's words for the failure */
	private async deliver(webhook: Webhook, update: Update): Promise<string | null> {
		try {
			const response = await fetch(webhook.url, {
				method: 'POST',
				headers: {
					'content-type': 'application/json',
					...(webhook.secretToken === '' ? {} : { 'x-telegram-bot-api-secret-token': webhook.secretToken }),
				},
				body: JSON.stringify(update),
				redirect: 'manual',
				signal: AbortSignal.any([AbortSignal.timeout(DELIVERY_TIMEOUT_MS), this.stopping.signal]),
			});
			await response.arrayBuffer();
			if (response.status >= 200 && response.status < 300) return null;
			return `Wrong response from the webhook: ${response.status} ${response.statusText}`.trim();
		} catch (error) {
			return error instanceof Error && error.name === 'TimeoutError' ? 'Read timeout expired' : 'Connection refused';
		}
	}

	private pause(ms: number): Promise<void> {
		return new Promise((resolve) => {
			const done = () => {
				clearTimeout(timer);
				this.stopping.signal.removeEventListener('abort', done);
				resolve();
			};
			const timer = setTimeout(done, ms);
			this.stopping.signal.addEventListener('abort', done);
		});
	}
}
