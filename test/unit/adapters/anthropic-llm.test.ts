import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { AnthropicLlm } from '../../../lib/adapters/anthropic-llm';
import { readUsage } from '../../../lib/billing/usage';
import type { LlmMessage, LlmRequest, LlmResult } from '../../../lib/ports/llm';

interface Seen {
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: Record<string, unknown>;
}
type Handler = (response: ServerResponse) => void;

let server: Server;
let baseUrl: string;
let handler: Handler = () => undefined;
let seen: Seen[] = [];

beforeAll(async () => {
	server = createServer((request, response) => {
		let body = '';
		request.on('data', (part: Buffer) => (body += part.toString('utf8')));
		request.on('end', () => {
			seen.push({
				path: request.url ?? '',
				headers: request.headers,
				body: JSON.parse(body) as Record<string, unknown>,
			});
			handler(response);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
	seen = [];
});
afterAll(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
	response.writeHead(status, { 'content-type': 'application/json', ...headers });
	response.end(typeof body === 'string' ? body : JSON.stringify(body));
};
const USAGE = {
	input_tokens: 12,
	cache_read_input_tokens: 100,
	cache_creation_input_tokens: 0,
	output_tokens: 3,
};
const answer = (text: string, extra: Record<string, unknown> = {}) => ({
	id: 'msg_1',
	type: 'message',
	role: 'assistant',
	model: 'claude-sonnet-4-5',
	content: [{ type: 'text', text }],
	stop_reason: 'end_turn',
	usage: USAGE,
	...extra,
});
const error = (type: string, extra: Record<string, unknown> = {}) => ({
	type: 'error',
	error: { type, message: 'words', ...extra },
	request_id: 'req_1',
});
const REQUEST: LlmRequest = {
	model: 'claude-sonnet-4-5',
	messages: [
		{ role: 'system', content: 'Кратко.' },
		{ role: 'user', content: 'Привет' },
	],
	temperature: 1.5,
	maxOutputTokens: 50,
	timeoutMs: 2_000,
};
const ask = async (request: LlmRequest = REQUEST): Promise<LlmResult> =>
	await new AnthropicLlm({ apiKey: 'k', baseUrl }).complete(request);

const CASES: ReadonlyArray<{ name: string; reply: Handler; expected: Record<string, unknown> }> = [
	{
		name: 'an answer is trimmed and comes with the usage body as it was',
		reply: (response) => json(response, 200, answer('  Здравствуйте!\n')),
		expected: { kind: 'ok', text: 'Здравствуйте!', usage: USAGE },
	},
	{
		name: 'several blocks of text are one text, and thoughts are not part of it',
		reply: (response) =>
			json(
				response,
				200,
				answer('', {
					content: [
						{ type: 'thinking', thinking: 'hm' },
						{ type: 'text', text: 'Да, ' },
						{ type: 'text', text: 'есть.' },
					],
				}),
			),
		expected: { kind: 'ok', text: 'Да, есть.' },
	},
	{
		name: '429 with seconds',
		reply: (response) => json(response, 429, error('rate_limit_error'), { 'retry-after': '7' }),
		expected: { kind: 'refused', status: 429, code: 'rate_limit_error', retryAfterMs: 7_000 },
	},
	{
		name: 'a spend limit keeps the code that says so',
		reply: (response) =>
			json(response, 429, error('rate_limit_error', { details: { error_code: 'enforced_spend_limit_reached' } })),
		expected: { kind: 'refused', status: 429, code: 'enforced_spend_limit_reached' },
	},
	{
		name: '529 overloaded is a refusal of the service',
		reply: (response) => json(response, 529, error('overloaded_error'), { 'x-should-retry': 'true' }),
		expected: { kind: 'refused', status: 529, code: 'overloaded_error', retryAfterMs: null, shouldRetry: true },
	},
	{
		name: '401 keeps the code of the provider',
		reply: (response) => json(response, 401, error('authentication_error')),
		expected: { kind: 'refused', status: 401, code: 'authentication_error' },
	},
	{
		name: '502 with an HTML body',
		reply: (response) => {
			response.writeHead(502, { 'content-type': 'text/html' });
			response.end('<h1>oops</h1>');
		},
		expected: { kind: 'refused', status: 502, code: 'http_502' },
	},
	{
		name: 'a redirect is refused, not followed',
		reply: (response) => {
			response.writeHead(307, { location: 'http://127.0.0.1:1/' });
			response.end();
		},
		expected: { kind: 'refused', status: 307 },
	},
	{
		name: 'broken JSON',
		reply: (response) => json(response, 200, '{"content": ['),
		expected: { kind: 'malformed', code: 'broken_json' },
	},
	{
		name: 'HTML with status 200',
		reply: (response) => {
			response.writeHead(200, { 'content-type': 'text/html' });
			response.end('<html></html>');
		},
		expected: { kind: 'malformed', code: 'not_json' },
	},
	{
		name: 'no content',
		reply: (response) => json(response, 200, answer('', { content: null })),
		expected: { kind: 'malformed', code: 'no_content', usage: USAGE },
	},
	{
		name: 'an empty text',
		reply: (response) => json(response, 200, answer('', { content: [] })),
		expected: { kind: 'malformed', code: 'empty_text' },
	},
	{
		name: 'an answer cut off at the token limit is no answer',
		reply: (response) => json(response, 200, answer('Запись не', { stop_reason: 'max_tokens' })),
		expected: { kind: 'malformed', code: 'cut_off', usage: USAGE },
	},
	{
		name: 'an answer that the model declined is no answer',
		reply: (response) => json(response, 200, answer('I cannot', { stop_reason: 'refusal' })),
		expected: { kind: 'malformed', code: 'declined' },
	},
	{
		name: 'a dropped connection',
		reply: (response) => response.destroy(),
		expected: { kind: 'unreachable', code: 'connection' },
	},
];

test.each(CASES)('$name', async ({ reply, expected }) => {
	handler = reply;
	expect(await ask()).toMatchObject(expected);
});

test('its usage body is one that the bill can read', async () => {
	handler = (response) => json(response, 200, answer('Да'));
	const result = await ask();
	expect(readUsage(result.kind === 'ok' ? result.usage : null)).toMatchObject({
		inputTokens: 112,
		cachedInputTokens: 100,
		outputTokens: 3,
	});
});

test('an endpoint that hangs is a timeout, on time', async () => {
	handler = () => undefined;
	const started = performance.now();
	expect(await ask({ ...REQUEST, timeoutMs: 200 })).toMatchObject({ kind: 'unreachable', code: 'timeout' });
	expect(performance.now() - started).toBeLessThan(1_000);
});

test('one call is one request, whatever happens, with the key and the version of the protocol', async () => {
	handler = (response) =>
		json(response, 529, error('overloaded_error'), { 'retry-after': '0', 'x-should-retry': 'true' });
	await ask();
	expect(seen).toHaveLength(1);
	expect(seen[0]).toMatchObject({
		path: '/v1/messages',
		headers: { authorization: 'Bearer k', 'anthropic-version': '2026-10-21' },
	});
});

describe('the request', () => {
	const sent = async (messages: readonly LlmMessage[], over: Partial<LlmRequest> = {}) => {
		handler = (response) => json(response, 200, answer('ok'));
		await ask({ ...REQUEST, messages, ...over });
		return seen[0]?.body ?? {};
	};
	const user = { role: 'user', content: 'Привет' } as const;

	test('has the instructions as its system prompt and a limit of tokens', async () => {
		expect(await sent(REQUEST.messages)).toEqual({
			model: 'claude-sonnet-4-5',
			system: 'Кратко.',
			messages: [user],
			max_tokens: 50,
		});
	});

	test('never has a temperature, which this version of the API refuses', async () => {
		expect(await sent(REQUEST.messages)).not.toHaveProperty('temperature');
	});

	test('asks a model that thinks to think little, and gives its thoughts room', async () => {
		expect(await sent(REQUEST.messages, { model: 'claude-sonnet-5-5' })).toMatchObject({
			max_tokens: 50 + 1_024,
			output_config: { effort: 'low' },
		});
	});

	test('ends with the user: why a draft was refused is said after the draft', async () => {
		const draft = { role: 'assistant', content: 'Маникюр 1 ₸' } as const;
		const body = await sent([...REQUEST.messages, draft, { role: 'system', content: 'Сумма неверна' }]);
		expect(body['messages']).toEqual([user, draft, { role: 'user', content: 'Сумма неверна' }]);
	});

	test('begins with the user, also when the business wrote first; empty messages are left out', async () => {
		const hello = { role: 'assistant', content: 'Здравствуйте!' } as const;
		const body = await sent([hello, { role: 'user', content: ' ' }, user]);
		expect(body['messages']).toEqual([{ role: 'user', content: '…' }, hello, user]);
		expect(body).not.toHaveProperty('system');
	});

	test('asks for JSON in words', async () => {
		expect((await sent(REQUEST.messages, { jsonObject: true }))['system']).toMatch(/^Кратко\.\n\n.*JSON/);
	});
});

test('there are no embeddings', async () => {
	expect(await new AnthropicLlm({ apiKey: 'k', baseUrl }).embed()).toBeNull();
});
