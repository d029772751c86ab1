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
const FIRST_REPEAT_MS = 250;
const LONGEST_REPEAT_MS = 3_000;
const MS_PER_S = 1_000;

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

	constructor(
		private readonly doors: readonly Door[],
		private readonly messages: readonly PlannedMessage[],
	) {
		this.records = messages.map(() => ({ postedAt: null, acceptedAt: null, deliveries: 0, body: null }));
	}

	/** Resolves when every delivery got its 200, or `stop` was called. */
	async run(): Promise<void> {
		const startedMs = performance.now();
		await Promise.all(
			this.messages.flatMap((message, index) =>
				message.deliveriesAtMs.map(async (atMs) => {
					await this.pause(atMs - (performance.now() - startedMs));
					await this.insist(message, index);
				}),
			),
		);
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
			await this.pause(Math.min(repeatMs, LONGEST_REPEAT_MS));
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
			return response.status === 200;
		} catch {
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
