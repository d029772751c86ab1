import {
	createCipheriv,
	createDecipheriv,
	createHash,
	createHmac,
	createSecretKey,
	type KeyObject,
	randomBytes,
	timingSafeEqual,
} from 'node:crypto';
import type { Crypto } from '../ports/crypto';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/** The port `Crypto` on Node's own OpenSSL. */
export class NodeCrypto implements Crypto {
	/** Node takes a key that is a buffer apart at each use, which costs more than a short text's encryption. */
	private readonly keyObjects = new WeakMap<Buffer, KeyObject>();

	randomBytes(count: number): Buffer {
		return randomBytes(count);
	}

	hmacSha256(key: Buffer, data: string | Buffer): Buffer {
		return createHmac('sha256', this.keyObject(key)).update(data).digest();
	}

	sha256Hex(data: string | Buffer): string {
		return createHash('sha256').update(data).digest('hex');
	}

	encryptGcm(key: Buffer, plaintext: Buffer, aad: string): Buffer {
		const nonce = randomBytes(NONCE_BYTES);
		const cipher = createCipheriv('aes-256-gcm', this.keyObject(key), nonce, { authTagLength: TAG_BYTES }).setAAD(
			Buffer.from(aad),
		);
		const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
		return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), ciphertext]);
	}

	decryptGcm(key: Buffer, sealed: Buffer, aad: string): Buffer {
		if (sealed.length < HEADER_BYTES || sealed[0] !== VERSION) throw new Error('unknown format of an encrypted value');
		const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
		const decipher = createDecipheriv('aes-256-gcm', this.keyObject(key), nonce, { authTagLength: TAG_BYTES })
			.setAAD(Buffer.from(aad))
			.setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEADER_BYTES));
		return Buffer.concat([decipher.update(sealed.subarray(HEADER_BYTES)), decipher.final()]);
	}

	timingSafeEqual(a: Buffer, b: Buffer): boolean {
		return a.length === b.length && timingSafeEqual(a, b);
	}

	uuid(): string {
		// RFC 9562, version 7: 48 bits of milliseconds, then random bits around version and variant.
		const bytes = randomBytes(16);
		bytes.writeUIntBE(Date.now(), 0, 6);
		bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
		bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
		const hex = bytes.toString('hex');
		return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
	}

	private keyObject(key: Buffer): KeyObject {
		let known = this.keyObjects.get(key);
		if (known === undefined) this.keyObjects.set(key, (known = createSecretKey(key)));
		return known;
	}
}
