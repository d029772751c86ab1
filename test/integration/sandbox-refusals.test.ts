import { call, startTestSandbox } from '../support/sandbox';
import type { TestSandbox } from '../support/sandbox';

let box: TestSandbox;
beforeAll(async () => {
	box = await startTestSandbox();
});
afterAll(() => box.close());
beforeEach(() => box.reset());

const JID = '77015705555@s.whatsapp.net';

describe('ChatFlow', () => {
	const cases: { name: string; query: Record<string, string>; status: number }[] = [
		{ name: 'a wrong token', query: { jid: JID, msg: 'x', token: 'wrong' }, status: 401 },
		{ name: 'a wrong instance', query: { jid: JID, msg: 'x', instance_id: 'wrong' }, status: 404 },
		{ name: 'a number without host', query: { jid: '77015705555', msg: 'x' }, status: 400 },
		{ name: 'a group', query: { jid: '120363025246125486@g.us', msg: 'x' }, status: 400 },
		{ name: 'a blank text', query: { jid: JID, msg: ' \n ' }, status: 400 },
		{ name: 'no text', query: { jid: JID }, status: 400 },
		{ name: 'more than 4096 characters', query: { jid: JID, msg: 'x'.repeat(4_097) }, status: 400 },
		{ name: 'an address over 8 KiB: 1 400 Cyrillic letters', query: { jid: JID, msg: 'ы'.repeat(1_400) }, status: 414 },
	];
	test.each(cases)('$name is refused and reaches no phone', async ({ query, status }) => {
		expect((await box.sendText(query)).status).toBe(status);
		expect((await box.control('GET', '/phone/messages')).json.messages).toEqual([]);
	});

	test('with quiet errors the same refusal has status 200 and success false', async () => {
		await box.control('POST', '/modes', { quietErrors: true });
		expect(await box.sendText({ jid: JID, msg: 'x', token: 'wrong' })).toMatchObject({
			status: 200,
			json: { success: false, message: 'Invalid token' },
		});
	});

	test('a lost answer still puts the message on the phone', async () => {
		await box.control('POST', '/modes', { chatflow: { mode: 'sent_then_lost' } });
		await expect(box.sendText({ jid: JID, msg: 'x' })).rejects.toThrow();
		expect((await box.control('GET', '/phone/messages')).json.messages).toHaveLength(1);
	});

	test('a dropped connection puts nothing on the phone', async () => {
		await box.control('POST', '/modes', { chatflow: { mode: 'reset' } });
		await expect(box.sendText({ jid: JID, msg: 'x' })).rejects.toThrow();
		expect((await box.control('GET', '/phone/messages')).json.messages).toEqual([]);
	});

	test('a caller that gives up on a hanging gateway leaves nothing behind', async () => {
		await box.control('POST', '/modes', { chatflow: { mode: 'slow', delayMs: 400 } });
		const query = new URLSearchParams({
			token: box.secrets.chatflow,
			instance_id: box.secrets.instance,
			jid: JID,
			msg: 'x',
		});
		await expect(
			call(`${box.url}/chatflow/api/v1/send-text?${query}`, { signal: AbortSignal.timeout(100) }),
		).rejects.toThrow();
		await new Promise((resolve) => setTimeout(resolve, 500));
		expect((await box.control('GET', '/phone/messages')).json.messages).toEqual([]);
	});
});

