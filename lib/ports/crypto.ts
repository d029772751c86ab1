/** What `lib` needs from cryptography. The adapter is `lib/adapters/node-crypto.ts`. */
export interface Crypto {
	randomBytes(count: number): Buffer;
	hmacSha256(key: Buffer, data: string | Buffer): Buffer;
	/** SHA-256, lower-case hex. For content, not for secrets. */
	sha256Hex(data: string | Buffer): string;
	/**
	 * AES-256-GCM with a fresh random nonce. The result is version byte | nonce (12) | tag (16) | ciphertext.
	 * `aad` is not stored: decryption needs the same text, so a value moved to another place cannot be read there.
	 */
	encryptGcm(key: Buffer, plaintext: Buffer, aad: string): Buffer;
	/** Throws when key, `aad` or a single bit differ. */
	decryptGcm(key: Buffer, sealed: Buffer, aad: string): Buffer;
	/** Constant time for equal lengths; different lengths are unequal at once. */
	timingSafeEqual(a: Buffer, b: Buffer): boolean;
	/** A new UUID that grows with time (version 7), so that primary keys are inserted at the end of their index. */
	uuid(): string;
}
