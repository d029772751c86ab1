/** The model layer of Truffles Classify Intent, with real PostgreSQL and a model stand-in. */
import type { IDataObject, ICredentialDataDecryptedObject } from 'n8n-workflow';

import type { TurnItem } from '../../lib/item/turn-item';
import { TrufflesClassifyIntent } from '../../nodes/TrufflesClassifyIntent/TrufflesClassifyIntent.node';
import { type HttpRecorder, startHttpRecorder } from '../support/http-recorder';
import { runNode } from '../support/run-node';
import { SalonDatabase } from '../support/salon-database';

const UNSURE = 'смотря что там по итогу получится у вас';
const SURE = 'Сколько стоит маникюр с гель-лаком?';
const IIN = '900101300017';

let salon: SalonDatabase;
let model: HttpRecorder;
let answers: string[];

beforeAll(async () => {
	model = await startHttpRecorder(() => ({
		status: 200,
		json: {
			choices: [{ finish_reason: 'stop', message: { content: answers.length > 1 ? answers.shift() : answers[0] } }],
			usage: { prompt_tokens: 300, completion_tokens: 20 },
		},
	}));
	salon = await SalonDatabase.start({ model: { cacheAnswers: false } });
}, 60_000);
beforeEach(() => {
	answers = ['{"intents": ["objection"], "confidence": 0.9}'];
	model.requests.length = 0;
});
afterAll(async () => {
	await salon?.stop();
	await model?.close();
});

const credential = (over: IDataObject = {}) => ({
	provider: 'openaiCompatible',
	baseUrl: `${model.url}/v1`,
	apiKey: 'key',
	cheapModel: 'gpt-4.1-mini',
	strongModel: 'gpt-4.1',
	...over,
});

async function classify(
	text: string,
	options: { model?: ICredentialDataDecryptedObject | null; useModel?: string; turn?: Partial<TurnItem> } = {},
): Promise<TurnItem> {
	const { model: data = credential() } = options;
	const item = await salon.openTurn(text, options.turn);
	const run = await runNode(new TrufflesClassifyIntent(), [item as unknown as IDataObject], {
		onError: 'continueErrorOutput',
		parameters: options.useModel === undefined ? {} : { useModel: options.useModel },
		credentials: {
			trufflesPlatformApi: salon.platformCredential,
			...(data === null ? {} : { trufflesModelApi: data as ICredentialDataDecryptedObject }),
		},
	});
	expect(run.error).toBeNull();
	return run.json[0]?.[0] as unknown as TurnItem;
}
const bodies = (): string[] => model.requests.map(({ body }) => body);

test('what the local layers are sure of costs nothing', async () => {
	const item = await classify(SURE);
	expect(item.classification).toMatchObject({ intent: 'question_price', route: 'facts' });
	expect([model.requests.length, item.billing]).toEqual([0, []]);
});

test('what they are unsure of is asked once, of the cheap model, and billed as classification', async () => {
	const local = await classify(UNSURE, { model: null });
	expect(local.classification?.confidence).toBeLessThan(0.65);
	const item = await classify(UNSURE);
	expect(item.classification).toMatchObject({ intent: 'objection', intents: ['objection'] });
	expect(item.classification?.reason).toMatch(/^model: objection/);
	expect(item.billing).toMatchObject([{ purpose: 'classify', model: 'gpt-4.1-mini', status: 'ok' }]);
	const { rows } = await salon.admin.query('select purpose, status from billing_events where turn_id = $1', [
		item.turn.id,
	]);
	expect(rows).toEqual([{ purpose: 'classify', status: 'ok' }]);
	expect(JSON.parse(bodies()[0] ?? '{}')).toMatchObject({ response_format: { type: 'json_object' }, temperature: 0 });
});

test.each([
	{ name: 'the node is set to "never"', options: { useModel: 'never' } },
	{ name: 'no credential is selected', options: { model: null } },
	{ name: 'the credential says "no model"', options: { model: { provider: 'none' } } },
])('nothing is asked when $name', async ({ options }) => {
	const item = await classify(UNSURE, options);
	expect(item.classification?.reason).not.toMatch(/^model/);
	expect(model.requests).toHaveLength(0);
});

test('a malformed answer is asked for once more with what is wrong', async () => {
	answers = ['{"intents": ["buy_now"], "confidence": 2}', '{"intents": ["booking"], "confidence": 0.8}'];
	const item = await classify(UNSURE);
	expect(item.classification?.intent).toBe('booking');
	expect(item.billing).toHaveLength(2);
	expect(bodies()[1]).toContain('buy_now');
});