describe('Telegram', () => {
	const chat = { chat_id: '-1001234567890' };
	const button = (extra: object) => ({ reply_markup: { inline_keyboard: [[{ text: 'x', ...extra }]] } });
	const cases = [
		{ name: 'no text', method: 'sendMessage', body: { ...chat, text: '  ' }, words: 'message text is empty' },
		{
			name: '4097 characters',
			method: 'sendMessage',
			body: { ...chat, text: 'ы'.repeat(4_097) },
			words: 'message is too long',
		},
		{ name: 'no chat', method: 'sendMessage', body: { text: 'x' }, words: 'chat_id is empty' },
		{
			name: 'a chat the bot is not in',
			method: 'sendMessage',
			body: { chat_id: 5, text: 'x' },
			words: 'chat not found',
		},
		{
			name: "a customer's bare < in HTML",
			method: 'sendMessage',
			body: { ...chat, text: 'a < b', parse_mode: 'HTML' },
			words: "can't parse entities: Unclosed start tag at byte offset 2",
		},
		{
			name: 'callback data of 65 bytes',
			method: 'sendMessage',
			body: { ...chat, text: 'x', ...button({ callback_data: `${'ы'.repeat(32)}x` }) },
			words: 'BUTTON_DATA_INVALID',
		},
		{
			name: 'a button without action',
			method: 'sendMessage',
			body: { ...chat, text: 'x', ...button({}) },
			words: "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
		},
		{
			name: 'a reply to nothing',
			method: 'sendMessage',
			body: { ...chat, text: 'x', reply_parameters: { message_id: 999 } },
			words: 'message to be replied not found',
		},
		{
			name: 'an edit of nothing',
			method: 'editMessageText',
			body: { ...chat, text: 'x', message_id: 999 },
			words: 'message to edit not found',
		},
		{
			name: 'an unknown button press',
			method: 'answerCallbackQuery',
			body: { callback_query_id: '1' },
			words: 'query is too old and response timeout expired or query ID is invalid',
		},
		{
			name: 'a plain address elsewhere',
			method: 'setWebhook',
			body: { url: 'http://example.com/x' },
			words: 'bad webhook: An HTTPS URL must be provided for webhook',
		},
		{
			name: 'a port Telegram does not call',
			method: 'setWebhook',
			body: { url: 'https://example.com:5678/x' },
			words: 'bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443',
		},
		{
			name: 'a secret with a dot',
			method: 'setWebhook',
			body: { url: 'https://example.com/x', secret_token: 'a.b' },
			words: 'secret token contains unallowed characters',
		},
	];
	test.each(cases)("$name is refused in Telegram's words", async ({ method, body, words }) => {
		expect(await box.telegram(method, body)).toMatchObject({
			status: 400,
			json: { ok: false, error_code: 400, description: `Bad Request: ${words}` },
		});
	});

	test('a wrong token is 401, a malformed one 404, an unknown method 404', async () => {
		expect((await box.telegram('getMe', {}, '123456:wrong_token_0')).json).toEqual({
			ok: false,
			error_code: 401,
			description: 'Unauthorized',
		});
		expect((await box.telegram('getMe', {}, 'nonsense')).status).toBe(404);
		expect((await box.telegram('sendTelepathy', {})).status).toBe(404);
	});

	test('the same edit twice is refused, and an edit without buttons removes them', async () => {
		const sent = await box.telegram('sendMessage', { ...chat, text: 'x', ...button({ callback_data: 'a' }) });
		const edit = { ...chat, message_id: sent.json.result.message_id, text: 'y' };
		expect((await box.telegram('editMessageText', edit)).json.result).not.toHaveProperty('reply_markup');
		expect((await box.telegram('editMessageText', edit)).json.description).toMatch(/message is not modified/);
	});

	test('beyond the limit per minute comes 429 with retry_after', async () => {
		await box.control('POST', '/modes', { groupLimitPerMinute: 1 });
		await box.telegram('sendMessage', { ...chat, text: '1' });
		const refused = await box.telegram('sendMessage', { ...chat, text: '2' });
		expect(refused).toMatchObject({ status: 429, json: { parameters: { retry_after: expect.any(Number) } } });
	});

	test('parameters also come as a query string and as a form', async () => {
		const base = `${box.url}/telegram/bot${box.secrets.bot}/sendMessage`;
		expect((await call(`${base}?chat_id=-1001234567890&text=q`)).json.ok).toBe(true);
		const form = new URLSearchParams({
			chat_id: '-1001234567890',
			text: 'f',
			reply_markup: '{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}',
		});
		expect((await call(base, { method: 'POST', body: form })).json.result.reply_markup.inline_keyboard).toHaveLength(1);
	});

	test('an update is repeated until the webhook answers 2xx, in order', async () => {
		await box.telegram('setWebhook', { url: `${box.gateway.url}/tg` });
		box.gateway.status = 500;
		await box.control('POST', '/telegram/messages', { text: 'первое' });
		await box.control('POST', '/telegram/messages', { text: 'второе', manager: 'Марина' });
		await box.gateway.next((hit) => hit.json?.message?.text === 'первое');
		expect((await box.telegram('getWebhookInfo', {})).json.result).toMatchObject({ pending_update_count: 2 });
		box.gateway.status = 200;
		await box.gateway.next((hit) => hit.json?.message?.text === 'второе');
		const texts = box.gateway.hits.map((hit) => hit.json.message.text);
		expect(texts.slice(-2)).toEqual(['первое', 'второе']);
		expect(new Set(box.gateway.hits.map((hit) => hit.json.update_id)).size).toBe(2);
	});

	test('in privacy mode the bot does not see what people write to each other', async () => {
		await box.telegram('setWebhook', { url: `${box.gateway.url}/tg` });
		await box.control('POST', '/telegram/privacy', { privacyMode: true });
		const notice = await box.telegram('sendMessage', { ...chat, text: 'заявка' });
		await box.control('POST', '/telegram/messages', { text: 'между нами' });
		await box.control('POST', '/telegram/messages', { text: 'ответ', replyTo: notice.json.result.message_id });
		const hit = await box.gateway.next((one) => one.path === '/tg');
		expect(hit.json.message).toMatchObject({ text: 'ответ', reply_to_message: { text: 'заявка' } });
	});
});

