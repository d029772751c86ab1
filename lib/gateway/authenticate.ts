import type { Crypto } from '../ports/crypto';
import type { AuthScheme } from '../tenant/channel-settings';
import type { SecretName } from '../tenant/client-settings';
import { isStandardWebhookRight } from './standard-webhooks';

/** Longest value a request may present; longer ones are refused without comparing. */
const MAX_PRESENTED_CHARS = 512;
const SHA256_HEADER = /^sha256=([0-9a-f]{64})$/i;

/** The headers that the schemes read, in lower case. */
export const AUTH_HEADERS = [
	'x-webhook-secret',
	'x-telegram-bot-api-secret-token',
	'x-hub-signature-256',
	'webhook-id',
	'webhook-timestamp',
	'webhook-signature',
] as const;

/** What a request shows for itself. */
export interface Presented {
	/** Lower-case names. */
	readonly headers: Readonly<Record<string, string | undefined>>;
	readonly querySecret: string | null;
}

/**
 * How a scheme checks a request. `before` needs no body, so that a stranger's body is not even read; `signed` is asked
 * with the raw bytes, before anything parses them. `claims` is a cheap look whether there is a signature at all.
 */
export type SchemeCheck =
	| { readonly kind: 'before'; readonly isRight: (crypto: Crypto, given: Presented, secrets: Secrets) => boolean }
	| {
			readonly kind: 'signed';
			readonly claims: (given: Presented) => boolean;
			readonly isRight: (crypto: Crypto, given: Presented, secrets: Secrets, body: Buffer, now: Date) => boolean;
	  };

/** The client's secrets for a scheme, the current one and, while it is being changed, the previous one. */
export type Secrets = readonly string[];

/** Names in `client_secrets` that open a door with this scheme. Both are valid at once, for a change without a gap. */
export const SECRETS_OF_SCHEME: Readonly<Record<AuthScheme, readonly SecretName[]>> = {
	secret: ['webhook_secret', 'webhook_secret_previous'],
	telegram_token: ['telegram_webhook_secret', 'telegram_webhook_secret_previous'],
	meta_signature: ['meta_app_secret', 'meta_app_secret_previous'],
	standard_webhooks: ['standard_webhooks_secret', 'standard_webhooks_secret_previous'],
};

/** The schemes by name. Every one fails closed: without a usable secret nothing is right. */
export const SCHEMES: Readonly<Record<AuthScheme, SchemeCheck>> = {
	secret: {
		kind: 'before',
		isRight: (crypto, { headers, querySecret }, secrets) =>
			isSecretRight(crypto, headers['x-webhook-secret'] ?? querySecret, secrets),
	},
	telegram_token: {
		kind: 'before',
		isRight: (crypto, { headers }, secrets) =>
			isSecretRight(crypto, headers['x-telegram-bot-api-secret-token'] ?? null, secrets),
	},
	meta_signature: {
		kind: 'signed',
		claims: ({ headers }) => SHA256_HEADER.test(headers['x-hub-signature-256'] ?? ''),
		isRight: (crypto, { headers }, secrets, body) =>
			isMetaSignatureRight(crypto, headers['x-hub-signature-256'] ?? '', secrets, body),
	},
	standard_webhooks: {
		kind: 'signed',
		claims: ({ headers }) => headers['webhook-signature'] !== undefined,
		isRight: (crypto, { headers }, secrets, body, now) =>
			isStandardWebhookRight(
				crypto,
				{
					id: headers['webhook-id'] ?? '',
					timestamp: headers['webhook-timestamp'] ?? '',
					signatures: headers['webhook-signature'] ?? '',
				},
				secrets,
				body,
				now,
			),
	},
};

/**
 * Compares the secret a request carries with the stored ones, in constant time and whatever their lengths.
 *
 * Both sides are hashed first, so that neither the length nor the position of a difference shows in the time, and every
 * stored secret is compared, so that it does not show which one was right.
 */
export function isSecretRight(crypto: Crypto, given: string | null, stored: Secrets): boolean {
	const presented = given === null || given.length > MAX_PRESENTED_CHARS ? '' : given;
	const key = crypto.randomBytes(32);
	const hashed = crypto.hmacSha256(key, presented);
	const matches = usable(stored).filter((secret) => crypto.timingSafeEqual(hashed, crypto.hmacSha256(key, secret)));
	return matches.length > 0 && presented !== '';
}

/**
 * Checks `X-Hub-Signature-256: sha256=<hex HMAC of the raw body with the app secret>`.
 * Source: Meta, Webhooks > Validating payloads (developers.facebook.com, checked November 2026).
 */
function isMetaSignatureRight(crypto: Crypto, header: string, secrets: Secrets, body: Buffer): boolean {
	const hex = SHA256_HEADER.exec(header)?.[1];
	if (hex === undefined) return false;
	const given = Buffer.from(hex, 'hex');
	const matches = usable(secrets).filter((secret) =>
		crypto.timingSafeEqual(given, crypto.hmacSha256(Buffer.from(secret, 'utf8'), body)),
	);
	return matches.length > 0;
}

function usable(secrets: Secrets): Secrets {
	return secrets.filter((secret) => secret !== '');
}
