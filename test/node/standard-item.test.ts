/** The nodes of the main flow on standard items, with the demo salon in a real PostgreSQL. */
import type { IDataObject, INodeType } from 'n8n-workflow';

import type { TurnItem } from '../../lib/item/turn-item';
import { BillingLog } from '../../nodes/BillingLog/BillingLog.node';
import { ChannelSend } from '../../nodes/ChannelSend/ChannelSend.node';
import { HandoverAdapter } from '../../nodes/HandoverAdapter/HandoverAdapter.node';
import { KaspiMatch } from '../../nodes/KaspiMatch/KaspiMatch.node';
import { ModelRouter } from '../../nodes/ModelRouter/ModelRouter.node';
import { RagSearch } from '../../nodes/RagSearch/RagSearch.node';
import { ReplyComposer } from '../../nodes/ReplyComposer/ReplyComposer.node';
import { ReplyGuard } from '../../nodes/ReplyGuard/ReplyGuard.node';
import { TrufflesChannelInput } from '../../nodes/TrufflesChannelInput/TrufflesChannelInput.node';
import { TrufflesClassifyIntent } from '../../nodes/TrufflesClassifyIntent/TrufflesClassifyIntent.node';
import { TrufflesConversation } from '../../nodes/TrufflesConversation/TrufflesConversation.node';
import { TrufflesErrorLog } from '../../nodes/TrufflesErrorLog/TrufflesErrorLog.node';
import { type HttpRecorder, startHttpRecorder } from '../support/http-recorder';
import { type NodeRun, type NodeRunOptions, runNode } from '../support/run-node';
import { SalonDatabase } from '../support/salon-database';

const ON_ERROR = 'continueErrorOutput';

let salon: SalonDatabase;
let model: HttpRecorder;
let telegram: HttpRecorder;
let modelAnswer: { status: number; json: unknown };

beforeAll(async () => {
	telegram = await startHttpRecorder(() => ({ status: 200, json: { ok: true, result: { message_id: 55 } } }));
	model = await startHttpRecorder(() => modelAnswer);
	salon = await SalonDatabase.start(
		{
			handover: { adapter: 'telegram', telegram: { apiBaseUrl: telegram.url, chatId: '-100200' } },
			// Tests ask the same question for different answers; the cache has its own test (model-router.test.ts).
			model: { monthlyBudgetTiyn: 1_000, cacheAnswers: false },
		},
		{ telegram_bot_token: '1:token' },
	);
}, 60_000);
beforeEach(() => {
	modelAnswer = answerOf('Есть, бесплатная.');
});
afterAll(async () => {
	await salon?.stop();
	await Promise.all([model?.close(), telegram?.close()]);
});

const answerOf = (content: string): { status: number; json: unknown } => ({
	status: 200,
	json: {
		choices: [{ finish_reason: 'stop', message: { content } }],
		usage: { prompt_tokens: 1_000, completion_tokens: 100 },
	},
});

async function run(node: INodeType, items: readonly TurnItem[], options: NodeRunOptions = {}): Promise<NodeRun> {
	return await runNode(node, items as unknown as IDataObject[], {
		onError: ON_ERROR,
		...options,
		credentials: { trufflesPlatformApi: salon.platformCredential, ...options.credentials },
	});
}

/** The only item that left, and through which output. */
function only(result: NodeRun): { output: number; item: TurnItem } {
	expect(result.error).toBeNull();
	const output = result.outputs.findIndex((items) => items.length > 0);
	expect(result.outputs.flat()).toHaveLength(1);
	return { output, item: result.json[output]?.[0] as unknown as TurnItem };
}

async function classified(text: string, changes: Partial<TurnItem> = {}): Promise<TurnItem> {
	return only(await run(new TrufflesClassifyIntent(), [await salon.openTurn(text, changes)])).item;
}

const modelCredential = () => ({
	trufflesModelApi: {
		provider: 'openaiCompatible',
		baseUrl: `${model.url}/v1`,
		apiKey: 'key',
		cheapModel: 'gpt-4.1-mini',
		strongModel: 'gpt-4.1',
	},
});

