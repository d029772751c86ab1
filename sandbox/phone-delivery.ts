/** The phone: writes as the customer, posts ChatFlow's webhook to the gateway, receives what the business sends. */
import { randomBytes } from 'node:crypto';
import type { SandboxClientOptions } from './options';
import type { PhoneMedia, PhoneMessage } from './phone-store';
import type { SandboxState } from './state';

export interface MediaInput {
	readonly type: PhoneMedia['type'];
	readonly mimetype: string;
	readonly fileName: string;
	readonly base64: string;
	readonly caption?: string;
	readonly spoken?: string;
}

export interface SendAsCustomer {
	/** Digits only. */
	readonly phone: string;
	readonly displayName: string;
	readonly texts: readonly string[];
	readonly media: MediaInput | null;
	/** The same delivery this many times at once. */
	readonly repeat: number;
	/** Deliver a burst in another order than it was written. */
	readonly shuffle: boolean;
	/** Pause between the messages of a burst. */
	readonly gapMs: number;
	/** `flat` = `{jid, msg, ...}`, as some ChatFlow accounts post. */
	readonly variant: 'nested' | 'flat';
	/** The business's own phone wrote (`fromMe`); our guess of ChatFlow's echo. */
	readonly fromMe: boolean;
	/** Instead of the client's own secret; null sends none. */
	readonly secret: string | null | undefined;
	/** Use this id again instead of a new one (a late repetition). */
	readonly messageId: string | undefined;
	/** How often a delivery that got no 2xx is repeated, as a sender that retries would. */
	readonly retries: number;
}

export interface Delivery {
	/** Null when the gateway did not answer. */
	readonly status: number | null;
	/** JSON when it was JSON, else the text. */
	readonly body: unknown;
	readonly latencyMs: number;
	/** For example `retry-after`. */
	readonly headers: Readonly<Record<string, string>>;
}

export interface SentMessage {
	readonly id: string;
	readonly text: string;
	readonly deliveries: readonly Delivery[];
}

const DELIVERY_TIMEOUT_MS = 20_000;
const RETRY_PAUSE_MS = 500;
const MAX_ANSWER_CHARS = 4_000;
const MAX_MEDIA_BYTES_KEPT = 20 * 1024 * 1024;

interface MediaFile {
	readonly mimetype: string;
	readonly bytes: Buffer;
}

/** All phones of the sandbox. */
export class PhoneDelivery {
	private readonly files = new Map<string, MediaFile>();
	private readonly stopping = new AbortController();

	/** @param baseUrl address of the sandbox, for media links; known once it listens */
	constructor(
		private readonly state: SandboxState,
		private readonly baseUrl: () => string,
	) {}

	/** A message of the business reaches the phone. */
	receive(client: SandboxClientOptions, phone: string, text: string, msgId: string | null): PhoneMessage {
		return this.state.phone.add({
			id: newMessageId(),
			client: client.key,
			phone,
			author: 'business',
			text,
			media: null,
			at: new Date().toISOString(),
			status: 'received',
			gatewayStatus: null,
			msgId,
		});
	}

	/** Writes as the customer and waits for the gateway's answers. Never throws for what the gateway does. */
	async send(client: SandboxClientOptions, input: SendAsCustomer): Promise<SentMessage[]> {
		const written = input.texts.map((text) => this.write(client, input, text));
		const order = input.shuffle ? shuffled(written) : written;
		const deliveries = new Map<string, Delivery[]>();
		for (const [index, { id, body }] of order.entries()) {
			if (index > 0 && input.gapMs > 0) await new Promise((resolve) => setTimeout(resolve, input.gapMs));
			const secret = input.secret === undefined ? client.gateway.secret : input.secret;
			const answers = await Promise.all(
				Array.from({ length: input.repeat }, () => this.post(client.gateway.url, secret, body, input.retries)),
			);
			deliveries.set(id, answers);
			const best = answers.find((answer) => isSuccess(answer)) ?? answers[0];
			const status = best?.status ?? null;
			this.state.phone.setStatus(
				id,
				status === null ? 'unreachable' : isSuccess(best) ? 'accepted' : 'refused',
				status,
			);
		}
		return written.map(({ id, text }) => ({ id, text, deliveries: deliveries.get(id) ?? [] }));
	}

	/** Posts any bytes to the client's webhook: broken JSON, too large bodies. */
	sendRaw(client: SandboxClientOptions, body: string, secret: string | null | undefined): Promise<Delivery> {
		return this.post(client.gateway.url, secret === undefined ? client.gateway.secret : secret, body, 0);
	}

	media(id: string): MediaFile | undefined {
		return this.files.get(id);
	}