test.each(['no JSON at all', '{"intents": [], "confidence": 1}', '{"intents": ["booking"]}'])(
	'an answer that stays malformed (%s) is ignored, the local reading stands',
	async (text) => {
		answers = [text];
		const local = await classify(UNSURE, { model: null });
		const item = await classify(UNSURE);
		expect(item.classification).toEqual(local.classification);
		expect(item.notes).toContain('model: its intents could not be read');
		expect(model.requests).toHaveLength(2);
	},
);

test('a model that fails changes nothing but the bill', async () => {
	const dead = await startHttpRecorder(() => ({ status: 503, json: {} }));
	const local = await classify(UNSURE, { model: null });
	const item = await classify(UNSURE, { model: credential({ baseUrl: `${dead.url}/v1` }) });
	await dead.close();
	expect(item.classification).toEqual(local.classification);
	expect(item.billing.map(({ status }) => status)).toEqual(['refused']);
});

test('a model that hangs is not waited for longer than four seconds', async () => {
	const { createServer } = await import('node:http');
	const hanging = createServer(() => undefined);
	await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
	const { port } = hanging.address() as { port: number };
	const started = performance.now();
	const item = await classify(UNSURE, { model: credential({ baseUrl: `http://127.0.0.1:${port}/v1` }) });
	expect(performance.now() - started).toBeLessThan(5_500);
	expect(item.billing.map(({ errorCode }) => errorCode)).toEqual(['timeout']);
	hanging.closeAllConnections();
	await new Promise((resolve) => hanging.close(resolve));
}, 15_000);

test('the business’s own prompt for classification is used, the active version only', async () => {
	await salon.admin.query(
		`insert into prompts (client_id, name, version, body, is_active) values ($1, 'classify', 1, 'СТАРЫЙ', false), ($1, 'classify', 2, 'ПРАВИЛО САЛОНА', true)`,
		[salon.clientId],
	);
	await classify(UNSURE);
	expect(bodies()[0]).toContain('ПРАВИЛО САЛОНА');
	expect(bodies()[0]).not.toContain('СТАРЫЙ');
});

test('phones and names of the chat are not shown to the model', async () => {
	const history = [{ author: 'user' as const, text: 'Меня зовут Айгуль, 87011234567', at: new Date().toISOString() }];
	await classify(UNSURE, { turn: { history } });
	expect(model.requests).toHaveLength(1);
	expect(bodies()[0]).not.toMatch(/87011234567|Айгуль/);
});

test('a sensitive message is asked about at a local endpoint only', async () => {
	const text = `${UNSURE} ${IIN}`;
	const foreign = await classify(text);
	expect(foreign.classification?.sensitive).toBe(true);
	expect(model.requests).toHaveLength(0);
	const local = await startHttpRecorder(() => ({
		status: 200,
		json: { choices: [{ message: { content: '{"intents": ["payment"], "confidence": 0.9}' } }] },
	}));
	await classify(text, { model: credential({ localBaseUrl: `${local.url}/v1`, localModel: 'qwen3:8b' }) });
	await local.close();
	expect(model.requests).toHaveLength(0);
	expect(local.requests).toHaveLength(1);
});

test('a clear question with personal data keeps its route for the model router; one that is not understood goes to a person', async () => {
	const clear = await classify(`Больно ли делать шугаринг? ИИН ${IIN}`, { model: null });
	expect(clear.classification).toMatchObject({ sensitive: true, route: 'retrieval' });
	const unclear = await classify(`${UNSURE} ${IIN}`, { model: null });
	expect(unclear.classification).toMatchObject({ sensitive: true, route: 'handover' });
});

test('the branch that a message names is recognised from the client’s branches', async () => {
	await salon.admin.query(
		`insert into branches (client_id, key, name, address, is_default) values ($1, 'mega', 'Мега', 'ул. Розыбакиева, 247', false)`,
		[salon.clientId],
	);
	await salon.admin.query('update clients set config_version = config_version + 1 where id = $1', [salon.clientId]);
	const { rows } = await salon.admin.query<{ v: number }>('select config_version as v from clients where id = $1', [
		salon.clientId,
	]);
	const client = { ...(await salon.openTurn('x')).client, configVersion: rows[0]?.v ?? 0 };
	const item = await classify('Сколько стоит маникюр на Розыбакиева?', { turn: { client } });
	expect(item.classification?.entities.branch).toBe('mega');
});
