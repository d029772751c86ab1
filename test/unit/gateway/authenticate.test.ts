import { createHmac } from 'node:crypto';
import fc from 'fast-check';

import { NodeCrypto } from '../../../lib/adapters/node-crypto';
import { isSecretRight, type Presented, SCHEMES } from '../../../lib/gateway/authenticate';

const crypto = new NodeCrypto();
const NOW = new Date('2026-11-21T06:00:00Z');
const APP_SECRET = '0123456789abcdef0123456789abcdef';
const BODY = Buffer.from('{"object":"whatsapp_business_account","entry":[{"id":"1","name":"Айнұр 💅"}]}');

const hub = (hex: string): Presented => ({ headers: { 'x-hub-signature-256': hex }, querySecret: null });
const hmac = (body: Buffer, secret = APP_SECRET) => createHmac('sha256', secret).update(body).digest('hex');

function isMetaRight(given: Presented, body = BODY, secrets: readonly string[] = [APP_SECRET]): boolean {
	const scheme = SCHEMES.meta_signature;
	return scheme.kind === 'signed' && scheme.claims(given) && scheme.isRight(crypto, given, secrets, body, NOW);
}

describe("Meta's signature", () => {
	test('is right over the bytes as they came', () => {
		expect(isMetaRight(hub(`sha256=${hmac(BODY)}`))).toBe(true);
	});

	test('is right in capitals', () => {
		expect(isMetaRight(hub(`sha256=${hmac(BODY).toUpperCase()}`))).toBe(true);
	});

	test('is right with the old and with the new app secret while it is being changed', () => {
		for (const secret of [APP_SECRET, 'the-next-one']) {
			expect(isMetaRight(hub(`sha256=${hmac(BODY, secret)}`), BODY, ['the-next-one', APP_SECRET])).toBe(true);
		}
	});

	const WRONG: ReadonlyArray<{ name: string; header: string; secrets?: readonly string[] }> = [
		{ name: 'of another secret', header: `sha256=${hmac(BODY, 'guess')}` },
		{ name: 'without its prefix', header: hmac(BODY) },
		{ name: 'of another algorithm', header: `sha1=${hmac(BODY).slice(0, 40)}` },
		{ name: 'cut short', header: `sha256=${hmac(BODY).slice(0, 62)}` },
		{ name: 'with something behind it', header: `sha256=${hmac(BODY)}00` },
		{ name: 'that is empty', header: '' },
		{ name: 'when the client has no app secret', header: `sha256=${hmac(BODY, '')}`, secrets: [] },
		{ name: 'made with an empty app secret', header: `sha256=${hmac(BODY, '')}`, secrets: [''] },
	];
	test.each(WRONG)('is wrong: one $name', ({ header, secrets }) => {
		expect(isMetaRight(hub(header), BODY, secrets)).toBe(false);
	});

	test('is wrong for a body with any one byte changed', () => {
		const given = hub(`sha256=${hmac(BODY)}`);
		for (let index = 0; index < BODY.length; index += 1) {
			const changed = Buffer.from(BODY);
			changed[index] = (changed[index] ?? 0) ^ 0x20;
			expect(isMetaRight(given, changed)).toBe(false);
		}
	});
});

describe('a shared secret', () => {
	test('opens only when it is exactly one of those stored', () => {
		fc.assert(
			fc.property(fc.string(), fc.array(fc.string()), (given, stored) => {
				expect(isSecretRight(crypto, given, stored)).toBe(given !== '' && stored.includes(given));
			}),
		);
	});

	test('opens with the previous one too, while it is being changed', () => {
		expect(isSecretRight(crypto, 'old', ['new', 'old'])).toBe(true);
	});

	const CLOSED: ReadonlyArray<{ name: string; given: string | null; stored: readonly string[] }> = [
		{ name: 'nothing is stored', given: 'x', stored: [] },
		{ name: 'an empty one is stored', given: '', stored: [''] },
		{ name: 'nothing is given', given: null, stored: ['x'] },
		{ name: 'a longer one is given than we compare', given: 'x'.repeat(513), stored: ['x'.repeat(513)] },
	];
	test.each(CLOSED)('opens nothing when $name', ({ given, stored }) => {
		expect(isSecretRight(crypto, given, stored)).toBe(false);
	});

	test('in the header counts before the one in the address', () => {
		const scheme = SCHEMES.secret;
		const given: Presented = { headers: { 'x-webhook-secret': 'wrong' }, querySecret: 'right' };
		expect(scheme.kind === 'before' && scheme.isRight(crypto, given, ['right'])).toBe(false);
	});
});
