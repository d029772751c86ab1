/** The managers of a chaos run: they see their group, take over, write and give back as planned for each customer. */
import { setTimeout as sleep } from 'node:timers/promises';

import { phonesIn } from './customer-phone';
import type { GroupMessage } from './evidence';
import { type Repeated, repeatUntilStopped } from './repeat-until';
import type { SandboxControl, SandboxGroupMessage } from './sandbox-control';
import type { ManagerPlan } from './traffic-plan';

const POLL_MS = 300;
const TAKE = 'Взять';
const RESOLVE = 'Решено';
/** Every planned act on the chat of one customer, at most this often: their further handovers wait for people. */
const MOST_NOTICES = 3;

/** Word that a message on a phone was written by a manager. */
export const MANAGER_WORDS = 'Отвечает менеджер';

/** Something that a manager has done about a customer. */
export interface ManagerAct {
	readonly client: string;
	readonly phone: string;
	readonly kind: 'presses_take' | 'writes' | 'presses_resolve';
	readonly at: number;
}

/** Everybody in the managers' groups. */
export class Managers {
	readonly acts: ManagerAct[] = [];
	private readonly seen = new Map<string, GroupMessage>();
	private readonly noticesOf = new Map<string, number>();
	private readonly after = new Map<string, number>();
	private readonly busy = new Set<Promise<void>>();
	private readonly stopping = new AbortController();
	private polling: Repeated | null = null;

	/**
	 * @param clients slug and sandbox key of each business
	 * @param fromSeq what the groups held before is not part of this run
	 */
	constructor(
		private readonly control: SandboxControl,
		private readonly clients: ReadonlyArray<{ readonly slug: string; readonly key: string }>,
		private readonly plans: ReadonlyMap<string, ManagerPlan>,
		fromSeq: number,
	) {
		for (const { slug } of clients) this.after.set(slug, fromSeq);
	}

	start(): void {
		this.polling = repeatUntilStopped(POLL_MS, async () => {
			for (const client of this.clients) await this.look(client);
		});
	}

	/** They do nothing new from now on; what they have begun is finished. */
	async finish(): Promise<void> {
		this.stopping.abort();
		await Promise.all(this.busy);
	}

	/** Looks a last time. */
	async stop(): Promise<void> {
		await this.finish();
		await this.polling?.stop();
		for (const client of this.clients) await this.look(client).catch(() => undefined);
	}

	/** Every message of the groups, as last seen. */
	get group(): GroupMessage[] {
		return [...this.seen.values()];
	}

	private async look({ slug, key }: { readonly slug: string; readonly key: string }): Promise<void> {
		const { messages } = await this.control.groupMessages(key, this.after.get(slug) ?? 0);
		for (const message of messages) {
			this.after.set(slug, Math.max(this.after.get(slug) ?? 0, message.seq));
			if (!message.from.is_bot) continue;
			this.seen.set(`${slug} ${message.message_id}`, { client: slug, text: message.text });
			this.react(slug, key, message);
		}
	}

	private react(slug: string, key: string, message: SandboxGroupMessage): void {
		const phone = phonesIn(message.text).find((one) => this.plans.has(one));
		if (phone === undefined) return;
		const buttons = message.reply_markup?.inline_keyboard.flat() ?? [];
		if (!buttons.some(({ text }) => text === TAKE) || this.stopping.signal.aborted) return;
		const chat = `${slug} ${phone}`;
		const notices = (this.noticesOf.get(chat) ?? 0) + 1;
		this.noticesOf.set(chat, notices);
		const plan = this.plans.get(phone);
		if (plan === undefined || notices > MOST_NOTICES) return;
		const work = this.handle(slug, key, phone, message.message_id, plan)
			.catch(() => undefined)
			.finally(() => this.busy.delete(work));
		this.busy.add(work);
	}

	private async handle(slug: string, key: string, phone: string, messageId: number, plan: ManagerPlan): Promise<void> {
		const act = async (afterMs: number | null, kind: ManagerAct['kind'], work: () => Promise<void>): Promise<void> => {
			if (afterMs === null) return;
			// When the run ends a manager does at once what they meant to do.
			await sleep(afterMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
			this.note(slug, phone, kind);
			// The button may be gone by now.
			await work().catch(() => undefined);
		};
		await act(plan.takesAfterMs, 'presses_take', async () => await this.control.press(key, messageId, TAKE));
		await act(plan.writesAfterMs, 'writes', async () => {
			await this.control.answer(key, messageId, `${MANAGER_WORDS}: добрый день`);
		});
		await act(plan.resolvesAfterMs, 'presses_resolve', async () => await this.control.press(key, messageId, RESOLVE));
	}

	private note(client: string, phone: string, kind: ManagerAct['kind']): void {
		this.acts.push({ client, phone, kind, at: Date.now() });
	}
}
