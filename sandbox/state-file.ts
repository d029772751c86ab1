/** Keeps the chats between two starts: a debounced, atomic write of one JSON file that only its owner can read. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { GroupMessage, TelegramUser } from './group-store';
import type { PhoneMessage } from './phone-store';
import type { SandboxState } from './state';
import type { TelegramBots, Webhook } from './telegram-bot';

const VERSION = 1;
const DEBOUNCE_MS = 400;

interface SavedState {
	readonly version: number;
	readonly seq: number;
	readonly phone: readonly PhoneMessage[];
	readonly managers: readonly TelegramUser[];
	readonly groups: ReadonlyArray<{ chatId: string; title: string; lastMessageId: number; messages: GroupMessage[] }>;
	/** By bot id: a webhook survives a restart, as at Telegram. Holds its secret token, hence mode 0600. */
	readonly webhooks: Readonly<Record<string, Webhook>>;
}

/** Saves after changes; `flush` saves at once. */
export class StateFile {
	private timer: NodeJS.Timeout | null = null;
	private readonly stopListening: () => void;

	constructor(
		private readonly path: string,
		private readonly state: SandboxState,
		private readonly bots: TelegramBots,
	) {
		this.restore();
		this.stopListening = state.onEvent((event) => {
			if (event.type !== 'call') this.schedule();
		});
	}

	/** Writes what is unsaved and stops watching. */
	close(): void {
		this.stopListening();
		this.flush();
	}

	flush(): void {
		if (this.timer !== null) clearTimeout(this.timer);
		this.timer = null;
		const saved: SavedState = {
			version: VERSION,
			seq: this.state.seq,
			phone: this.state.phone.list(),
			managers: this.state.groups.managers,
			groups: [...this.state.groups.groups.values()].map(({ chatId, title, lastMessageId, messages }) => ({
				chatId,
				title,
				lastMessageId,
				messages,
			})),
			webhooks: Object.fromEntries(
				this.bots.all().flatMap((bot) => (bot.webhook === null ? [] : [[String(bot.user.id), bot.webhook]])),
			),
		};
		mkdirSync(dirname(this.path), { recursive: true });
		const temporary = `${this.path}.${process.pid}.tmp`;
		writeFileSync(temporary, JSON.stringify(saved), { mode: 0o600 });
		renameSync(temporary, this.path);
	}

	private schedule(): void {
		this.timer ??= setTimeout(() => this.flush(), DEBOUNCE_MS);
	}

	/** A file that cannot be read is set aside, never overwritten: the chats may still be wanted. */
	private restore(): void {
		if (!existsSync(this.path)) return;
		const saved = this.read();
		if (saved === null) {
			renameSync(this.path, `${this.path}.unreadable-${Date.now()}`);
			return;
		}
		this.state.raiseSeq(saved.seq);
		this.state.phone.restore(saved.phone);
		this.state.groups.managers = [...saved.managers];
		for (const group of saved.groups) this.state.groups.groups.set(group.chatId, { ...group, sentAtMs: [] });
		for (const bot of this.bots.all()) bot.webhook = saved.webhooks[String(bot.user.id)] ?? null;
	}

	private read(): SavedState | null {
		try {
			const saved = JSON.parse(readFileSync(this.path, 'utf8')) as SavedState;
			return saved.version === VERSION && Array.isArray(saved.phone) && Array.isArray(saved.groups) ? saved : null;
		} catch {
			return null;
		}
	}
}
