import { type FinishedCall, usageOfAttempt } from '../../../lib/billing/attempt-usage';

const call = (over: Partial<FinishedCall>): FinishedCall => ({
	status: 'ok',
	errorCode: null,
	body: null,
	inputChars: 1_000,
	outputChars: 100,
	...over,
});

test.each([
	{
		name: 'what the provider states counts',
		given: call({ body: { prompt_tokens: 7, completion_tokens: 2 } }),
		expected: { input: 7, output: 2, estimated: false },
	},
	{
		name: 'an answer in an unknown shape is estimated, not free',
		given: call({ body: { tokens_in: 7, tokens_out: 2 } }),
		expected: { input: 400, output: 40, estimated: true },
	},
	{
		name: 'an answer that states no input is not believed',
		given: call({ body: { prompt_tokens: 0, completion_tokens: 0 } }),
		expected: { input: 400, output: 40, estimated: true },
	},
	{
		name: 'an unreadable answer was paid for',
		given: call({ status: 'malformed', errorCode: 'cut_off', outputChars: 0 }),
		expected: { input: 400, output: 0, estimated: true },
	},
	{
		name: 'a call that timed out was read',
		given: call({ status: 'unreachable', errorCode: 'timeout', outputChars: 0 }),
		expected: { input: 400, output: 0, estimated: true },
	},
	{
		name: 'a connection that never stood costs nothing',
		given: call({ status: 'unreachable', errorCode: 'connection' }),
		expected: { input: 0, output: 0, estimated: false },
	},
	{
		name: 'a refusal costs nothing',
		given: call({ status: 'refused', errorCode: 'rate_limited' }),
		expected: { input: 0, output: 0, estimated: false },
	},
])('$name', ({ given, expected }) => {
	const { usage, estimated } = usageOfAttempt(given);
	expect({ input: usage.inputTokens, output: usage.outputTokens, estimated }).toEqual(expected);
});
