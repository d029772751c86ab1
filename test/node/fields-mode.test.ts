/** The nodes as anyone uses them by drag and drop: ordinary fields, no database. */
import type { INodeParameters } from 'n8n-workflow';

import { BillingLog } from '../../nodes/BillingLog/BillingLog.node';
import { HandoverAdapter } from '../../nodes/HandoverAdapter/HandoverAdapter.node';
import { ModelRouter } from '../../nodes/ModelRouter/ModelRouter.node';
import { RagSearch } from '../../nodes/RagSearch/RagSearch.node';
import { ReplyComposer } from '../../nodes/ReplyComposer/ReplyComposer.node';
import { ReplyGuard } from '../../nodes/ReplyGuard/ReplyGuard.node';
import { TrufflesChannelInput } from '../../nodes/TrufflesChannelInput/TrufflesChannelInput.node';
import { TrufflesClassifyIntent } from '../../nodes/TrufflesClassifyIntent/TrufflesClassifyIntent.node';
import { TrufflesErrorLog } from '../../nodes/TrufflesErrorLog/TrufflesErrorLog.node';
import { startHttpRecorder } from '../support/http-recorder';
import { runNode } from '../support/run-node';

const fields = { source: 'fields' };
const PACK = {
	name: { ru: 'Салон', kk: 'Салон' },
	categories: [{ key: 'nails', names: { ru: 'Маникюр', kk: 'Маникюр' } }],
	services: [
		{
			key: 'manicure',
			category: 'nails',
			names: { ru: 'Маникюр', kk: 'Маникюр' },
			synonyms: ['маник'],
			priceTenge: 8000,
			durationMinutes: 90,
		},
	],
	address: { ru: 'Алматы, Тестовая 1', kk: 'Алматы, Тестовая 1' },
	phones: [],
	hours: [{ days: [1, 2, 3, 4, 5, 6, 7], open: '10:00', close: '20:00' }],
	payment: { ru: 'Наличные и Kaspi', kk: 'Қолма-қол және Kaspi' },
	rules: [],
};

describe('Truffles Channel Input', () => {
	test('a caption joins the text once and an unreadable voice message leaves a note', async () => {
		const items = [
			{ text: 'вот', attachments: [{ kind: 'image', caption: 'такой маникюр' }, { kind: 'audio' }], other: 1 },
		];
		const run = await runNode(new TrufflesChannelInput(), items, { parameters: fields });
		expect(run.json).toEqual([[{ ...items[0], text: 'вот\nтакой маникюр', notes: ['audio not read: no caption'] }]]);
	});

	test('attachments that are no list fail alone', async () => {
		const run = await runNode(
			new TrufflesChannelInput(),
			[
				{ text: 'a', attachments: 'x{' },
				{ text: 'b', attachments: [] },
			],
			{ parameters: fields, onError: 'continueRegularOutput' },
		);
		expect(run.json[0]).toEqual([
			{ error: { code: 'TRF_FIELD_INVALID', message: expect.any(String) } },
			{ text: 'b', attachments: [], notes: [] },
		]);
	});
});

describe('Truffles Classify Intent', () => {
	const cases = [
		{
			name: 'a Kazakh question in Russian letters is a price question answered in Kazakh',
			text: 'сәлем, маникюр канша турады',
			parameters: {},
			expected: { intent: 'question_price', replyLanguage: 'kk' },
		},
		{
			name: 'a keyword of one’s own decides',
			text: 'хочу абонементик',
			parameters: { keywords: { intents: [{ intent: 'payment', words: 'абонемент*' }] } },
			expected: { intent: 'payment' },
		},
		{
			name: 'a stop word asks for a person',
			text: 'дайте директора',
			parameters: { stopWords: 'директор*, юрист*' },
			expected: { intent: 'ask_human', route: 'handover' },
		},
		{
			name: 'an empty text is unclear, not an error',
			text: '',
			parameters: {},
			expected: { intent: 'unclear', replyLanguage: 'ru' },
		},
	] as const;
	for (const { name, text, parameters, expected } of cases) {
		test(name, async () => {
			const run = await runNode(new TrufflesClassifyIntent(), [{ text }], {
				parameters: { ...fields, ...(structuredClone(parameters) as INodeParameters) },
			});
			expect(run.error).toBeNull();
			expect(run.json[0]?.[0]).toMatchObject({ text, classification: expected });
		});
	}
});

