import { decideAfterSend, MAX_SEND_ATTEMPTS, type SendDecision } from '../../../lib/outbox/outbox-store';
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
	expect(decideAfterSend(result, attempts)).toEqual(expected);
});
