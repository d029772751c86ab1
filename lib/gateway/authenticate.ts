import type { Crypto } from '../ports/crypto';

/** Longest secret a request may carry; longer ones are refused without comparing. */
const MAX_SECRET_CHARS = 512;

/**
 * Compares the secret a request carries with the stored one, in constant time and whatever their lengths.
 * Fails closed: without a stored secret nothing is accepted.
 *
 * Both sides are hashed first, so that neither the length nor the position of a difference shows in the time.
 */
export function isSecretRight(crypto: Crypto, given: string | null, stored: string | null): boolean {
	if (stored === null || stored === '') return false;
	const presented = given === null || given.length > MAX_SECRET_CHARS ? '' : given;
	const key = crypto.randomBytes(32);
	const matches = crypto.timingSafeEqual(crypto.hmacSha256(key, presented), crypto.hmacSha256(key, stored));
	return matches && presented !== '';
}