describe('from message to checked reply without a model', () => {
	const cases = [
		{ text: 'Сколько стоит маникюр с гель-лаком?', says: /\d[\d\s\u00a0]*₸/u },
		{ text: 'Қайда орналасқансыз?', says: /Наурызбай батыр/u },
	] as const;
	for (const { text, says } of cases) {
		test(`"${text}" is answered from the salon's facts and passes the guard`, async () => {
			const read = only(await run(new TrufflesChannelInput(), [await salon.openTurn(text)])).item;
			const item = only(await run(new TrufflesClassifyIntent(), [read])).item;
			const composed = only(await run(new ReplyComposer(), [item]));
			expect(composed.output).toBe(0);
			expect(composed.item.reply?.text).toMatch(says);
			const guarded = only(await run(new ReplyGuard(), [composed.item]));
			expect(guarded.output).toBe(0);
			expect(guarded.item.reply?.guard).toEqual({ kind: 'passed', violations: [] });
		});
	}

	test('"Позовите человека" leaves through "Hand over" with the reason, and no reply that a later node could send', async () => {
		const composed = only(await run(new ReplyComposer(), [await classified('Позовите человека')]));
		expect(composed).toMatchObject({
			output: 2,
			item: { reply: null, handover: { reason: 'asked_for_human', id: null } },
		});
	});

	test('knowledge answers a question that facts do not, without a model', async () => {
		const item = await classified('Есть ли у вас парковка?');
		const composed = only(await run(new ReplyComposer(), [item]));
		expect(composed.output).toBe(1);
		const found = only(await run(new RagSearch(), [composed.item]));
		expect(found).toMatchObject({
			output: 0,
			item: { retrieval: { engine: 'lexical', query: item.text, nothingRelevant: false } },
		});
		expect(found.item.retrieval?.chunks[0]?.text).toMatch(/парков/iu);
		const answered = only(await run(new ReplyComposer(), [found.item], { parameters: { operation: 'fromKnowledge' } }));
		expect(answered.output).toBe(0);
		expect(answered.item.reply?.source).toBe('knowledge');
	});

	test('a question about something the salon never wrote about finds nothing relevant', async () => {
		const found = only(await run(new RagSearch(), [await classified('ъыщ фывапр цукенг шщзх')]));
		expect(found).toMatchObject({ output: 1, item: { retrieval: { chunks: [], nothingRelevant: true } } });
	});
});

