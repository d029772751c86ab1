/**
 * Keys of clients: one random data key per client, stored wrapped by the installation's master key.
 *
 * Everything a client encrypts or hashes uses keys derived from its own data key, so equal phones of two clients have
 * different hashes, and erasing one wrapped key makes that client's values unreadable.
 */
import { TrufflesError } from '../errors';
import type { Crypto } from '../ports/crypto';

const KEY_BYTES = 32;
/** Unwrapped keys kept in memory; far more than the clients of one installation, bounded all the same. */
const MAX_CACHED_KEYS = 2_000;

/**
 * Reads the master key from its base64 text.
 *
 * @throws TRF_MASTER_KEY_INVALID unless it is exactly 32 bytes; the text is not in the message.
 */
export function parseMasterKey(base64: string): Buffer {
	const key = Buffer.from(base64, 'base64');
	if (key.length !== KEY_BYTES) throw new TrufflesError('TRF_MASTER_KEY_INVALID');
	return key;
}

/** The working key of one client. */
export class ClientKey {
	private readonly encryptionKey: Buffer;
	private readonly lookupKey: Buffer;

	constructor(
		private readonly crypto: Crypto,
		readonly clientId: string,
		dataKey: Buffer,
	) {
		this.encryptionKey = this.derive(dataKey, 'truffles/encrypt/1');
		this.lookupKey = this.derive(dataKey, 'truffles/lookup/1');
	}

	/** Hash by which a user is found again, hex. The same address on two channels gives two hashes. */
	addressHash(channel: string, address: string): string {
		return this.crypto.hmacSha256(this.lookupKey, `${channel}\n${address}`).toString('hex');
	}

	/** `aad` names the place the value is for, for example `users.address`; it must be given again to decrypt. */
	encrypt(text: string, aad: string): Buffer {
		return this.crypto.encryptGcm(this.encryptionKey, Buffer.from(text, 'utf8'), this.boundTo(aad));
	}

	/** @throws TRF_SECRET_UNREADABLE for a value of another client, place or master key, or a changed one. */
	decrypt(sealed: Buffer, aad: string): string {
		return readable(() => this.crypto.decryptGcm(this.encryptionKey, sealed, this.boundTo(aad))).toString('utf8');
	}

	private boundTo(aad: string): string {
		return `${this.clientId}\n${aad}`;
	}

	/** HKDF-Expand for one block (RFC 5869); the data key is uniformly random, so Extract is not needed. */
	private derive(dataKey: Buffer, info: string): Buffer {
		return this.crypto.hmacSha256(dataKey, Buffer.concat([Buffer.from(info), Buffer.from([1])]));
	}
}

/** Makes and opens data keys with the master key. */
export class ClientKeyring {
	private readonly cache = new Map<string, ClientKey>();

	/** @throws TRF_MASTER_KEY_INVALID unless the master key has 32 bytes. */
	constructor(
		private readonly crypto: Crypto,
		private readonly masterKey: Buffer,
	) {
		if (masterKey.length !== KEY_BYTES) throw new TrufflesError('TRF_MASTER_KEY_INVALID');
	}

	/** A new data key, wrapped for `clients.data_key_wrapped`. */
	createDataKey(clientId: string): { wrapped: Buffer } {
		return { wrapped: this.crypto.encryptGcm(this.masterKey, this.crypto.randomBytes(KEY_BYTES), wrapAad(clientId)) };
	}

	/** @throws TRF_SECRET_UNREADABLE when the master key or the client is another one than at wrapping. */
	unwrap(clientId: string, wrapped: Buffer): ClientKey {
		const cacheKey = `${clientId}:${wrapped.toString('base64')}`;
		const cached = this.cache.get(cacheKey);
		if (cached) return cached;
		const dataKey = readable(() => this.crypto.decryptGcm(this.masterKey, wrapped, wrapAad(clientId)));
		const key = new ClientKey(this.crypto, clientId, dataKey);
		const oldest = this.cache.keys().next().value;
		if (this.cache.size >= MAX_CACHED_KEYS && oldest !== undefined) this.cache.delete(oldest);
		this.cache.set(cacheKey, key);
		return key;
	}
}

function wrapAad(clientId: string): string {
	return `data-key\n${clientId}`;
}

function readable(decrypt: () => Buffer): Buffer {
	try {
		return decrypt();
	} catch (error) {
		throw new TrufflesError('TRF_SECRET_UNREADABLE', {}, error);
	}
}
