import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/server';
import { call, startTestSandbox } from '../support/sandbox';
import type { TestSandbox } from '../support/sandbox';

let box: TestSandbox;
beforeAll(async () => {
	box = await startTestSandbox();
});
afterAll(() => box.close());
beforeEach(() => box.reset());

const FROM = { from: '+77015705555' };

test('twenty deliveries of one message carry one id and give twenty answers', async () => {
	const sent = await box.control('POST', '/phone/messages', { ...FROM, text: 'да', repeat: 20 });
	expect(sent.json.messages[0].deliveries).toHaveLength(20);
	expect(new Set(box.gateway.hits.map((hit) => hit.json.metadata.messageId)).size).toBe(1);
	expect((await box.control('GET', '/phone/messages')).json.messages).toHaveLength(1);
});

test("a reply that is faster than the gateway's answer is found after the seq of the sending", async () => {
	const sending = box.control('POST', '/phone/messages', { ...FROM, texts: ['1', '2'], gapMs: 200 });
	await box.gateway.next((hit) => hit.json?.message === '1');
	await box.sendText({ jid: '77015705555@s.whatsapp.net', msg: 'быстрый ответ' });
	const { seq } = (await sending).json;
	expect((await box.control('GET', `/phone/messages?author=business&after=${seq}`)).json.messages).toMatchObject([
		{ text: 'быстрый ответ' },
	]);
});

test('a shuffled burst delivers every message once', async () => {
	const texts = ['1', '2', '3', '4', '5', '6'];
	await box.control('POST', '/phone/messages', { ...FROM, texts, shuffle: true });
	expect(box.gateway.hits.map((hit) => hit.json.message).sort()).toEqual(texts);
});

test('a late repetition uses the old id and is no second message on the phone', async () => {
	const first = await box.control('POST', '/phone/messages', { ...FROM, text: 'да' });
	await box.control('POST', '/phone/messages', { ...FROM, text: 'да', messageId: first.json.messages[0].id });
	expect(box.gateway.hits[1]?.json.metadata.messageId).toBe(first.json.messages[0].id);
	expect((await box.control('GET', '/phone/messages')).json.messages).toHaveLength(1);
});

test('a refusal of the gateway is told to the caller and shown on the phone', async () => {
	box.gateway.status = 401;
	const sent = await box.control('POST', '/phone/messages', { ...FROM, text: 'да', secret: 'wrong' });
	expect(box.gateway.hits[0]?.headers['x-webhook-secret']).toBe('wrong');
	expect(sent.json.messages[0].deliveries[0]).toMatchObject({ status: 401, body: { ok: true } });
	expect((await box.control('GET', '/phone/messages')).json.messages[0]).toMatchObject({
		status: 'refused',
		gatewayStatus: 401,
	});
});

test('broken JSON reaches the gateway byte by byte, without a secret when asked', async () => {
	expect((await box.control('POST', '/phone/raw', { body: '{"message": ', secret: null })).json.status).toBe(200);
	expect(box.gateway.hits[0]).toMatchObject({ body: '{"message": ' });
	expect(box.gateway.hits[0]?.headers).not.toHaveProperty('x-webhook-secret');
});

test("a picture comes with a link to the sandbox's own media host", async () => {
	const bytes = Buffer.from('not really a picture');
	await box.control('POST', '/phone/messages', {
		...FROM,
		media: { type: 'image', base64: bytes.toString('base64'), fileName: 'ногти.png', caption: 'так можно?' },
	});
	const { mediaData, messageType } = box.gateway.hits[0]?.json ?? {};
	expect(messageType).toBe('image');
	expect(mediaData).toMatchObject({ mimetype: 'image/png', size: bytes.length, caption: 'так можно?' });
	expect((await call(mediaData.url)).text).toBe('not really a picture');
});

test('the flat variant has the fields of the flat variant only', async () => {
	await box.control('POST', '/phone/messages', { ...FROM, text: 'да', variant: 'flat' });
	expect(box.gateway.hits[0]?.json).toMatchObject({ jid: '77015705555@s.whatsapp.net', msg: 'да' });
	expect(box.gateway.hits[0]?.json).not.toHaveProperty('metadata');
});

