import { classifyFailure } from '../../../lib/error-log/classify-failure';
import { redactMessage } from '../../../lib/error-log/redact';

const kept = [
	{ name: 'a short quotation of code is kept', given: "Cannot read properties of undefined (reading 'items')" },
	{ name: 'an HTTP status and a time are kept', given: 'Request failed with status code 503 after 1500 ms' },
];
for (const { name, given } of kept) test(name, () => expect(redactMessage(given)).toBe(given));

const removed = [
	{
		name: 'a bot token in an address',
		given: 'POST https://api.telegram.org/bot123456:AAF-x_y/sendMessage',
		secret: 'AAF-x_y',
	},
	{ name: 'a login in a database address', given: 'connect postgres://user:p4ss@db:5432/x', secret: 'p4ss' },
	{ name: 'a token in a query', given: 'GET https://app.chatflow.kz/api/v1/send-text?token=abc&jid=7', secret: 'abc' },
	{ name: 'a bearer token', given: 'header Bearer eyJhbGciOi.x.y refused', secret: 'eyJhbGciOi' },
	{ name: 'a phone number with spaces', given: 'no such user +7 (705) 123-45-67', secret: '123-45-67' },
	{ name: 'a card number', given: 'bad 4400 4301 1234 5678', secret: '4301' },
	{ name: 'an e-mail address', given: 'to someone@example.kz failed', secret: 'someone' },
	{
		name: 'what a parser quotes of a customer',
		given: 'Unexpected token, "Здравствуйте, меня зовут Айгерим и" is not valid JSON',
		secret: 'Айгерим',
	},
];
for (const { name, given, secret } of removed)
	test(`${name} is taken out`, () => expect(redactMessage(given)).not.toContain(secret));

test('a huge message is cut', () => expect(redactMessage('ы '.repeat(5_000)).length).toBeLessThanOrEqual(400));

const families = [
	{
		name: 'a refused connection may succeed later',
		error: { message: 'm', code: 'ECONNREFUSED' },
		expected: { family: 'unreachable', retryable: true },
	},
	{
		name: 'a gateway timeout leaves open whether it happened',
		error: { message: 'm', httpCode: '504' },
		expected: { family: 'unreachable' },
	},
	{
		name: 'a 4xx is a refusal',
		error: { message: 'm', httpCode: '403' },
		expected: { family: 'refused', retryable: false },
	},
	{
		name: 'a broken program is ours',
		error: { message: 'x is not a function', name: 'TypeError' },
		expected: { family: 'invalid' },
	},
	{
		name: 'a message that only looks like a code is not believed',
		error: { message: 'TRF_DB_UNREACHABLE' },
		expected: { code: 'TRF_NODE_FAILED' },
	},
] as const;
for (const { name, error, expected } of families) {
	test(name, () => expect(classifyFailure({ execution: { error }, workflow: {} })).toMatchObject(expected));
}

test('a failed trigger has no execution but an error all the same', () => {
	expect(classifyFailure({ trigger: { error: { message: 'm' } }, workflow: { name: 'W' } })).toMatchObject({
		workflow: 'W',
		executionId: null,
	});
});

for (const nothing of [null, [], 'text', {}, { execution: {} }]) {
	test(`${JSON.stringify(nothing)} holds no error`, () => expect(classifyFailure(nothing)).toBeNull());
}
