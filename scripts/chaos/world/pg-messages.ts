/**
 * PostgreSQL's wire protocol, as much of it as it takes to know which statement passes and when it is answered.
 * Source: PostgreSQL documentation, "Frontend/Backend Protocol", version 3 (checked November 2026).
 */

/** One whole message as it travels. `type` is its letter; empty for a connection's first messages, which have none. */
export interface PgMessage {
	readonly type: string;
	readonly bytes: Buffer;
}

const LENGTH_BYTES = 4;
const TYPE_BYTES = 1;
/** Codes in place of a protocol version. */
const CANCEL_REQUEST = 80_877_102;
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
/** The server's answer to the two requests above: go on without encryption. */
export const NO_ENCRYPTION = Buffer.from('N');

/** Cuts a stream of bytes into messages, however the network has cut or joined them. */
export class PgMessageReader {
	private chunks: Buffer[] = [];
	private size = 0;
	private needed = 0;
	private startsUntyped: boolean;

	/** @param side `client`: what a client sends, whose first messages have no type; `server`: what a server sends */
	constructor(side: 'client' | 'server') {
		this.startsUntyped = side === 'client';
	}

	/**
	 * The messages that are complete now; the rest is kept until more comes.
	 * @throws RangeError when these bytes cannot be this protocol
	 */
	push(chunk: Buffer): PgMessage[] {
		this.chunks.push(chunk);
		this.size += chunk.length;
		// Joined only when something will come of it: a large message arrives in many chunks.
		if (this.size < this.needed) return [];
		const data = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
		const messages: PgMessage[] = [];
		let at = 0;
		for (;;) {
			const typeBytes = this.startsUntyped ? 0 : TYPE_BYTES;
			const headerBytes = typeBytes + LENGTH_BYTES;
			this.needed = headerBytes;
			if (data.length - at < headerBytes) break;
			const length = data.readInt32BE(at + typeBytes);
			if (length < LENGTH_BYTES) throw new RangeError('a message that is shorter than its own length field');
			this.needed = typeBytes + length;
			if (data.length - at < this.needed) break;
			const bytes = data.subarray(at, at + this.needed);
			at += this.needed;
			messages.push({ type: this.startsUntyped ? '' : String.fromCharCode(bytes[0] ?? 0), bytes });
			if (this.startsUntyped && !asksForEncryption(bytes)) this.startsUntyped = false;
		}
		this.chunks = at === data.length ? [] : [data.subarray(at)];
		this.size = data.length - at;
		return messages;
	}
}

function requestCode(bytes: Buffer): number {
	return bytes.length < 2 * LENGTH_BYTES ? 0 : bytes.readInt32BE(LENGTH_BYTES);
}

/** True for the requests for TLS or GSSAPI, after which the client begins anew. */
export function asksForEncryption(bytes: Buffer): boolean {
	return [SSL_REQUEST, GSS_REQUEST].includes(requestCode(bytes));
}

/** True for a connection that only cancels a statement of another one. */
export function isCancelRequest(message: PgMessage): boolean {
	return message.type === '' && requestCode(message.bytes) === CANCEL_REQUEST;
}

/** The texts at the beginning of a message, each ended by a zero byte. */
export function readTexts(message: PgMessage, count: number): string[] {
	const texts: string[] = [];
	let at = TYPE_BYTES + LENGTH_BYTES;
	while (texts.length < count) {
		const end = message.bytes.indexOf(0, at);
		if (end === -1) throw new RangeError('a text without an end');
		texts.push(message.bytes.toString('utf8', at, end));
		at = end + 1;
	}
	return texts;
}
