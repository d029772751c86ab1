/** Delivers the planned messages as a channel does: the same bytes again until there is a 200. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { WrittenMessage } from './evidence';
import type { PlannedMessage } from './traffic-plan';

/** Where a client's messages go. */
export interface Door {
	readonly slug: string;
	readonly gatewayUrl: string;
	readonly webhookSecret: string;
}

const ANSWER_TIMEOUT_MS = 10_000;
const FIRST_REPEAT_MS = 400;
/** A channel waits longer and longer; all of them at once every moment would keep n8n from starting. */
const LONGEST_REPEAT_MS = 15_000;
const MS_PER_S = 1_000;
const TICK_MS = 20;
const LONGEST_SILENCE_MS = 10_000;
/** All stops of the clock together: a run's first round of faults on a slow machine, not every round of a long run. */
const LONGEST_HELD_MS = 400_000;

/** A delivery under way; `acceptedAt` is the first 200 of any copy. */
interface Record {
	postedAt: number | null;
	acceptedAt: number | null;
	deliveries: number;
	body: string | null;
}

/** Sends and remembers what was answered. */
export class Traffic {
	private readonly records: Record[];
	private readonly stopping = new AbortController();
	/** Since when no delivery was accepted; null when the last one was. */
	private silentSinceMs: number | null = null;
	/** Resolves when every planned copy was sent once, or `stop` was called: what is left are repeats. */
	readonly begun: Promise<void>;
	private onBegun: () => void = () => undefined;

	constructor(
		private readonly doors: readonly Door[],
		private readonly messages: readonly PlannedMessage[],
	) {
		this.records = messages.map(() => ({ postedAt: null, acceptedAt: null, deliveries: 0, body: null }));
		this.begun = new Promise((resolve) => (this.onBegun = resolve));
	}

	/**
	 * Resolves when every delivery got its 200, or `stop` was called. Customers go on writing while nobody answers, but not
	 * for longer than `LONGEST_SILENCE_MS`: on a slow machine the stream would be over before the faults are. All such waiting
	 * together is at most `LONGEST_HELD_MS`.
	 */
	async run(): Promise<void> {
		const deliveries = this.messages
			.flatMap((message, index) => message.deliveriesAtMs.map((atMs) => ({ message, index, atMs })))
			.sort((a, b) => a.atMs - b.atMs);
		const underWay: Array<Promise<void>> = [];
		let clockMs = 0;
		let heldMs = 0;
		let tickedMs = performance.now();
		while (underWay.length < deliveries.length && !this.stopping.signal.aborted) {
			const nowMs = performance.now();
			const isSilent = this.silentSinceMs !== null && nowMs - this.silentSinceMs > LONGEST_SILENCE_MS;
			if (isSilent && heldMs < LONGEST_HELD_MS) heldMs += nowMs - tickedMs;
			else clockMs += nowMs - tickedMs;
			tickedMs = nowMs;
			for (let next = deliveries[underWay.length]; next !== undefined && next.atMs <= clockMs;) {
				underWay.push(this.insist(next.message, next.index));
				next = deliveries[underWay.length];
			}
			await this.pause(TICK_MS);
		}
		this.onBegun();
		await Promise.all(underWay);
	}

	/** Gives up what has no 200 yet. */
	stop(): void {
		this.stopping.abort();
	}

	/** Messages that were sent and have no 200 yet. */
	get waiting(): number {
		return this.records.filter(({ postedAt, acceptedAt }) => postedAt !== null && acceptedAt === null).length;
	}

	get accepted(): number {
		return this.records.filter(({ acceptedAt }) => acceptedAt !== null).length;
	}

	/** What was written so far. */
	get written(): WrittenMessage[] {
		return this.messages.flatMap((message, index) => {
			const { postedAt, acceptedAt, deliveries } = this.records[index] as Record;
			if (postedAt === null) return [];
			const { id, phone, author, question } = message;
			return [{ id, client: this.doorOf(message).slug, phone, author, question, postedAt, acceptedAt, deliveries }];
		});
	}

	private doorOf(message: PlannedMessage): Door {
		return this.doors[message.client] as Door;
	}

	private async insist(message: PlannedMessage, index: number): Promise<void> {
		const record = this.records[index] as Record;
		for (let repeatMs = FIRST_REPEAT_MS; !this.stopping.signal.aborted; repeatMs *= 2) {
			record.postedAt ??= Date.now();
			record.body ??= bodyOf(message, record.postedAt);
			record.deliveries += 1;
			if (await this.post(this.doorOf(message), record.body)) {
				record.acceptedAt ??= Date.now();
				return;
			}
			await this.pause(Math.min(repeatMs, LONGEST_REPEAT_MS) * spread(index + record.deliveries));
		}
	}

	/** @returns whether the answer was 200 */
	private async post(door: Door, body: string): Promise<boolean> {
		try {
			const response = await fetch(door.gatewayUrl, {
				method: 'POST',
				headers: { 'content-type': 'application/json', 'x-webhook-secret': door.webhookSecret },
				body,
				signal: AbortSignal.any([this.stopping.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
			});
			// The status is the answer, also when the rest of it is lost.
			await response.arrayBuffer().catch(() => undefined);
			const isAccepted = response.status === 200;
			if (isAccepted) this.silentSinceMs = null;
			else this.silentSinceMs ??= performance.now();
			return isAccepted;
		} catch {
			this.silentSinceMs ??= performance.now();
			return false;
		}
	}

	private async pause(ms: number): Promise<void> {
		if (ms > 0) await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
	}
}

/** ChatFlow's webhook body; every copy of a delivery has the same bytes. */
function bodyOf({ id, phone, author, question }: PlannedMessage, writtenAt: number): string {
	return JSON.stringify({
		messageType: 'text',
		message: question.text,
		metadata: {
			sender: phone,
			timestamp: Math.floor(writtenAt / MS_PER_S),
			messageId: id,
			remoteJid: `${phone}@s.whatsapp.net`,
			pushName: 'Гость',
			...(author === 'owner' ? { fromMe: true } : {}),
		},
		mediaData: null,
		nodeData: {},
	});
}

/** Between 0.7 and 1.3, so that what failed together does not come back together. */
function spread(number: number): number {
	return 0.7 + ((number * 7) % 13) / 20;
}