describe('model router', () => {
	const asking = async (): Promise<TurnItem> =>
		only(await run(new RagSearch(), [await classified('Есть ли у вас парковка возле салона?')])).item;

	test('a written reply carries its bill, and the billing node keeps it once however often it runs', async () => {
		const written = only(await run(new ModelRouter(), [await asking()], { credentials: modelCredential() }));
		expect(written).toMatchObject({
			output: 0,
			item: {
				reply: { source: 'model', text: 'Есть, бесплатная.', rewrites: 0 },
				billing: [{ status: 'ok', inputTokens: 1_000, costUsd: '0.000560000' }],
			},
		});
		for (const attempt of [1, 2]) {
			expect(only(await run(new BillingLog(), [written.item])).output).toBe(0);
			const { rows } = await salon.admin.query<{ n: number; cost: string }>(
				'select (select count(*)::int from billing_events where turn_id = $1) as n, cost_usd::text as cost from turns where id = $1',
				[written.item.turn.id],
			);
			expect({ attempt, ...rows[0] }).toEqual({ attempt, n: 1, cost: '0.000560000' });
		}
	});

	test('without a model credential the turn leaves through "No model" as it came, with a note', async () => {
		const item = await asking();
		const result = only(await run(new ModelRouter(), [item]));
		expect(result.output).toBe(1);
		expect(result.item).toEqual({ ...item, notes: [...item.notes, 'model: no_model_configured'] });
	});

	test('a failing endpoint leaves through "No model" and every attempt is on the bill', async () => {
		modelAnswer = { status: 500, json: { error: { message: 'down' } } };
		const result = only(await run(new ModelRouter(), [await asking()], { credentials: modelCredential() }));
		expect(result.output).toBe(1);
		expect(result.item.billing.map((call) => call.status)).toEqual(['refused', 'refused']);
	});

	test('a draft with a price nobody gave is sent back, written once more, and the second failure asks for a person', async () => {
		modelAnswer = answerOf('Парковка стоит 777 ₸.');
		const draft = only(await run(new ModelRouter(), [await asking()], { credentials: modelCredential() })).item;
		const judged = only(await run(new ReplyGuard(), [draft]));
		expect(judged).toMatchObject({
			output: 1,
			item: { reply: { guard: { kind: 'rewrite', violations: ['amount_not_in_facts'] } } },
		});
		const again = only(
			await run(new ModelRouter(), [judged.item], {
				parameters: { operation: 'rewrite' },
				credentials: modelCredential(),
			}),
		);
		expect(again).toMatchObject({ output: 0, item: { reply: { rewrites: 1 } } });
		expect(again.item.billing.map((call) => call.purpose)).toEqual(['reply', 'rewrite']);
		const refused = only(await run(new ReplyGuard(), [again.item]));
		expect(refused).toMatchObject({ output: 2, item: { reply: null, handover: { reason: 'guard_refused' } } });
	});

	test('a draft that no model wrote is not sent to a model for rewriting: it is refused at once', async () => {
		const item = await asking();
		const reply = {
			text: 'Парковка стоит 777 ₸.',
			language: 'ru',
			source: 'knowledge',
			facts: [],
			guard: null,
			rewrites: 0,
		} as const;
		const judged = only(await run(new ReplyGuard(), [{ ...item, reply }]));
		expect(judged).toMatchObject({ output: 2, item: { reply: null, handover: { reason: 'guard_refused' } } });
		expect(judged.item.notes.at(-1)).toBe('draft refused: amount_not_in_facts');
	});

	test('the active version of the business’s own prompt is part of the instructions, an old one is not', async () => {
		const item = await asking();
		await salon.admin.query(
			`insert into prompts (client_id, name, version, body, is_active) values ($1, 'reply', 1, 'СТАРЫЙ', false), ($1, 'reply', 2, 'НОВЫЙ ПРОМПТ', true)`,
			[salon.clientId],
		);
		await run(new ModelRouter(), [item], { credentials: modelCredential() });
		const { messages } = JSON.parse(model.requests.at(-1)?.body ?? '{}') as {
			messages: Array<{ role: string; content: string }>;
		};
		expect(messages[0]?.content).toContain('НОВЫЙ ПРОМПТ');
		expect(JSON.stringify(messages)).not.toContain('СТАРЫЙ');
	});

	test('a used-up budget makes no call', async () => {
		const item = await asking();
		await salon.admin.query(
			`insert into billing_events (id, client_id, purpose, provider, model, status, input_tokens, cached_input_tokens, output_tokens, cost_usd, cost_kzt, usd_kzt_rate, latency_ms)
			 values (gen_random_uuid(), $1, 'reply', 'openai', 'gpt-4.1', 'ok', 1, 0, 1, 0.1, 52, 520, 1)`,
			[salon.clientId],
		);
		const before = model.requests.length;
		const result = only(await run(new ModelRouter(), [item], { credentials: modelCredential() }));
		await salon.admin.query('delete from billing_events where cost_kzt = 52');
		expect(result.output).toBe(1);
		expect(result.item.notes).toContain('model: budget_reached');
		expect(model.requests.length).toBe(before);
	});
});

test('a handover is recorded, the managers are told, and the customer gets a reply', async () => {
	const composed = only(await run(new ReplyComposer(), [await classified('Позовите человека')])).item;
	const handed = only(await run(new HandoverAdapter(), [composed]));
	expect(handed).toMatchObject({
		output: 0,
		item: { handover: { reason: 'asked_for_human', notified: true }, reply: { source: 'handover' } },
	});
	expect(handed.item.handover?.id).toBeTruthy();
	expect(telegram.requests.at(-1)?.path).toBe('/bot1:token/sendMessage');
	expect(JSON.parse(telegram.requests.at(-1)?.body ?? '{}')).toMatchObject({ chat_id: '-100200' });
});

describe('one bad item in a batch', () => {
	const nodes: ReadonlyArray<{ node: INodeType; prepare: (text: string) => Promise<TurnItem> }> = [
		{ node: new TrufflesChannelInput(), prepare: async (text) => await salon.openTurn(text) },
		{ node: new TrufflesClassifyIntent(), prepare: async (text) => await salon.openTurn(text) },
		{ node: new ReplyComposer(), prepare: classified },
		{ node: new RagSearch(), prepare: classified },
		{ node: new BillingLog(), prepare: classified },
		{ node: new ModelRouter(), prepare: classified },
	];
	for (const { node, prepare } of nodes) {
		test(`${node.description.displayName}: goes to the error output with its own fields, the others go on, nothing is written into the input`, async () => {
			const good = await prepare('Сколько стоит маникюр с гель-лаком?');
			const bad = { ...good, client: null, text: 'bad one' } as unknown as TurnItem;
			const items = [good, bad, good];
			const before = structuredClone(items);
			const result = await run(node, items);
			const errors = result.outputs.at(-1) ?? [];
			expect(errors).toHaveLength(1);
			expect(errors[0]?.json).toMatchObject({ text: 'bad one', error: { code: 'TRF_ITEM_INVALID' } });
			expect(errors[0]?.pairedItem).toEqual({ item: 1 });
			const passed = result.outputs.slice(0, -1).flat();
			expect(passed.map((item) => item.pairedItem)).toEqual([{ item: 0 }, { item: 2 }]);
			expect(result.inputAfter.map((item) => item.json)).toEqual(before);
		});
	}
});

