import type { Crypto } from '../ports/crypto';

/** How far the sender's clock may be from ours, in both directions. */
export const STANDARD_WEBHOOKS_SKEW_MS = 5 * 60_000;
const SECRET_PREFIX = 'whsec_';
/** The specification asks for 24 to 64 random bytes; shorter keys than this could be guessed. */
const MIN_KEY_BYTES = 16;
const MAX_ID_CHARS = 256;
/** A sender that changes its secret signs twice; more than this is an attempt to make us work. */
const MAX_SIGNATURES = 8;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The three headers of a delivery; empty when absent. */
export interface StandardWebhookHeaders {
	readonly id: string;
	/** Seconds since 1970, digits only. */
	readonly timestamp: string;
	/** `v1,<base64>` once or several times, separated by spaces. */
	readonly signatures: string;
}

/**
 * Checks a delivery by the Standard Webhooks specification: HMAC-SHA256 of `id.timestamp.body` with any of the secrets
 * (`whsec_` and base64) equals any of the signatures, and the timestamp is at most five minutes from `now`.
 *
 * Written on `node:crypto`, not with the package `standardwebhooks`: that one hashes in JavaScript, and its clock
 * cannot be given. Source: standardwebhooks.com, version 1.0 of the specification (checked November 2026).
 *
 * @returns false also when no secret can be used: nothing is accepted without one
 */
export function isStandardWebhookRight(
	crypto: Crypto,
	headers: StandardWebhookHeaders,
	secrets: readonly string[],
	body: Buffer,
	now: Date,
): boolean {
	const { id, timestamp } = headers;
	if (id === '' || id.length > MAX_ID_CHARS || !/^\d{1,12}$/.test(timestamp)) return false;
	if (Math.abs(now.getTime() - Number(timestamp) * 1000) > STANDARD_WEBHOOKS_SKEW_MS) return false;
	const given = readSignatures(headers.signatures);
	const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`, 'utf8'), body]);
	const expected = secrets.flatMap((secret) => {
		const key = readKey(secret);
		return key === null ? [] : [crypto.hmacSha256(key, signed)];
	});
	const matches = expected.flatMap((own) => given.filter((signature) => crypto.timingSafeEqual(own, signature)));
	return matches.length > 0;
}

/** Signatures of version 1; those of other versions (`v1a` is asymmetric) are left out. */
function readSignatures(header: string): Buffer[] {
	return header
		.split(' ', MAX_SIGNATURES)
		.map((part) => /^v1,(.+)$/.exec(part)?.[1] ?? '')
		.filter((base64) => base64 !== '' && BASE64.test(base64))
		.map((base64) => Buffer.from(base64, 'base64'));
}

/** The key in a secret; null when it is no base64 or too short. Node itself would read any text as some bytes. */
function readKey(secret: string): Buffer | null {
	const base64 = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret;
	if (!BASE64.test(base64)) return null;
	const key = Buffer.from(base64, 'base64');
	return key.length < MIN_KEY_BYTES ? null : key;
}