test('two businesses that share a customer have two chats, two groups and two addresses', async () => {
	const other = {
		key: 'other',
		chatflow: { token: 'other-token', instanceId: 'other-instance' },
		telegram: { botToken: '654321:other_token_0', chatId: '-100999' },
		gateway: { url: `${box.gateway.url}/other`, secret: 'other-secret' },
	};
	expect((await box.control('POST', '/clients', other)).status).toBe(201);
	await box.control('POST', '/phone/messages', { ...FROM, client: 'other', text: 'да' });
	expect(box.gateway.hits[0]).toMatchObject({ path: '/other' });
	await box.sendText({
		token: 'other-token',
		instance_id: 'other-instance',
		jid: '77015705555@s.whatsapp.net',
		msg: 'от другого',
	});
	expect((await box.control('GET', '/phone/messages?client=demo_salon')).json.messages).toEqual([]);
	expect((await box.telegram('sendMessage', { chat_id: '-100999', text: 'x' })).json.description).toBe(
		'Bad Request: chat not found',
	);
	expect((await box.control('POST', '/clients', { ...other, key: 'third' })).json.error).toMatch(
		/another client has it/,
	);
});

test('a manager edits their own message only, and the bot gets edited_message', async () => {
	await box.telegram('setWebhook', { url: `${box.gateway.url}/tg` });
	const written = await box.control('POST', '/telegram/messages', { text: 'первый', manager: 'Айгуль' });
	const path = `/telegram/messages/${written.json.message_id}`;
	expect((await box.control('PUT', path, { text: 'чужой', manager: 'Марина' })).status).toBe(409);
	await box.control('PUT', path, { text: 'второй', manager: 'Айгуль' });
	expect((await box.gateway.next((hit) => hit.json?.edited_message !== undefined)).json.edited_message).toMatchObject({
		text: 'второй',
		edit_date: expect.any(Number),
	});
});

test('what cannot be done is refused with words: no button, no message, no client, no number, a typing mistake', async () => {
	const cases: [string, unknown, number][] = [
		['/telegram/press', { messageId: 999 }, 409],
		['/telegram/messages', { text: 'x', replyTo: 999 }, 409],
		['/telegram/messages', { text: 'x', manager: 'Никто' }, 404],
		['/phone/messages', { ...FROM, text: 'x', client: 'nobody' }, 404],
		['/phone/messages', { from: '12', text: 'x' }, 400],
		['/phone/messages', { ...FROM }, 400],
		['/phone/messages', { ...FROM, txet: 'x' }, 400],
		['/modes', { openai: { mode: 'sleepy' } }, 400],
	];
	for (const [path, body, status] of cases) {
		const answer = await box.control('POST', path, body);
		expect([path, answer.status, typeof answer.json.error]).toEqual([path, status, 'string']);
	}
});

test('no token, key or secret appears in what the control API shows', async () => {
	await box.telegram('setWebhook', { url: `${box.gateway.url}/tg`, secret_token: 'hidden_secret_token' });
	await box.sendText({ jid: '77015705555@s.whatsapp.net', msg: 'x' });
	await box.openai('chat/completions', { model: 'gpt-4.1', messages: [{ role: 'user', content: 'x' }] });
	const reply_markup = { inline_keyboard: [[{ text: 'да', callback_data: 'да' }]] };
	const { json } = await box.telegram('sendMessage', { chat_id: box.secrets.chatId, text: 'x', reply_markup });
	const press = await box.control('POST', '/telegram/press', { messageId: json.result.message_id });
	const answers = await Promise.all(
		['/state', '/calls', `/telegram/callbacks/${press.json.callbackId}`].map((path) => box.control('GET', path)),
	);
	expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
	const shown = answers.map((answer) => answer.text).join();
	for (const secret of [
		box.secrets.chatflow,
		box.secrets.bot,
		box.secrets.openai,
		box.secrets.gateway,
		'hidden_secret_token',
	])
		expect(shown).not.toContain(secret);
});

test('a page of another origin, or under another name for this machine, is refused', async () => {
	expect((await call(`${box.url}/control/state`, { headers: { origin: 'http://evil.example' } })).status).toBe(403);
	const { port } = new URL(box.url);
	const status = await new Promise((resolve, reject) => {
		request(
			{ host: '127.0.0.1', port, path: '/control/state', headers: { host: `evil.example:${port}` } },
			(response) => {
				response.resume();
				resolve(response.statusCode);
			},
		)
			.on('error', reject)
			.end();
	});
	expect(status).toBe(403);
});

