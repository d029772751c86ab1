import { createHmac, randomBytes } from 'node:crypto';

import { NodeCrypto } from '../../../lib/adapters/node-crypto';
import { isStandardWebhookRight } from '../../../lib/gateway/standard-webhooks';

const crypto = new NodeCrypto();
const SECRET = `whsec_${randomBytes(24).toString('base64')}`;
const OTHER_SECRET = `whsec_${randomBytes(32).toString('base64')}`;
const SECONDS = 1_795_000_000;
const NOW = new Date(SECONDS * 1000);
const ID = 'msg_2b1';
const BODY = Buffer.from('{"text":"Сәлем","n":1}');

function sign(secret: string, id = ID, seconds: number | string = SECONDS, body = BODY): string {
	const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
	return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64')}`;
}

interface Given {
	readonly id?: string;
	readonly timestamp?: string;
	readonly signatures?: string;
	readonly secrets?: readonly string[];
	readonly body?: Buffer;
	readonly now?: Date;
}

function isRight(given: Given = {}): boolean {
	return isStandardWebhookRight(
		crypto,
		{
			id: given.id ?? ID,
			timestamp: given.timestamp ?? String(SECONDS),
			signatures: given.signatures ?? sign(SECRET),
		},
		given.secrets ?? [SECRET],
		given.body ?? BODY,
		given.now ?? NOW,
	);
}

test("the specification's own example is right", () => {
	const given = {
		id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
		timestamp: '1614265330',
		signatures: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
		secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
		body: Buffer.from('{"test": 2432232314}'),
		now: new Date(1_614_265_330_000),
	};
	expect(isRight(given)).toBe(true);
});

const later = (seconds: number) => new Date((SECONDS + seconds) * 1000);
const RIGHT: ReadonlyArray<{ name: string; given: Given }> = [
	{ name: 'one signature', given: {} },
	{
		name: 'the second of two signatures: the sender is changing its secret',
		given: { signatures: `${sign(OTHER_SECRET)} ${sign(SECRET)}` },
	},
	{ name: 'the second of two secrets: we are changing it', given: { secrets: [OTHER_SECRET, SECRET] } },
	{ name: 'a signature beside one of a version we do not know', given: { signatures: `v1a,AAAA ${sign(SECRET)}` } },
	{ name: 'a clock five minutes behind', given: { now: later(300) } },
	{ name: 'a clock five minutes ahead', given: { now: later(-300) } },
	{ name: 'a secret without its prefix', given: { secrets: [SECRET.replace('whsec_', '')] } },
	{ name: 'an empty body', given: { body: Buffer.alloc(0), signatures: sign(SECRET, ID, SECONDS, Buffer.alloc(0)) } },
];
test.each(RIGHT)('right: $name', ({ given }) => {
	expect(isRight(given)).toBe(true);
});

const WRONG: ReadonlyArray<{ name: string; given: Given }> = [
	{ name: 'a replay after five minutes and a second', given: { now: later(301) } },
	{ name: 'a delivery from more than five minutes ahead', given: { now: later(-301) } },
	{ name: 'another secret', given: { secrets: [OTHER_SECRET] } },
	{ name: 'no secret at all', given: { secrets: [] } },
	{ name: 'another id than was signed', given: { id: 'msg_other' } },
	{ name: 'another time than was signed', given: { timestamp: String(SECONDS + 1) } },
	{
		name: 'a time in milliseconds',
		given: { timestamp: `${SECONDS}000`, signatures: sign(SECRET, ID, `${SECONDS}000`) },
	},
	{ name: 'a time that is no number', given: { timestamp: '1e9', signatures: sign(SECRET, ID, '1e9') } },
	{ name: 'a body with one more byte', given: { body: Buffer.concat([BODY, Buffer.from(' ')]) } },
	{ name: 'the same JSON written anew', given: { body: Buffer.from('{"n":1,"text":"Сәлем"}') } },
	{ name: 'a signature of another version only', given: { signatures: sign(SECRET).replace('v1,', 'v1a,') } },
	{ name: 'a signature cut short', given: { signatures: sign(SECRET).slice(0, 20) } },
	{ name: 'no signature', given: { signatures: '' } },
	{ name: 'no id', given: { id: '' } },
	{
		name: 'a secret that is no base64, read as some bytes by Node',
		given: { secrets: ['whsec_!!!'], signatures: sign('whsec_') },
	},
	{ name: 'an empty secret', given: { secrets: ['whsec_'], signatures: sign('whsec_') } },
];
test.each(WRONG)('wrong: $name', ({ given }) => {
	expect(isRight(given)).toBe(false);
});

test('no single changed byte of the body passes', () => {
	for (let index = 0; index < BODY.length; index += 1) {
		const changed = Buffer.from(BODY);
		changed[index] = (changed[index] ?? 0) ^ 1;
		expect(isRight({ body: changed })).toBe(false);
	}
});
