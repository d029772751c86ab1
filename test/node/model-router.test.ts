/** What the model router promises about money, privacy and which model it asks, with real PostgreSQL and model stand-ins. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { IDataObject } from 'n8n-workflow';

import type { TurnItem } from '../../lib/item/turn-item';
import { BillingLog } from '../../nodes/BillingLog/BillingLog.node';
import { ModelRouter } from '../../nodes/ModelRouter/ModelRouter.node';
import { queryEmbedder } from '../../nodes/RagSearch/embed-query';
import { accessTo, type ModelAccess } from '../../nodes/shared/model-access';
import { readModelCredential } from '../../nodes/shared/model-credential';
import type { Platform } from '../../nodes/shared/platform';
import { type HttpRecorder, startHttpRecorder } from '../support/http-recorder';
import { type NodeRunOptions, runNode } from '../support/run-node';
import { SalonDatabase } from '../support/salon-database';

const IIN = '900101300017';
const PHONE = '+7 701 123-45-67';

let salon: SalonDatabase;
let foreign: HttpRecorder;
let local: HttpRecorder;
let telegram: HttpRecorder;
let answer: () => string;
/** Holds the answers of the foreign model. */
let beforeAnswer: () => Promise<void>;

beforeAll(async () => {
	const chat = (content: string) => ({
		status: 200,
		json: {
			choices: [{ finish_reason: 'stop', message: { content } }],
			usage: { prompt_tokens: 1_000, completion_tokens: 100 },
		},
	});
	foreign = await startHttpRecorder(async () => {
		await beforeAnswer();
		return chat(answer());
	});
	local = await startHttpRecorder(() => chat('Ответ местной модели.'));
	telegram = await startHttpRecorder(() => ({ status: 200, json: { ok: true, result: { message_id: 55 } } }));
	salon = await SalonDatabase.start(
		{
			handover: { adapter: 'telegram', telegram: { apiBaseUrl: telegram.url, chatId: '-100200' } },
			model: { languages: { kk: { cheap: 'gpt-4o-mini' } } },
		},
		{ telegram_bot_token: '1:token' },
	);
}, 60_000);
beforeEach(() => {
	answer = () => 'Да, можно.';
	beforeAnswer = async () => undefined;
	for (const recorder of [foreign, local, telegram]) recorder.requests.length = 0;
});
afterAll(async () => {
	await salon?.stop();
	await Promise.all([foreign?.close(), local?.close(), telegram?.close()]);
});

const credential = (over: IDataObject = {}) => ({
	trufflesModelApi: {
		provider: 'openaiCompatible',
		baseUrl: `${foreign.url}/v1`,
		apiKey: 'key',
		cheapModel: 'gpt-4.1-mini',
		strongModel: 'gpt-4.1',
		...over,
	},
});
const withLocal = () => credential({ localBaseUrl: `${local.url}/v1`, localModel: 'qwen3:8b' });

let turns = 0;
let configVersion = 1;
/** A turn that needs a model; each is a question of its own, so that no answer comes from the cache unasked. */
async function turn(text: string, over: Partial<NonNullable<TurnItem['classification']>> = {}): Promise<TurnItem> {
	turns += 1;
	const opened = await salon.openTurn(`${text} (${turns})`, {
		classification: {
			intent: 'question_other',
			intents: ['question_other'],
			confidence: 0.9,
			language: 'ru',
			replyLanguage: 'ru',
			entities: { services: [], dateTimes: [], branch: null, amountsTiyn: [], name: null, hasPhone: false },
			route: 'retrieval',
			reason: 'test',
			sensitive: false,
			...over,
		},
	});
	return { ...opened, client: { ...opened.client, configVersion } };
}

async function route(item: TurnItem, options: NodeRunOptions = {}): Promise<{ output: number; item: TurnItem }> {
	const run = await runNode(new ModelRouter(), [item as unknown as IDataObject], {
		onError: 'continueErrorOutput',
		...options,
		credentials: { trufflesPlatformApi: salon.platformCredential, ...(options.credentials ?? credential()) },
	});
	expect(run.error).toBeNull();
	const output = run.outputs.findIndex((items) => items.length > 0);
	return { output, item: run.json[output]?.[0] as unknown as TurnItem };
}

/** Changes the client's model settings, as onboarding does: with a new version of its configuration. */
async function setModel(changes: Record<string, unknown>): Promise<void> {
	const { rows } = await salon.admin.query<{ version: number }>(
		`with s as (update client_settings set settings = jsonb_set(settings, '{model}', (settings -> 'model') || $2::jsonb) where client_id = $1)
		 update clients set config_version = config_version + 1 where id = $1 returning config_version as version`,
		[salon.clientId, JSON.stringify(changes)],
	);
	configVersion = rows[0]?.version ?? 0;
}