test('the page runs its own scripts only', async () => {
	const page = await call(box.url);
	expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
	for (const path of page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g))
		expect((await call(box.url + path[1])).status).toBe(200);
});

describe('start and stop', () => {
	const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
	afterAll(() => rmSync(folder, { recursive: true }));
	const stateFile = join(folder, 'deep', 'state.json');

	test("a second start keeps chats, message numbers and the bot's webhook; only the owner can read the file", async () => {
		// The second start has the first one's secrets, as the stack's second start has.
		const first = await startTestSandbox({ stateFile });
		const { secrets } = first;
		await first.sendText({ jid: '77015705555@s.whatsapp.net', msg: 'помню' });
		await first.telegram('sendMessage', { chat_id: secrets.chatId, text: 'заявка' });
		await first.telegram('setWebhook', { url: `${first.gateway.url}/tg`, secret_token: 's' });
		await first.close();
		expect(statSync(stateFile).mode & 0o777).toBe(0o600);
		expect(readFileSync(stateFile, 'utf8')).not.toContain(secrets.bot);

		const second = await startTestSandbox({ stateFile, telegram: { botToken: secrets.bot, chatId: secrets.chatId } });
		expect((await second.control('GET', '/phone/messages')).json.messages).toMatchObject([{ text: 'помню' }]);
		expect((await second.telegram('getWebhookInfo', {}, secrets.bot)).json.result.url).toBe(`${first.gateway.url}/tg`);
		expect(
			(await second.telegram('sendMessage', { chat_id: secrets.chatId, text: 'ещё' }, secrets.bot)).json.result
				.message_id,
		).toBe(2);
		await second.close();
	});

	test('an unreadable state file is set aside, not overwritten', async () => {
		const broken = join(folder, 'broken.json');
		writeFileSync(broken, '{"version": 1, ');
		await (await startTestSandbox({ stateFile: broken })).close();
		const aside = readdirSync(folder).find((name) => name.startsWith('broken.json.unreadable-'));
		expect(readFileSync(join(folder, aside as string), 'utf8')).toBe('{"version": 1, ');
	});

	test('closing ends hanging calls and open event streams', async () => {
		const one = await startTestSandbox();
		await one.control('POST', '/modes', { openai: { mode: 'hang' } });
		const hanging = one.openai('chat/completions', { model: 'gpt-4.1', messages: [{ role: 'user', content: 'x' }] });
		const events = await fetch(`${one.url}/control/events`);
		const ended = Promise.allSettled([hanging, events.text()]);
		await new Promise((resolve) => setTimeout(resolve, 50));
		await one.close();
		expect((await ended)[0]?.status).toBe('rejected');
	});

	test('all problems of the options are told together, without the secrets', async () => {
		const start = startSandbox({
			port: 0,
			host: '0.0.0.0',
			chatflow: { token: '', instanceId: '' },
			telegram: { botToken: 'my-secret', chatId: 'group' },
			openai: { apiKey: '' },
			gateway: { url: 'ftp://x', secret: '' },
		});
		await expect(start).rejects.toThrow(
			/chatflow\.token[\s\S]*telegram\.botToken[\s\S]*gateway\.secret[\s\S]*openai\.apiKey[\s\S]*host: loopback only/,
		);
		await expect(start).rejects.not.toThrow(/my-secret/);
	});

	test('the command refuses to start without tokens and names each missing variable', async () => {
		const result = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
			const root = join(__dirname, '..', '..');
			const environment = Object.fromEntries(
				Object.entries(process.env).filter(([name]) => !name.startsWith('TRUFFLES_')),
			);
			execFile(
				process.execPath,
				['-r', 'ts-node/register', 'scripts/sandbox.ts'],
				{ cwd: root, env: environment },
				(error, _stdout, stderr) => resolve({ code: error?.code, stderr }),
			);
		});
		expect(result.code).toBe(64);
		for (const name of ['CHATFLOW_TOKEN', 'TELEGRAM_TOKEN', 'OPENAI_KEY', 'GATEWAY_SECRET'])
			expect(result.stderr).toContain(`TRUFFLES_SANDBOX_${name} is not set`);
	}, 30_000);
});
