/** How long a refusal takes says nothing of a secret: each is compared in constant time, and all of them are. */
import nodeCrypto, { createHmac } from 'node:crypto';

import { NodeCrypto } from '../../../lib/adapters/node-crypto';
import { type Presented, SCHEMES } from '../../../lib/gateway/authenticate';

const NOW = new Date('2026-11-22T06:00:00Z');
const SECONDS = String(NOW.getTime() / 1000);
const BODY = Buffer.from('{"text":"Сәлем"}');
const RIGHT = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(24, 2).toString('base64')}`;
const hubSignature = createHmac('sha256', RIGHT).update(BODY).digest('hex');
const standardSignature = createHmac('sha256', Buffer.alloc(24, 1))
	.update(`m.${SECONDS}.`)
	.update(BODY)
	.digest('base64');

const HEADERS: ReadonlyArray<{ scheme: keyof typeof SCHEMES; headers: Presented['headers'] }> = [
	{ scheme: 'secret', headers: { 'x-webhook-secret': RIGHT } },
	{ scheme: 'telegram_token', headers: { 'x-telegram-bot-api-secret-token': RIGHT } },
	{ scheme: 'meta_signature', headers: { 'x-hub-signature-256': `sha256=${hubSignature}` } },
	{
		scheme: 'standard_webhooks',
		headers: { 'webhook-id': 'm', 'webhook-timestamp': SECONDS, 'webhook-signature': `v1,${standardSignature}` },
	},
];

/** Counts the comparisons, and can say no to all of them. */
class CountingCrypto extends NodeCrypto {
	count = 0;

	constructor(private readonly saysNo: boolean) {
		super();
	}

	override timingSafeEqual(a: Buffer, b: Buffer): boolean {
		this.count += 1;
		return super.timingSafeEqual(a, b) && !this.saysNo;
	}
}

function opens(crypto: CountingCrypto, scheme: keyof typeof SCHEMES, headers: Presented['headers']): boolean {
	return SCHEMES[scheme].isRight(crypto, { headers, querySecret: null }, [RIGHT, OTHER], BODY, NOW);
}

test.each(HEADERS)(
	'$scheme: only a comparison in constant time opens, and no secret is left out',
	({ scheme, headers }) => {
		const honest = new CountingCrypto(false);
		expect(opens(honest, scheme, headers)).toBe(true);
		expect(honest.count).toBe(2);
		expect(opens(new CountingCrypto(true), scheme, headers)).toBe(false);
	},
);

test("the comparison is Node's own, and unequal lengths are unequal", () => {
	const compare = jest.spyOn(nodeCrypto, 'timingSafeEqual');
	const crypto = new NodeCrypto();
	expect(crypto.timingSafeEqual(Buffer.from('ab'), Buffer.from('ab'))).toBe(true);
	expect(compare).toHaveBeenCalledTimes(1);
	expect(crypto.timingSafeEqual(Buffer.from('ab'), Buffer.from('abc'))).toBe(false);
	compare.mockRestore();
});