describe('personal data', () => {
	test('an IIN, a phone and a name never leave for a foreign model, and come back in the reply', async () => {
		answer = () => 'Хорошо, [NAME_1]: номер [PHONE_1] записали себе.';
		const entities = { ...(await turn('')).classification?.entities, name: 'Айгуль' } as never;
		const item = await turn(`Меня зовут Айгуль, ИИН ${IIN}, тел ${PHONE}. Есть ли рассрочка?`, {
			sensitive: true,
			entities,
		});
		const written = await route(item);
		expect(written).toMatchObject({
			output: 0,
			item: { reply: { text: `Хорошо, Айгуль: номер ${PHONE} записали себе.`, source: 'model' } },
		});
		expect(foreign.requests).toHaveLength(1);
		expect(foreign.requests[0]?.body).not.toMatch(/900101300017|701|Айгуль/);
		expect(JSON.stringify(written.item.notes)).not.toMatch(/\d{9}/);
	});

	test('with a local endpoint the message goes there as it is, and nowhere else', async () => {
		const written = await route(await turn(`ИИН ${IIN}, есть рассрочка?`, { sensitive: true }), {
			credentials: withLocal(),
		});
		expect(written).toMatchObject({
			output: 0,
			item: { reply: { text: 'Ответ местной модели.' }, billing: [{ provider: 'ollama', costUsd: '0.000000000' }] },
		});
		expect(foreign.requests).toHaveLength(0);
		expect(local.requests[0]?.body).toContain(IIN);
	});

	test('what cannot be hidden goes to a person, and to no model', async () => {
		const item = await turn('мои данные в приложенном фото', { sensitive: true });
		expect(await route(item)).toMatchObject({ output: 2, item: { handover: { reason: 'sensitive' }, reply: null } });
		expect(foreign.requests).toHaveLength(0);
	});

	test.each(['Номер карты [CARD_1] верный', 'Ваш ИИН [ИИН_1] принят', 'ИИН [IIN_'])(
		'an answer with a placeholder that is not ours goes to a person: %s',
		async (text) => {
			answer = () => text;
			const item = await turn(`ИИН ${IIN}, есть рассрочка?`, { sensitive: true });
			const written = await route(item);
			expect(written).toMatchObject({ output: 2, item: { handover: { reason: 'sensitive' }, reply: null } });
			expect(written.item.billing).toHaveLength(1);
		},
	);

	test('nor does it leave as a query for an embedding, unless the endpoint is the business’s own', async () => {
		const asked: string[] = [];
		const llm = {
			provider: 'openai',
			complete: async () => await Promise.reject(new Error('not asked')),
			embed: async (_model: string, texts: readonly string[]) => {
				asked.push(...texts);
				return await Promise.resolve({ vectors: [[1]], usage: { prompt_tokens: 1 } });
			},
		} as unknown as ModelAccess['llm'];
		const platform = {
			vectors: {},
			clock: { now: () => new Date() },
			crypto: { uuid: () => 'id' },
			packs: async () => await Promise.resolve({ settings: { model: { usdKztRate: '520' } } }),
			ledger: {
				reserve: async () => await Promise.resolve({ kind: 'unlimited' }),
				settle: async () => await Promise.resolve({ written: 1, queued: false, alerts: [] }),
			},
		} as unknown as Platform;
		const owner = {
			clientId: 'c',
			configVersion: 1,
			timeZone: 'Asia/Almaty',
			conversationId: null,
			turnId: null,
		};
		for (const isLocal of [false, true]) {
			const access = { llm, embeddingModel: 'text-embedding-3-small', isLocal } as unknown as ModelAccess;
			await queryEmbedder(platform, access, owner)?.(`ИИН ${IIN}, есть рассрочка?`);
		}
		expect(asked).toEqual(['ИИН [IIN_1], есть рассрочка?', `ИИН ${IIN}, есть рассрочка?`]);
	});

	test('a sensitive answer is not kept: the same question is asked again', async () => {
		const item = await turn(`ИИН ${IIN}, есть рассрочка?`, { sensitive: true });
		await route(item);
		await route({ ...item, notes: [] });
		expect(foreign.requests).toHaveLength(2);
	});
});