describe('the model endpoint', () => {
	const user = [{ role: 'user', content: 'Привет' }];
	const cases = [
		{ name: 'no model', body: { messages: user }, status: 400, code: null },
		{
			name: 'a retired model',
			body: { model: 'claude-sonnet-4', messages: user },
			status: 404,
			code: 'model_not_found',
		},
		{ name: 'no messages', body: { model: 'gpt-4.1' }, status: 400, code: 'missing_required_parameter' },
		{ name: 'an empty list of messages', body: { model: 'gpt-4.1', messages: [] }, status: 400, code: 'empty_array' },
		{
			name: 'an unknown role',
			body: { model: 'gpt-4.1', messages: [{ role: 'bot', content: 'x' }] },
			status: 400,
			code: 'invalid_value',
		},
		{
			name: 'an unknown parameter',
			body: { model: 'gpt-4.1', messages: user, temprature: 1 },
			status: 400,
			code: 'unknown_parameter',
		},
		{
			name: 'temperature 3',
			body: { model: 'gpt-4.1', messages: user, temperature: 3 },
			status: 400,
			code: 'decimal_above_max_value',
		},
		{
			name: 'temperature for a reasoning model',
			body: { model: 'gpt-5-mini', messages: user, temperature: 0.2 },
			status: 400,
			code: 'unsupported_value',
		},
		{
			name: 'max_tokens for a reasoning model',
			body: { model: 'gpt-5-mini', messages: user, max_tokens: 5 },
			status: 400,
			code: 'unsupported_parameter',
		},
		{
			name: 'JSON mode without the word',
			body: { model: 'gpt-4.1', messages: user, response_format: { type: 'json_object' } },
			status: 400,
			code: null,
		},
		{
			name: 'more than the model reads',
			body: { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'ы'.repeat(400_000) }] },
			status: 400,
			code: 'context_length_exceeded',
		},
	];
	test.each(cases)('$name is refused', async ({ body, status, code }) => {
		expect(await box.openai('chat/completions', body)).toMatchObject({
			status,
			json: { error: { code, type: 'invalid_request_error' } },
		});
	});

	test('a missing and a wrong key are 401, and the answer does not repeat the key', async () => {
		expect((await box.openai('chat/completions', {}, null)).status).toBe(401);
		const wrong = await box.openai('chat/completions', {}, 'sk-wrong-key');
		expect(wrong).toMatchObject({ status: 401, json: { error: { code: 'invalid_api_key' } } });
		expect(wrong.text).not.toContain('sk-wrong-key');
	});

	const shapes = [
		{ shape: 'json', check: (json: unknown) => expect(json).toBeNull() },
		{ shape: 'html', check: (json: unknown) => expect(json).toBeNull() },
		{ shape: 'empty_choices', check: (json: unknown) => expect(json).toMatchObject({ choices: [] }) },
		{ shape: 'no_usage', check: (json: unknown) => expect(json).not.toHaveProperty('usage') },
	];
	test.each(shapes)('malformed as $shape has status 200', async ({ shape, check }) => {
		await box.control('POST', '/modes', { openai: { mode: 'malformed', shape } });
		const answer = await box.openai('chat/completions', { model: 'gpt-4.1', messages: user });
		expect(answer.status).toBe(200);
		check(answer.json);
	});

	test('a fault for one model leaves the fallback model well', async () => {
		await box.control('POST', '/modes', { openai: { mode: 'fail', status: 503, only: ['gpt-4.1'] } });
		expect((await box.openai('chat/completions', { model: 'gpt-4.1', messages: user })).status).toBe(503);
		expect((await box.openai('chat/completions', { model: 'gpt-4.1-mini', messages: user })).status).toBe(200);
	});

	test('embeddings of near texts are nearer than those of far ones, and an empty text is refused', async () => {
		const answer = await box.openai('embeddings', {
			model: 'text-embedding-3-small',
			input: ['маникюр с гелем', 'маникюр гель', 'адрес салона'],
			dimensions: 256,
		});
		const [a, b, c] = answer.json.data.map((row: { embedding: number[] }) => row.embedding);
		const dot = (x: number[], y: number[]) => x.reduce((sum, value, index) => sum + value * (y[index] ?? 0), 0);
		expect(dot(a, b)).toBeGreaterThan(dot(a, c));
		expect((await box.openai('embeddings', { model: 'text-embedding-3-small', input: '' })).status).toBe(400);
	});

	test('a voice message of the page is transcribed to what was said', async () => {
		const form = new FormData();
		form.set('model', 'whisper-1');
		form.set('file', new Blob(['SANDBOX-VOICE:Қанша тұрады?']), 'voice.ogg');
		const answer = await call(`${box.url}/openai/v1/audio/transcriptions`, {
			method: 'POST',
			body: form,
			headers: { authorization: `Bearer ${box.secrets.openai}` },
		});
		expect(answer.json.text).toBe('Қанша тұрады?');
	});
});