	clearMedia(): void {
		this.files.clear();
	}

	stop(): void {
		this.stopping.abort();
	}

	private write(
		client: SandboxClientOptions,
		input: SendAsCustomer,
		text: string,
	): { id: string; text: string; body: string } {
		const id = input.messageId ?? newMessageId();
		const media = input.media === null ? null : this.keep(input.media);
		const at = new Date();
		if (this.state.phone.list().every((message) => message.id !== id)) {
			this.state.phone.add({
				id,
				client: client.key,
				phone: input.phone,
				author: input.fromMe ? 'owner' : 'customer',
				text,
				media,
				at: at.toISOString(),
				status: 'sending',
				gatewayStatus: null,
				msgId: null,
			});
		}
		return { id, text, body: JSON.stringify(this.body(input, id, text, at, media)) };
	}

	private body(
		input: SendAsCustomer,
		id: string,
		text: string,
		at: Date,
		media: PhoneMedia | null,
	): Record<string, unknown> {
		const jid = `${input.phone}@s.whatsapp.net`;
		const timestamp = Math.floor(at.getTime() / 1_000);
		if (input.variant === 'flat') return { jid, msg: text, messageId: id, timestamp, pushName: input.displayName };
		return {
			messageType: media === null ? 'text' : media.type,
			message: text,
			metadata: {
				sender: input.displayName,
				timestamp,
				messageId: id,
				remoteJid: jid,
				...(input.fromMe ? { fromMe: true } : {}),
			},
			mediaData:
				media === null
					? null
					: {
							type: media.type,
							url: `${this.baseUrl()}${media.path}`,
							base64: input.media?.base64 ?? null,
							mimetype: media.mimetype,
							fileName: media.fileName,
							size: media.sizeBytes,
							caption: media.caption,
						},
			nodeData: {},
		};
	}

	private keep(media: MediaInput): PhoneMedia {
		const bytes = Buffer.from(media.base64, 'base64');
		const id = randomBytes(8).toString('hex');
		this.files.set(id, { mimetype: media.mimetype, bytes });
		let total = [...this.files.values()].reduce((sum, file) => sum + file.bytes.length, 0);
		for (const [oldId, file] of this.files) {
			if (total <= MAX_MEDIA_BYTES_KEPT || oldId === id) break;
			this.files.delete(oldId);
			total -= file.bytes.length;
		}
		return {
			type: media.type,
			mimetype: media.mimetype,
			fileName: media.fileName,
			sizeBytes: bytes.length,
			path: `/chatflow/media/${id}/${encodeURIComponent(media.fileName)}`,
			caption: media.caption ?? null,
			...(media.spoken === undefined ? {} : { spoken: media.spoken }),
		};
	}

	private async post(url: string, secret: string | null, body: string, retries: number): Promise<Delivery> {
		const answer = await this.postOnce(url, secret, body);
		if (isSuccess(answer) || retries <= 0 || this.stopping.signal.aborted) return answer;
		await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS));
		return this.post(url, secret, body, retries - 1);
	}

	private async postOnce(url: string, secret: string | null, body: string): Promise<Delivery> {
		const startedAt = performance.now();
		const latencyMs = () => Math.round(performance.now() - startedAt);
		try {
			const response = await fetch(url, {
				method: 'POST',
				headers: { 'content-type': 'application/json', ...(secret === null ? {} : { 'x-webhook-secret': secret }) },
				body,
				redirect: 'manual',
				signal: AbortSignal.any([AbortSignal.timeout(DELIVERY_TIMEOUT_MS), this.stopping.signal]),
			});
			const text = (await response.text()).slice(0, MAX_ANSWER_CHARS);
			return {
				status: response.status,
				body: parsed(text),
				latencyMs: latencyMs(),
				headers: Object.fromEntries(response.headers),
			};
		} catch {
			return { status: null, body: null, latencyMs: latencyMs(), headers: {} };
		}
	}
}

function isSuccess(delivery: Delivery | undefined): boolean {
	return delivery?.status !== undefined && delivery.status !== null && delivery.status >= 200 && delivery.status < 300;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return text;
	}
}

/** 20 hexadecimal capitals, the form of ChatFlow's `messageId`. */
function newMessageId(): string {
	return randomBytes(10).toString('hex').toUpperCase();
}

function shuffled<T>(items: readonly T[]): T[] {
	const copy = [...items];
	for (let index = copy.length - 1; index > 0; index -= 1) {
		const other = randomBytes(4).readUInt32LE() % (index + 1);
		[copy[index], copy[other]] = [copy[other] as T, copy[index] as T];
	}
	return copy;
}