describe('money', () => {
	const forgetSpending = async (): Promise<void> => {
		for (const table of ['billing_events', 'usage', 'budget_alerts', 'budget_reservations', 'error_logs'])
			await salon.admin.query(`delete from ${table} where client_id = $1`, [salon.clientId]);
	};
	afterEach(async () => await setModel({ dailyBudgetTiyn: 100_000_000 }));

	test('a call is in the bill before the billing node, which then writes nothing twice', async () => {
		const { item } = await route(await turn('Больно ли делать шугаринг?'));
		const bill = async () =>
			(
				await salon.admin.query<{ n: number; cost: string }>(
					'select (select count(*)::int from billing_events where turn_id = $1) as n, cost_usd::text as cost from turns where id = $1',
					[item.turn.id],
				)
			).rows[0];
		// The reply did not wait for the commit.
		await eventually(async () => ((await bill())?.n === 1 ? [true] : []));
		expect(await bill()).toEqual({ n: 1, cost: '0.000560000' });
		await runNode(new BillingLog(), [item as unknown as IDataObject], {
			credentials: { trufflesPlatformApi: salon.platformCredential },
		});
		expect(await bill()).toEqual({ n: 1, cost: '0.000560000' });
	});

	test('forty questions at once against a budget for a few: no more are paid than fit, none is an error', async () => {
		// 1000 tokens in and 100 out of gpt-4.1-mini cost 0.00056 dollars, 29.12 tiyn; held is more.
		await forgetSpending();
		await setModel({ dailyBudgetTiyn: 3_000 });
		const items = await Promise.all(Array.from({ length: 40 }, async () => await turn('Больно ли делать шугаринг?')));
		const results = await Promise.all(items.map(async (item) => await route(item)));
		const { rows } = await salon.admin.query<{ spent: string }>(
			'select ceil(coalesce(sum(cost_kzt), 0) * 100)::text as spent from billing_events where client_id = $1',
			[salon.clientId],
		);
		expect(Number(rows[0]?.spent)).toBeLessThanOrEqual(3_000);
		const usd = results.flatMap(({ item }) => item.billing).reduce((sum, { costUsd }) => sum + Number(costUsd), 0);
		expect(usd * 520 * 100).toBeLessThanOrEqual(3_000);
		const without = results.filter(({ output }) => output === 1);
		expect(results.every(({ output }) => output === 0 || output === 1)).toBe(true);
		expect(without.length).toBeGreaterThan(0);
		for (const { item } of without) expect(item.notes).toContain('model: budget_reached');
	});

	test('when 80 per cent are spent the error log and the managers hear of it, once', async () => {
		await forgetSpending();
		await setModel({ dailyBudgetTiyn: 1_400 });
		const spend = async (tiyn: number): Promise<void> => {
			await salon.admin.query(
				`insert into billing_events (id, client_id, purpose, provider, model, status, input_tokens, cached_input_tokens, output_tokens, cost_usd, cost_kzt, usd_kzt_rate, latency_ms)
				 values (gen_random_uuid(), $1, 'reply', 'openai', 'gpt-4.1', 'ok', 1, 0, 1, 0.1, $2::numeric, 520, 1)`,
				[salon.clientId, tiyn / 100],
			);
		};
		await spend(1_100);
		for (let asked = 0; asked < 3; asked += 1) await route(await turn('Больно?'), { credentials: cheap() });
		const codes = async () =>
			(
				await salon.admin.query<{ code: string }>(
					`select code from error_logs where client_id = $1 and code like 'TRF_BUDGET%' order by code`,
					[salon.clientId],
				)
			).rows.map(({ code }) => code);
		await eventually(codes);
		expect(await codes()).toEqual(['TRF_BUDGET_ALMOST_REACHED']);
		const sent = await eventually(() =>
			telegram.requests.map(({ body }) => body).filter((body) => body.includes('💰')),
		);
		expect(sent).toHaveLength(1);
		expect(sent[0]).toContain('за сегодня');
	});
});

const cheap = () => credential({ strongModel: '' });

