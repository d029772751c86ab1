import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OpenAiLlm } from '../../../lib/adapters/openai-llm';
import type { LlmRequest, LlmResult } from '../../../lib/ports/llm';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let server: Server;
let baseUrl: string;
let handler: Handler = () => undefined;

beforeAll(async () => {
	server = createServer((request, response) => {
		let body = '';
		request.on('data', (part: Buffer) => (body += part.toString('utf8')));
		request.on('end', () => handler(request, response, body));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});

afterAll(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
	response.writeHead(status, { 'content-type': 'application/json', ...headers });
	response.end(typeof body === 'string' ? body : JSON.stringify(body));
};
const answer = (content: unknown, extra: Record<string, unknown> = {}) => ({
	id: 'x',
	object: 'chat.completion',
	model: 'gpt-4.1-mini',
	choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
	usage: { prompt_tokens: 12, completion_tokens: 3 },
	...extra,
});
const REQUEST: LlmRequest = {
	model: 'gpt-4.1-mini',
	messages: [{ role: 'user', content: 'Привет' }],
	temperature: 0.2,
	maxOutputTokens: 50,
	timeoutMs: 2_000,
};
const ask = (request: LlmRequest = REQUEST): Promise<LlmResult> =>
	new OpenAiLlm({ apiKey: 'k', baseUrl }).complete(request);

const CASES: ReadonlyArray<{ name: string; reply: Handler; expected: Record<string, unknown> }> = [
	{
		name: 'an answer is trimmed and comes with the usage body as it was',
		reply: (_, response) => json(response, 200, answer('  Здравствуйте!\n')),
		expected: { kind: 'ok', text: 'Здравствуйте!', usage: { prompt_tokens: 12, completion_tokens: 3 } },
	},
	{
		name: 'an answer without usage is still an answer',
		reply: (_, response) => json(response, 200, answer('Да', { usage: undefined })),
		expected: { kind: 'ok', text: 'Да', usage: null },
	},
	{
		name: 'a JSON answer sent as text/plain is read',
		reply: (_, response) => {
			response.writeHead(200, { 'content-type': 'text/plain' });
			response.end(JSON.stringify(answer('Да')));
		},
		expected: { kind: 'ok', text: 'Да' },
	},
	{
		name: '429 with seconds',
		reply: (_, response) =>
			json(response, 429, { error: { message: 'slow', code: 'rate_limit_exceeded' } }, { 'retry-after': '7' }),
		expected: { kind: 'refused', status: 429, code: 'rate_limit_exceeded', retryAfterMs: 7_000 },
	},
	{
		name: '429 with a date in the past waits for nothing',
		reply: (_, response) => json(response, 429, {}, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }),
		expected: { kind: 'refused', status: 429, code: 'http_429', retryAfterMs: 0 },
	},
	{
		name: 'x-should-retry is passed on',
		reply: (_, response) => json(response, 503, {}, { 'x-should-retry': 'false' }),
		expected: { kind: 'refused', status: 503, shouldRetry: false },
	},
	{
		name: '500 is refused without a time',
		reply: (_, response) => json(response, 500, { error: {} }),
		expected: { kind: 'refused', status: 500, code: 'http_500', retryAfterMs: null },
	},
	{
		name: '500 with an HTML body',
		reply: (_, response) => {
			response.writeHead(500, { 'content-type': 'text/html' });
			response.end('<h1>oops</h1>');
		},
		expected: { kind: 'refused', status: 500 },
	},
	{
		name: '401 keeps the code of the provider',
		reply: (_, response) => json(response, 401, { error: { code: 'invalid_api_key' } }),
		expected: { kind: 'refused', status: 401, code: 'invalid_api_key' },
	},
	{
		name: 'a redirect is refused, not followed',
		reply: (_, response) => {
			response.writeHead(307, { location: 'http://127.0.0.1:1/' });
			response.end();
		},
		expected: { kind: 'refused', status: 307 },
	},
	{
		name: 'broken JSON',
		reply: (_, response) => json(response, 200, '{"choices": ['),
		expected: { kind: 'malformed', code: 'broken_json' },
	},
	{
		name: 'HTML with status 200',
		reply: (_, response) => {
			response.writeHead(200, { 'content-type': 'text/html' });
			response.end('<html></html>');
		},
		expected: { kind: 'malformed', code: 'not_json' },
	},
	{
		name: 'empty choices',
		reply: (_, response) => json(response, 200, answer('', { choices: [] })),
		expected: { kind: 'malformed', code: 'no_choices', usage: { prompt_tokens: 12, completion_tokens: 3 } },
	},
	{
		name: 'an empty text',
		reply: (_, response) => json(response, 200, answer('  ')),
		expected: { kind: 'malformed', code: 'empty_text' },
	},
	{
		name: 'null content',
		reply: (_, response) => json(response, 200, answer(null)),
		expected: { kind: 'malformed', code: 'empty_text' },
	},
	{
		name: 'an answer cut off at the token limit is no answer',
		reply: (_, response) =>
			json(response, 200, answer('x', { choices: [{ message: { content: 'Запись не' }, finish_reason: 'length' }] })),
		expected: { kind: 'malformed', code: 'cut_off' },
	},
	{
		name: 'a dropped connection',
		reply: (_, response) => response.destroy(),
		expected: { kind: 'unreachable', code: 'connection' },
	},
];

test.each(CASES)('$name', async ({ reply, expected }) => {
	handler = reply;
	expect(await ask()).toMatchObject(expected);
});

test('429 with a date in the future waits until then', async () => {
	handler = (_, response) => json(response, 429, {}, { 'retry-after': new Date(Date.now() + 30_000).toUTCString() });
	const result = await ask();
	expect(result.kind === 'refused' && result.retryAfterMs).toBeGreaterThan(27_000);
	expect(result.kind === 'refused' && result.retryAfterMs).toBeLessThanOrEqual(30_000);
});

test.each([
	{ name: 'before the headers', reply: (() => undefined) as Handler },
	{
		name: 'in the middle of the body',
		reply: ((_, response) => {
			response.writeHead(200, { 'content-type': 'application/json' });
			response.write('{"choices"');
		}) as Handler,
	},
])('an endpoint that hangs $name is a timeout, on time', async ({ reply }) => {
	handler = reply;
	const started = performance.now();
	expect(await ask({ ...REQUEST, timeoutMs: 200 })).toMatchObject({ kind: 'unreachable', code: 'timeout' });
	expect(performance.now() - started).toBeLessThan(1_000);
});

test('one call is one request, whatever happens', async () => {
	let requests = 0;
	handler = (_, response) => {
		requests += 1;
		json(response, 503, {});
	};
	await ask();
	expect(requests).toBe(1);
});

test('nothing listening is a failed connection', async () => {
	const llm = new OpenAiLlm({ apiKey: 'k', baseUrl: 'http://127.0.0.1:1/v1' });
	expect(await llm.complete(REQUEST)).toMatchObject({ kind: 'unreachable', code: 'connection' });
});

test.each([
	{
		model: 'gpt-4.1-mini',
		present: { max_tokens: 50, temperature: 0.2 },
		absent: ['max_completion_tokens', 'reasoning_effort'],
	},
	{
		model: 'gpt-5-mini',
		present: { max_completion_tokens: 306, reasoning_effort: 'minimal' },
		absent: ['max_tokens', 'temperature'],
	},
])('$model gets the fields that it accepts', async ({ model, present, absent }) => {
	let sent: Record<string, unknown> = {};
	handler = (_, response, body) => {
		sent = JSON.parse(body) as Record<string, unknown>;
		json(response, 200, answer('ok'));
	};
	await ask({ ...REQUEST, model });
	expect(sent).toMatchObject(present);
	for (const field of absent) expect(sent).not.toHaveProperty(field);
});

test('variables of the environment add no headers', async () => {
	const saved = process.env['OPENAI_ORG_ID'];
	process.env['OPENAI_ORG_ID'] = 'org-from-env';
	let headers: IncomingMessage['headers'] = {};
	handler = (request, response) => {
		headers = request.headers;
		json(response, 200, answer('ok'));
	};
	await ask();
	if (saved === undefined) delete process.env['OPENAI_ORG_ID'];
	else process.env['OPENAI_ORG_ID'] = saved;
	expect(headers['openai-organization']).toBeUndefined();
	expect(headers.authorization).toBe('Bearer k');
});

test.each([
	{ baseUrl: 'https://api.openai.com/v1', provider: 'openai' },
	{ baseUrl: 'http://127.0.0.1:11434/v1', provider: 'ollama' },
	{ baseUrl: 'https://openrouter.ai/api/v1', provider: 'openrouter.ai' },
])('$baseUrl is billed as $provider', ({ baseUrl: url, provider }) => {
	expect(new OpenAiLlm({ apiKey: '', baseUrl: url }).provider).toBe(provider);
});

describe('embeddings', () => {
	const embed = (texts: string[]) =>
		new OpenAiLlm({ apiKey: 'k', baseUrl }).embed('text-embedding-3-small', texts, 500);

	test('one vector per text, in order', async () => {
		handler = (_, response) =>
			json(response, 200, { data: [{ embedding: [1, 2] }, { embedding: [3, 4] }], usage: { prompt_tokens: 4 } });
		expect(await embed(['а', 'б'])).toEqual({
			vectors: [
				[1, 2],
				[3, 4],
			],
			usage: { prompt_tokens: 4 },
		});
	});

	test.each([
		{ name: 'too few vectors', body: { data: [{ embedding: [1] }] } },
		{ name: 'no numbers', body: { data: [{ embedding: ['x'] }, { embedding: [1] }] } },
		{ name: 'an error', body: { error: {} } },
	])('$name is none', async ({ body }) => {
		handler = (_, response) => json(response, 200, body);
		expect(await embed(['а', 'б'])).toBeNull();
	});
});