describe('fields mode with a business of the database', () => {
	const options = (parameters: NodeRunOptions['parameters']): NodeRunOptions => ({
		parameters: { source: 'fields', ...parameters },
		credentials: { trufflesPlatformApi: salon.platformCredential },
		onError: ON_ERROR,
	});

	test('a payment is matched with an open order of this business only', async () => {
		await salon.admin.query(`insert into orders (client_id, order_key, amount_tiyn) values ($1, 'A-17', 800000)`, [
			salon.clientId,
		]);
		const items = [{ amount: '8 000' }, { amount: '9 000' }];
		const result = await runNode(
			new KaspiMatch(),
			items,
			options({ ordersFrom: 'database', clientSlug: 'demo_salon' }),
		);
		expect(result.outputs.map((output) => output.length)).toEqual([1, 0, 1, 0]);
		const stranger = await runNode(new KaspiMatch(), items, options({ ordersFrom: 'database', clientSlug: 'nobody' }));
		expect(stranger.json[3]?.map((json) => (json['error'] as IDataObject)['code'])).toEqual([
			'TRF_CLIENT_UNKNOWN',
			'TRF_CLIENT_UNKNOWN',
		]);
	});

	test('a call with an id of its own is stored once, with the rate of the business', async () => {
		const callId = '0190a5a0-0000-7000-8000-000000000001';
		const parameters = { clientSlug: 'demo_salon', options: { callId } };
		for (const _attempt of [1, 2]) {
			const result = await runNode(
				new BillingLog(),
				[{ model: 'gpt-4.1-mini', usage: { prompt_tokens: 1000, completion_tokens: 0 } }],
				options(parameters),
			);
			expect(result.json[0]?.[0]).toMatchObject({
				billing: { recorded: true, usdKztRate: '520', costKzt: '0.208000' },
			});
		}
		const { rows } = await salon.admin.query<{ n: number }>(
			'select count(*)::int as n from billing_events where id = $1',
			[callId],
		);
		expect(rows[0]?.n).toBe(1);
	});

	test('the knowledge of the business is searched', async () => {
		const result = await runNode(
			new RagSearch(),
			[{ text: 'парковка' }],
			options({ documentsFrom: 'client', clientSlug: 'demo_salon' }),
		);
		expect(result.outputs[0]).toHaveLength(1);
	});

	test('an error is kept in error_logs', async () => {
		const event = {
			execution: {
				id: '77',
				error: { message: 'm', context: { code: 'TRF_SEND_REFUSED' } },
				lastNodeExecuted: 'Send message',
			},
			workflow: { name: '8_Send_Response' },
		};
		const result = await runNode(new TrufflesErrorLog(), [event], {
			credentials: { trufflesPlatformApi: salon.platformCredential },
		});
		expect(result.json[0]?.[0]).toMatchObject({ recorded: true });
		const { rows } = await salon.admin.query(
			`select workflow, node, code, family from error_logs where execution_id = '77'`,
		);
		expect(rows).toEqual([
			{ workflow: '8_Send_Response', node: 'Send message', code: 'TRF_SEND_REFUSED', family: 'refused' },
		]);
	});
});

test('a database that is away sends every turn to the error output; none leaves as if it were done', async () => {
	const item = await classified('Сколько стоит маникюр?');
	const away = { ...salon.platformCredential, databaseUrl: 'postgres://truffles_app:x@127.0.0.1:1/none' };
	for (const node of [
		new TrufflesClassifyIntent(),
		new ReplyComposer(),
		new RagSearch(),
		new HandoverAdapter(),
		new ChannelSend(),
		new TrufflesConversation(),
	]) {
		const result = await run(node, [item, item], { credentials: { trufflesPlatformApi: away } });
		expect(result.outputs.slice(0, -1).flat()).toEqual([]);
		expect(result.outputs.at(-1)?.map((failed) => (failed.json['error'] as IDataObject)['code'])).toEqual([
			'TRF_DB_UNREACHABLE',
			'TRF_DB_UNREACHABLE',
		]);
		expect(result.outputs.at(-1)?.[0]?.json).toMatchObject({ turn: { id: item.turn.id } });
	}
});