describe('models', () => {
	const modelOf = (index = -1): string =>
		(JSON.parse(foreign.requests.at(index)?.body ?? '{}') as { model: string }).model;

	test('the client’s model for Kazakh replies is asked for those only', async () => {
		await route(await turn('Ауыра ма?', { language: 'kk', replyLanguage: 'kk' }));
		expect(modelOf()).toBe('gpt-4o-mini');
		await route(await turn('Больно?'));
		expect(modelOf()).toBe('gpt-4.1-mini');
	});

	test('sixteen turns of a batch ask the model at the same time, and no more', async () => {
		let asking = 0;
		let mostAsking = 0;
		beforeAnswer = async () => {
			asking += 1;
			mostAsking = Math.max(mostAsking, asking);
			for (let waitedMs = 0; mostAsking < 17 && waitedMs < 400; waitedMs += 20) await sleep(20);
			asking -= 1;
		};
		const items = await Promise.all(Array.from({ length: 20 }, async () => await turn('Больно ли делать шугаринг?')));
		const run = await runNode(new ModelRouter(), items as unknown as IDataObject[], {
			credentials: { trufflesPlatformApi: salon.platformCredential, ...credential() },
		});
		expect(run.json[0]).toHaveLength(20);
		expect(mostAsking).toBe(16);
	});

	test('an endpoint that speaks Anthropic’s protocol answers as any other', async () => {
		const claude = await startHttpRecorder(() => ({
			status: 200,
			json: {
				content: [{ type: 'text', text: 'Да, можно.' }],
				stop_reason: 'end_turn',
				usage: { input_tokens: 900, cache_read_input_tokens: 100, cache_creation_input_tokens: 0, output_tokens: 50 },
			},
		}));
		const written = await route(await turn('Больно?'), {
			credentials: credential({
				provider: 'anthropic',
				baseUrl: claude.url,
				cheapModel: 'claude-haiku-4-5',
				strongModel: 'claude-sonnet-5-5',
			}),
		});
		await claude.close();
		expect(written).toMatchObject({
			output: 0,
			item: { billing: [{ provider: 'anthropic', inputTokens: 1_000, cachedInputTokens: 100, status: 'ok' }] },
		});
		expect(claude.requests[0]?.path).toBe('/v1/messages');
	});

	test('the backup endpoint answers when the main one has no working key', async () => {
		const dead = await startHttpRecorder(() => ({ status: 401, json: { error: { code: 'invalid_api_key' } } }));
		const written = await route(await turn('Больно?'), {
			credentials: credential({
				baseUrl: `${dead.url}/v1`,
				backupProvider: 'openaiCompatible',
				backupBaseUrl: `${foreign.url}/v1`,
				backupModel: 'gemini-2.5-flash',
			}),
		});
		await dead.close();
		expect(written.item.billing.map(({ status, model }) => [status, model])).toEqual([
			['refused', 'gpt-4.1-mini'],
			['ok', 'gemini-2.5-flash'],
		]);
		const { rows } = await salon.admin.query('select code from error_logs where turn_id = $1', [written.item.turn.id]);
		expect(rows).toEqual([{ code: 'TRF_MODEL_REFUSED' }]);
	});

	test('a key of the client’s own goes to the main endpoint only', () => {
		const read = readModelCredential(
			credential({
				localBaseUrl: `${local.url}/v1`,
				localModel: 'qwen3:8b',
				backupProvider: 'openaiCompatible',
				backupBaseUrl: `${local.url}/v2`,
				backupModel: 'x',
			}).trufflesModelApi,
		);
		if (read === null) throw new Error('the credential names a model');
		const access = accessTo(read);
		const at = (endpoint: 'main' | 'backup' | 'local', key: string | null) =>
			access.target({ endpoint, model: 'm' }, key)?.llm;
		// Compared here and not by Jest, whose report cannot hold a client of an SDK.
		const usesOwnKey = (endpoint: Parameters<typeof at>[0]): boolean => at(endpoint, 'own') !== at(endpoint, null);
		expect({ main: usesOwnKey('main'), backup: usesOwnKey('backup'), local: usesOwnKey('local') }).toEqual({
			main: true,
			backup: false,
			local: false,
		});
	});

	test('the same question is answered from memory once more, and the bill stays empty', async () => {
		const item = await turn('Больно?');
		await route(item);
		const again = await route(item);
		expect(again).toMatchObject({ output: 0, item: { billing: [], notes: ['model: answer from cache'] } });
		expect(foreign.requests).toHaveLength(1);
		await setModel({});
		await route({ ...item, client: { ...item.client, configVersion } });
		expect(foreign.requests).toHaveLength(2);
	});

	test('an incomplete credential is the item’s own error, with all problems', async () => {
		const run = await runNode(new ModelRouter(), [(await turn('Больно?')) as unknown as IDataObject], {
			onError: 'continueErrorOutput',
			credentials: {
				trufflesPlatformApi: salon.platformCredential,
				...credential({ cheapModel: '', localBaseUrl: 'ftp://x' }),
			},
		});
		expect(run.json.at(-1)?.[0]).toMatchObject({ error: { code: 'TRF_MODEL_CREDENTIAL_INVALID' } });
		const { message } = run.json.at(-1)?.[0]?.['error'] as { message: string };
		expect(message).toMatch(
			/Cheap Model is empty.*Local Base URL.*Local Model is empty|Local Base URL.*Cheap Model is empty/,
		);
	});
});

async function eventually<T>(read: () => readonly T[] | Promise<readonly T[]>): Promise<readonly T[]> {
	const deadline = Date.now() + 5_000;
	for (;;) {
		const found = await read();
		if (found.length > 0 || Date.now() > deadline) return found;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}
