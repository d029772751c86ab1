import { TrufflesError } from '../../../lib/errors';
import {
	decideAfterCrash,
	decideAfterSend,
	decideWithoutSender,
	MAX_SEND_ATTEMPTS,
	type SendDecision,
} from '../../../lib/outbox/send-decision';
import type { SendResult } from '../../../lib/ports/channel-sender';

const refused = (code: string, retryable: boolean, retryAfterMs: number | null = null): SendResult => ({
	kind: 'refused',
	code,
	retryable,
	retryAfterMs,
});

const CASES: ReadonlyArray<{
	name: string;
	result: SendResult;
	attempts: number;
	expected: SendDecision;
	why?: string;
}> = [
	{ name: 'sent', result: { kind: 'sent', providerMessageId: null }, attempts: 1, expected: { kind: 'sent' } },
	{
		name: 'a time-out is never repeated',
		result: { kind: 'unreachable', code: 'timeout' },
		attempts: 1,
		expected: { kind: 'unknown', code: 'timeout' },
		why: 'the message may have been sent; a second copy breaks the promise "once"',
	},
	{
		name: 'a connection that broke off before the answer is never repeated',
		result: { kind: 'unreachable', code: 'interrupted' },
		attempts: 1,
		expected: { kind: 'unknown', code: 'interrupted' },
		why: 'the channel may have read the request before it dropped the connection',
	},
	{
		name: 'no connection is repeated after 2 s',
		result: { kind: 'unreachable', code: 'connection' },
		attempts: 1,
		expected: { kind: 'repeat', delayMs: 2_000, code: 'connection' },
	},
	{
		name: 'the wait doubles',
		result: { kind: 'unreachable', code: 'connection' },
		attempts: 4,
		expected: { kind: 'repeat', delayMs: 16_000, code: 'connection' },
	},
	{
		name: 'Retry-After is honoured',
		result: refused('http_429', true, 30_000),
		attempts: 1,
		expected: { kind: 'repeat', delayMs: 30_000, code: 'http_429' },
	},
	{
		name: 'Retry-After of zero does not make a busy loop',
		result: refused('http_429', true, 0),
		attempts: 1,
		expected: { kind: 'repeat', delayMs: 1_000, code: 'http_429' },
	},
	{
		name: 'a refusal for good ends it',
		result: refused('http_400', false),
		attempts: 1,
		expected: { kind: 'failed', code: 'http_400' },
	},
	{
		name: 'the last attempt ends it',
		result: refused('http_503', true),
		attempts: MAX_SEND_ATTEMPTS,
		expected: { kind: 'failed', code: 'http_503' },
	},
];
test.each(CASES)('$name', ({ result, attempts, expected }) => {
	expect(decideAfterSend(result, attempts, 'prefer-once')).toEqual(expected);
});

describe('a client that prefers delivery', () => {
	const timeout: SendResult = { kind: 'unreachable', code: 'timeout' };
	test('gets a message that timed out sent again', () => {
		expect(decideAfterSend(timeout, 1, 'prefer-delivery')).toEqual({
			kind: 'repeat',
			delayMs: 2_000,
			code: 'timeout',
		});
	});
	test('is told after the last attempt that nobody knows', () => {
		expect(decideAfterSend(timeout, MAX_SEND_ATTEMPTS, 'prefer-delivery')).toEqual({
			kind: 'unknown',
			code: 'timeout',
		});
	});
	test('gets an interrupted message sent again, but not for ever', () => {
		expect(decideAfterCrash(2, 'prefer-delivery')).toBeNull();
		expect(decideAfterCrash(MAX_SEND_ATTEMPTS + 1, 'prefer-delivery')).toEqual({
			kind: 'unknown',
			code: 'interrupted',
		});
	});
});

test('an interrupted message is not sent again by default', () => {
	expect(decideAfterCrash(2, 'prefer-once')).toEqual({ kind: 'unknown', code: 'interrupted' });
});

const WITHOUT_SENDER: ReadonlyArray<{
	name: string;
	error: unknown;
	attempts: number;
	expected: SendDecision['kind'];
}> = [
	{
		name: 'a database that is away passes',
		error: new TrufflesError('TRF_DB_UNREACHABLE'),
		attempts: 1,
		expected: 'repeat',
	},
	{
		name: 'a database that stays away ends it',
		error: new TrufflesError('TRF_DB_UNREACHABLE'),
		attempts: MAX_SEND_ATTEMPTS,
		expected: 'failed',
	},
	{ name: 'a missing token ends it', error: new TrufflesError('TRF_SECRET_MISSING'), attempts: 1, expected: 'failed' },
	{ name: 'a fault of the code ends it', error: new TypeError('x'), attempts: 1, expected: 'failed' },
];
test.each(WITHOUT_SENDER)('without a sender: $name', ({ error, attempts, expected }) => {
	expect(decideWithoutSender(error, attempts).kind).toBe(expected);
});
