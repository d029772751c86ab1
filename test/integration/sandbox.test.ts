import { startTestSandbox } from '../support/sandbox';
import type { TestSandbox } from '../support/sandbox';

let box: TestSandbox;
beforeAll(async () => {
	box = await startTestSandbox();
});
afterAll(() => box.close());
beforeEach(() => box.reset());

test("a customer message reaches the gateway in ChatFlow's body with the secret in a header", async () => {
	const sent = await box.control('POST', '/phone/messages', { from: '+7 701 570-55-55', text: 'Сәлем 👋' });
	expect(sent.status).toBe(200);
	const [hit] = box.gateway.hits;
	expect(hit?.headers['x-webhook-secret']).toBe(box.secrets.gateway);
	expect(hit?.json).toMatchObject({
		messageType: 'text',
		message: 'Сәлем 👋',
		metadata: { remoteJid: '77015705555@s.whatsapp.net', messageId: expect.stringMatching(/^[0-9A-F]{20}$/) },
		mediaData: null,
	});
	expect(sent.json.messages[0].deliveries[0]).toMatchObject({ status: 200 });
});

test('what send-text accepts is on the phone, and a long poll sees it', async () => {
	const waiting = box.control('GET', '/phone/messages?phone=77015705555&author=business&waitMs=5000');
	const answer = await box.sendText({ jid: '77015705555@s.whatsapp.net', msg: 'Маникюр 8 000 ₸', msg_id: 'turn-1' });
	expect(answer).toMatchObject({ status: 200, json: { success: true } });
	expect((await waiting).json.messages).toMatchObject([
		{ text: 'Маникюр 8 000 ₸', msgId: 'turn-1', status: 'received' },
	]);
});

test('a button press comes to the webhook with the secret token and ends when the bot answers it', async () => {
	await box.telegram('setWebhook', { url: `${box.gateway.url}/tg`, secret_token: 'abc_DEF-1' });
	const sent = await box.telegram('sendMessage', {
		chat_id: box.secrets.chatId,
		text: '<b>Заявка</b> №1',
		parse_mode: 'HTML',
		reply_markup: { inline_keyboard: [[{ text: 'Беру', callback_data: 'take:1' }]] },
	});
	expect(sent.json.result).toMatchObject({ text: 'Заявка №1', entities: [{ type: 'bold', offset: 0, length: 6 }] });
	const press = await box.control('POST', '/telegram/press', {
		messageId: sent.json.result.message_id,
		button: 'Беру',
		manager: 'Данияр',
	});
	const update = await box.gateway.next((hit) => hit.path === '/tg');
	expect(update.headers['x-telegram-bot-api-secret-token']).toBe('abc_DEF-1');
	expect(update.json).toMatchObject({ callback_query: { data: 'take:1', from: { first_name: 'Данияр' } } });
	await box.telegram('answerCallbackQuery', { callback_query_id: update.json.callback_query.id, text: 'Ваша' });
	expect((await box.control('GET', `/telegram/callbacks/${press.json.callbackId}`)).json.answer).toEqual({
		text: 'Ваша',
		showAlert: false,
	});
});

test('the model answers from its own prompt and reports usage', async () => {
	const answer = await box.openai('chat/completions', {
		model: 'gpt-4.1-mini',
		messages: [
			{ role: 'system', content: 'Факты:\n- Маникюр с гель-лаком: 8 000 ₸, 90 минут\n- Стрижка женская: 6 000 ₸' },
			{ role: 'user', content: 'Сколько стоит маникюр?' },
		],
	});
	expect(answer.json.choices[0].message.content).toContain('8 000');
	expect(answer.json.usage.total_tokens).toBe(answer.json.usage.prompt_tokens + answer.json.usage.completion_tokens);
});

test("a failing model says so in OpenAI's words, for as many calls as asked", async () => {
	await box.control('POST', '/modes', { openai: { mode: 'fail', status: 500, times: 1 } });
	const body = { model: 'gpt-4.1-mini', messages: [{ role: 'user', content: 'Привет' }] };
	expect(await box.openai('chat/completions', body)).toMatchObject({
		status: 500,
		json: { error: { type: 'server_error' } },
	});
	expect((await box.openai('chat/completions', body)).status).toBe(200);
});
