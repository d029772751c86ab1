/** The Anthropic stand-in refuses what the real one refuses, and our adapter is understood by it. */
import { AnthropicLlm } from '../../lib/adapters/anthropic-llm';
import type { LlmRequest, LlmResult } from '../../lib/ports/llm';
import { type Answer, call, startTestSandbox, type TestSandbox } from '../support/sandbox';

let box: TestSandbox;
beforeAll(async () => {
	box = await startTestSandbox();
});
beforeEach(async () => await box.reset());
afterAll(async () => await box?.close());

const USER = [{ role: 'user', content: 'Привет' }];
const GOOD = { model: 'claude-haiku-4-5', max_tokens: 100, messages: USER };

const post = async (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
	await call(`${box.url}/anthropic/v1/messages`, {
		method: 'POST',
		body: JSON.stringify(body),
		headers: {
			'content-type': 'application/json',
			authorization: `Bearer ${box.secrets.openai}`,
			'anthropic-version': '2026-10-21',
			...headers,
		},
	});

describe('it refuses', () => {
	const without = (name: string) => Object.fromEntries(Object.entries(GOOD).filter(([key]) => key !== name));
	const cases = [
		{ name: 'no limit of tokens', body: without('max_tokens'), status: 400, type: 'invalid_request_error' },
		{ name: 'no model', body: without('model'), status: 400, type: 'invalid_request_error' },
		{ name: 'a retired model', body: { ...GOOD, model: 'claude-sonnet-4' }, status: 404, type: 'not_found_error' },
		{ name: 'no messages', body: { ...GOOD, messages: [] }, status: 400, type: 'invalid_request_error' },
		{
			name: 'a system role among the messages',
			body: { ...GOOD, messages: [{ role: 'system', content: 'x' }, ...USER] },
			status: 400,
			type: 'invalid_request_error',
		},
		{
			name: 'a dialogue that the assistant begins',
			body: { ...GOOD, messages: [{ role: 'assistant', content: 'x' }, ...USER] },
			status: 400,
			type: 'invalid_request_error',
		},
		{
			name: 'an empty text',
			body: { ...GOOD, messages: [{ role: 'user', content: ' ' }] },
			status: 400,
			type: 'invalid_request_error',
		},
		{ name: 'a temperature', body: { ...GOOD, temperature: 1 }, status: 400, type: 'invalid_request_error' },
		{
			name: 'OpenAI’s way to ask for JSON',
			body: { ...GOOD, response_format: { type: 'json_object' } },
			status: 400,
			type: 'invalid_request_error',
		},
		{
			name: 'an effort for a model that does not think',
			body: { ...GOOD, output_config: { effort: 'low' } },
			status: 400,
			type: 'invalid_request_error',
		},
		{
			name: 'a prefilled answer of a newer model',
			body: { ...GOOD, model: 'claude-sonnet-5-5', messages: [...USER, { role: 'assistant', content: '{' }] },
			status: 400,
			type: 'invalid_request_error',
		},
	] as const;
	test.each(cases)('$name', async ({ body, status, type }) => {
		const answer = await post(body);
		expect(answer).toMatchObject({ status, json: { type: 'error', error: { type } } });
		expect(answer.json.request_id).toMatch(/^req_/);
	});

	test('a wrong key, and a request without the version of the API', async () => {
		expect(await post(GOOD, { authorization: 'Bearer no' })).toMatchObject({
			status: 401,
			json: { error: { type: 'authentication_error' } },
		});
		expect((await post(GOOD, { 'anthropic-version': '' })).status).toBe(400);
		expect((await post(GOOD)).status).toBe(200);
	});
});

describe('our adapter', () => {
	const REQUEST: LlmRequest = {
		model: 'claude-haiku-4-5',
		messages: [
			{ role: 'system', content: 'Кратко.' },
			{ role: 'assistant', content: 'Здравствуйте!' },
			{
				role: 'user',
				content: '<FACTS>\nМаникюр стоит 5 000 ₸\n</FACTS>\n\n<CUSTOMER>\nСколько стоит маникюр?\n</CUSTOMER>',
			},
		],
		temperature: 0.2,
		maxOutputTokens: 200,
		timeoutMs: 3_000,
	};
	const ask = async (over: Partial<LlmRequest> = {}): Promise<LlmResult> =>
		await new AnthropicLlm({ apiKey: box.secrets.openai, baseUrl: `${box.url}/anthropic` }).complete({
			...REQUEST,
			...over,
		});

	test.each(['claude-haiku-4-5', 'claude-sonnet-5-5', 'claude-opus-5-5'])('is answered by %s', async (model) => {
		const result = await ask({ model });
		expect(result).toMatchObject({ kind: 'ok', usage: { output_tokens: expect.any(Number) } });
		expect(result.kind === 'ok' && result.text).toContain('5 000');
	});

	test('is answered with JSON when it asks for it', async () => {
		const result = await ask({ jsonObject: true });
		expect(JSON.parse(result.kind === 'ok' ? result.text : '')).toHaveProperty('intents');
	});

	test('may have its draft sent back', async () => {
		const messages = [
			...REQUEST.messages,
			{ role: 'assistant', content: 'Маникюр стоит 1 ₸' },
			{ role: 'system', content: 'Сумма неверна' },
		] as const;
		expect(await ask({ model: 'claude-sonnet-5-5', messages })).toMatchObject({ kind: 'ok' });
	});

	test.each([
		{ fault: { mode: 'fail' }, expected: { kind: 'refused', status: 529, code: 'overloaded_error' } },
		{
			fault: { mode: 'fail', status: 429, retryAfterSeconds: 3 },
			expected: { kind: 'refused', status: 429, code: 'rate_limit_error', retryAfterMs: 3_000 },
		},
		{ fault: { mode: 'fail', status: 401 }, expected: { kind: 'refused', code: 'authentication_error' } },
		{ fault: { mode: 'reset' }, expected: { kind: 'unreachable', code: 'connection' } },
		{ fault: { mode: 'hang' }, expected: { kind: 'unreachable', code: 'timeout' } },
		{ fault: { mode: 'malformed', shape: 'json' }, expected: { kind: 'malformed', code: 'broken_json' } },
		{ fault: { mode: 'malformed', shape: 'html' }, expected: { kind: 'malformed', code: 'not_json' } },
		{ fault: { mode: 'malformed', shape: 'refusal' }, expected: { kind: 'malformed', code: 'declined' } },
		{ fault: { mode: 'malformed', shape: 'no_usage' }, expected: { kind: 'ok', usage: null } },
		{ fault: { mode: 'invent_price' }, expected: { kind: 'ok' } },
	])('sees $fault as $expected.kind', async ({ fault, expected }) => {
		await box.control('POST', '/modes', { anthropic: fault });
		expect(await ask({ timeoutMs: 500 })).toMatchObject(expected);
	});

	test('is in the journal of calls, without the key', async () => {
		await ask();
		const calls = await call(`${box.url}/control/calls?service=anthropic`);
		expect(calls.text).toContain('messages');
		expect(calls.text).not.toContain(box.secrets.openai);
	});
});