describe('Reply Composer', () => {
	test('a price question is answered from the pack, a call for a person is handed over, in one batch', async () => {
		const items = [
			{ text: 'Сколько стоит маникюр?' },
			{ text: 'Позовите человека' },
			{ text: 'А у вас есть парковка возле входа?' },
		];
		const run = await runNode(new ReplyComposer(), items, {
			parameters: { ...fields, clientPack: JSON.stringify(PACK) },
		});
		expect(run.error).toBeNull();
		expect(run.json[0]?.[0]).toMatchObject({ reply: { source: 'facts', text: expect.stringMatching(/8\s000\s₸/u) } });
		expect(run.outputs.map((output) => output.map((item) => item.pairedItem))).toEqual([
			[{ item: 0 }],
			[{ item: 2 }],
			[{ item: 1 }],
		]);
		expect(run.json[2]?.[0]).toMatchObject({ reason: 'asked_for_human' });
	});

	test('what RAG Search found answers without a model', async () => {
		const items = [{ text: 'Есть ли парковка?' }];
		const found = await runNode(new RagSearch(), items, {
			parameters: { ...fields, text: '# Есть ли парковка?\nДа, бесплатная во дворе.\n\n# Можно с собакой?\nНет.' },
		});
		expect(found.json[0]?.[0]).toMatchObject({ retrieval: { chunks: [{ text: 'Да, бесплатная во дворе.' }] } });
		const run = await runNode(new ReplyComposer(), found.json[0] ?? [], {
			parameters: { ...fields, operation: 'fromKnowledge', clientPack: JSON.stringify(PACK) },
		});
		expect(run.json[0]?.[0]).toMatchObject({ reply: { source: 'knowledge', text: 'Да, бесплатная во дворе.' } });
	});

	test('a pack with a mistake names its place', async () => {
		const run = await runNode(new ReplyComposer(), [{ text: 'а' }], {
			parameters: {
				...fields,
				clientPack: JSON.stringify({ ...PACK, hours: [{ days: [8], open: '10:00', close: '20:00' }] }),
			},
		});
		expect(run.error?.message).toContain('hours/0/days/0');
	});
});

describe('RAG Search', () => {
	test('documents of the item are searched; what none of them says leaves through "Nothing relevant"', async () => {
		const documents = [
			{ id: 'p', title: 'Парковка', text: 'Парковка бесплатная.' },
			{ id: 'd', title: 'Скидки', text: 'Скидка в день рождения 10 %.' },
		];
		const run = await runNode(
			new RagSearch(),
			[
				{ text: 'скидка на день рождения', documents },
				{ text: 'квантовая хромодинамика', documents },
			],
			{ parameters: { ...fields, documentsFrom: 'list' } },
		);
		expect(run.json[0]?.[0]).toMatchObject({
			retrieval: { chunks: [{ id: 'd', source: 'd' }], nothingRelevant: false },
		});
		expect(run.json[1]?.[0]).toMatchObject({ retrieval: { chunks: [], nothingRelevant: true } });
	});
});

describe('Reply Guard', () => {
	const facts = 'Маникюр: 8 000 ₸\nРаботаем до 20:00';
	const cases = [
		{ name: 'a draft with the given price passes', parameters: {}, text: 'Маникюр стоит 8 000 ₸.', output: 0 },
		{ name: 'an invented price is sent back for rewriting', parameters: {}, text: 'Маникюр стоит 5 000 ₸.', output: 1 },
		{
			name: 'an invented price after a rewrite is refused',
			parameters: { rewrites: 1 },
			text: 'Маникюр стоит 5 000 ₸.',
			output: 2,
		},
		{
			name: 'a booking that was not made may not be claimed',
			parameters: {},
			text: 'Я вас записала на завтра.',
			output: 1,
		},
		{
			name: 'a booking that was made may be confirmed',
			parameters: { done: ['bookingDone'] },
			text: 'Я вас записала на завтра.',
			output: 0,
		},
	] as const;
	for (const { name, parameters, text, output } of cases) {
		test(name, async () => {
			const run = await runNode(new ReplyGuard(), [{ text }], {
				parameters: { ...fields, facts, ...(structuredClone(parameters) as INodeParameters) },
			});
			expect(run.error).toBeNull();
			expect(run.outputs.findIndex((items) => items.length > 0)).toBe(output);
		});
	}
});

describe('Model Router', () => {
	const credential = (url: string) => ({
		trufflesModelApi: {
			provider: 'openaiCompatible',
			baseUrl: `${url}/v1`,
			apiKey: 'secret-key',
			cheapModel: 'cheap-one',
			strongModel: 'strong-one',
		},
	});

	test('the chosen model is asked with the credential’s key; a failing one is replaced by its fallback', async () => {
		const endpoint = await startHttpRecorder(({ body }) =>
			body.includes('strong-one')
				? { status: 503, json: {} }
				: {
						status: 200,
						json: {
							choices: [{ finish_reason: 'stop', message: { content: 'Привет' } }],
							usage: { prompt_tokens: 10, completion_tokens: 2 },
						},
					},
		);
		const run = await runNode(new ModelRouter(), [{ text: 'скажи привет' }], {
			parameters: { ...fields, model: 'strong', options: { system: 'кратко' } },
			credentials: credential(endpoint.url),
		});
		await endpoint.close();
		expect(run.json[0]?.[0]).toMatchObject({
			text: 'скажи привет',
			answer: { text: 'Привет', model: 'cheap-one', calls: [{ status: 'refused' }, { status: 'ok' }] },
		});
		expect(endpoint.requests[0]?.headers['authorization']).toBe('Bearer secret-key');
		expect(JSON.parse(endpoint.requests[0]?.body ?? '{}')).toMatchObject({
			messages: [
				{ role: 'system', content: 'кратко' },
				{ role: 'user', content: 'скажи привет' },
			],
		});
		expect(JSON.stringify(run.json)).not.toContain('secret-key');
	});

	test('without a model the items leave through "No model" with a note, not as an error', async () => {
		const run = await runNode(new ModelRouter(), [{ text: 'а' }], { parameters: fields });
		expect(run.json[1]).toEqual([
			{
				text: 'а',
				answer: { text: null, model: null, costUsd: '0', calls: [], notes: ['model: no_model_configured'] },
			},
		]);
	});
});

describe('Billing Log', () => {
	test('a usage object becomes an exact cost in dollars and tenge', async () => {
		const usage = { prompt_tokens: 1000, completion_tokens: 100, prompt_tokens_details: { cached_tokens: 500 } };
		const run = await runNode(new BillingLog(), [{ model: 'gpt-4.1-mini', usage }], {
			parameters: { ...fields, usdKztRate: '520,5' },
		});
		// 500 × 0.40 + 500 × 0.10 + 100 × 1.60 dollars per million
		expect(run.json[0]?.[0]).toMatchObject({
			billing: {
				costUsd: '0.000410000',
				costKzt: '0.213405',
				recorded: false,
				inputTokens: 1000,
				cachedInputTokens: 500,
			},
		});
	});

	test('an unknown model is billed at the ceiling, a usage without tokens is an error of that item', async () => {
		const items = [
			{ model: 'no-such-model', usage: { input_tokens: 1, output_tokens: 1 } },
			{ model: 'gpt-4.1', usage: {} },
		];
		const run = await runNode(new BillingLog(), items, { parameters: fields, onError: 'continueErrorOutput' });
		expect(run.json[0]?.[0]).toMatchObject({ billing: { priceKind: 'ceiling' } });
		expect(run.json[1]?.[0]).toMatchObject({ model: 'gpt-4.1', error: { code: 'TRF_FIELD_INVALID' } });
	});
});

describe('Handover Adapter', () => {
	test('a Telegram notice goes to the chat as plain text and its id comes back', async () => {
		const telegram = await startHttpRecorder(() => ({ status: 200, json: { ok: true, result: { message_id: 7 } } }));
		const run = await runNode(new HandoverAdapter(), [{ text: 'Клиент ждёт <b>ответа</b>' }], {
			parameters: { ...fields, chatId: '-100' },
			credentials: { trufflesTelegramApi: { botToken: '1:abc', apiBaseUrl: telegram.url } },
		});
		await telegram.close();
		expect(run.json[1]?.[0]).toMatchObject({ handover: { adapter: 'telegram', messageId: '7', notified: true } });
		expect(JSON.parse(telegram.requests[0]?.body ?? '{}')).toMatchObject({
			chat_id: '-100',
			text: 'Клиент ждёт <b>ответа</b>',
		});
	});

	test('a refused notice fails its item without the token in the message', async () => {
		const telegram = await startHttpRecorder(() => ({
			status: 401,
			json: { ok: false, error_code: 401, description: 'Unauthorized' },
		}));
		const run = await runNode(new HandoverAdapter(), [{ text: 'a' }], {
			parameters: { ...fields, chatId: '-100' },
			credentials: { trufflesTelegramApi: { botToken: '1:abc', apiBaseUrl: telegram.url } },
			onError: 'continueErrorOutput',
		});
		await telegram.close();
		expect(run.json[2]?.[0]).toMatchObject({ text: 'a', error: { code: 'TRF_SEND_REFUSED' } });
		expect(JSON.stringify(run.json)).not.toContain('1:abc');
	});

	test('a webhook gets the event and the header of the credential', async () => {
		const crm = await startHttpRecorder(() => ({ status: 201, json: { id: 'T-1' } }));
		const run = await runNode(new HandoverAdapter(), [{ text: 'a' }], {
			parameters: { ...fields, adapter: 'webhook', url: crm.url, event: '{"reason":"complaint"}' },
			credentials: { trufflesWebhookApi: { headerName: 'X-Key', headerValue: 'v', testUrl: '' } },
		});
		await crm.close();
		expect(run.json[1]?.[0]).toMatchObject({ handover: { adapter: 'webhook', messageId: 'T-1' } });
		expect(crm.requests[0]).toMatchObject({ method: 'POST', headers: { 'x-key': 'v' } });
		expect(JSON.parse(crm.requests[0]?.body ?? '{}')).toMatchObject({ event: { reason: 'complaint' }, text: 'a' });
	});
});

describe('Truffles Error Log', () => {
	test('an item of the Error Trigger is classified without what must not be stored', async () => {
		const error = {
			name: 'NodeApiError',
			message:
				'GET https://api.telegram.org/bot12:AbC_d/sendMessage?x=1 to +7 705 123 45 67 said "это длинные слова клиента о себе"',
			httpCode: '403',
		};
		const run = await runNode(new TrufflesErrorLog(), [
			{ execution: { id: '5', error, lastNodeExecuted: 'Send' }, workflow: { id: '1', name: '8_Send' } },
		]);
		const failure = (run.json[0]?.[0] as { failure: { message: string } }).failure;
		expect(failure).toMatchObject({
			workflow: '8_Send',
			node: 'Send',
			executionId: '5',
			code: 'TRF_NODE_FAILED',
			family: 'refused',
		});
		expect(failure.message).not.toMatch(/AbC_d|705|слова/u);
	});

	test('our own code is kept', async () => {
		const run = await runNode(new TrufflesErrorLog(), [
			{ execution: { error: { message: 'm', context: { code: 'TRF_DB_UNREACHABLE' } } }, workflow: {} },
		]);
		expect(run.json[0]?.[0]).toMatchObject({
			failure: { code: 'TRF_DB_UNREACHABLE', family: 'unreachable', retryable: true },
			recorded: false,
		});
	});

	test('an item without an error is refused, the others are classified', async () => {
		const run = await runNode(
			new TrufflesErrorLog(),
			[{ nothing: 1 }, { error: { message: 'm', code: 'ETIMEDOUT' } }],
			{ onError: 'continueErrorOutput' },
		);
		expect(run.json[0]?.[0]).toMatchObject({ failure: { family: 'unreachable' } });
		expect(run.json[1]?.[0]).toMatchObject({ nothing: 1, error: { code: 'TRF_ITEM_INVALID' } });
	});
});
