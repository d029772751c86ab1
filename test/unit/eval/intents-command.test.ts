import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { EvalProblem } from '../../../scripts/eval/eval-problem';
import { run } from '../../../scripts/eval/intents';

const folder = mkdtempSync(path.join(tmpdir(), 'truffles-intents-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
	const full = path.join(folder, name);
	writeFileSync(full, text);
	return full;
};
const lines = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');

async function output(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
	const written = { out: '', err: '' };
	const out = jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((written.out += String(text)), true));
	const err = jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((written.err += String(text)), true));
	try {
		return { code: await run(args), ...written };
	} finally {
		out.mockRestore();
		err.mockRestore();
	}
}

interface Figures {
	readonly messages: number;
	readonly skipped: number;
	readonly accuracy: { readonly value: number };
	readonly language: { readonly of: number } | null;
	readonly trainLabels?: number;
}

const json = async (...args: readonly string[]): Promise<Figures> =>
	JSON.parse((await output(...args, '--json')).out) as Figures;

const OURS = [
	{ text: 'сколько стоит маникюр', intent: 'question_price', language: 'ru' },
	{ text: 'здравствуйте, где вы находитесь?', intent: ['question_address', 'greeting'], language: 'kz' },
	{ text: 'маникюр қанша тұрады', intent: 'question_price' },
];

describe('npm run eval -- intents', () => {
	test('prints one JSON object and nothing else', async () => {
		const figures = await json(file('ours.jsonl', lines(OURS)));
		expect(figures).toMatchObject({ messages: 3, skipped: 0, accuracy: { value: 1 } });
		expect(figures.language).toMatchObject({ of: 2 });
	});

	test('a byte order mark, Windows line ends and empty lines are no trouble', async () => {
		const text = `\uFEFF${lines(OURS).replaceAll('\n', '\r\n')}\r\n\r\n`;
		expect((await json(file('windows.jsonl', text))).messages).toBe(3);
	});

	test('text for people names the worst pairs', async () => {
		const { out } = await output(file('wrong.jsonl', lines([{ text: 'сколько стоит маникюр', intent: 'farewell' }])));
		expect(out).toContain('farewell -> question_price');
	});

	test('labels that are not ours are listed, with the way out', async () => {
		const foreign = file(
			'foreign.jsonl',
			lines([
				{ text: 'a', intent: 'buy' },
				{ text: 'b', intent: ['sell', 'buy'] },
			]),
		);
		await expect(output(foreign)).rejects.toThrow(EvalProblem);
		await expect(output(foreign)).rejects.toThrow(/2 labels.*"buy", "sell"[\s\S]*--map[\s\S]*--train/u);
	});

	test('a map translates labels, one to several, and leaves rows out', async () => {
		const foreign = file(
			'mapped.jsonl',
			lines([
				{ text: 'сколько стоит маникюр', intent: 'cost' },
				{ text: 'сколько стоит и где вы', intent: 'cost_place' },
				{ text: 'бу', intent: 'noise' },
			]),
		);
		const map = file(
			'map.json',
			'{"cost":"question_price","cost_place":["question_price","question_address"],"noise":null}',
		);
		expect(await json(foreign, '--map', map)).toMatchObject({ messages: 2, skipped: 1, accuracy: { value: 1 } });
	});

	test.each([
		['[]', /an object/u],
		['{"a": 5}', /"a"/u],
		['{', /no JSON/u],
	])('the map %s is refused', async (text, problem) => {
		await expect(output(file('x.jsonl', lines(OURS)), '--map', file('bad.json', text))).rejects.toThrow(problem);
	});

	test('--train learns labels of others, numbers too', async () => {
		const examples = [
			...['где мой заказ', 'когда приедет заказ', 'заказ не пришёл'].map((text) => ({ text, intent: 1 })),
			...['забыл пароль', 'пароль не подходит', 'сменить пароль'].map((text) => ({ text, intent: 2 })),
		];
		const test = [
			{ text: 'заказ где', intent: 1 },
			{ text: 'поменять пароль', intent: '2' },
		];
		const figures = await json(file('test.jsonl', lines(test)), '--train', file('train.jsonl', lines(examples)));
		expect(figures).toMatchObject({ messages: 2, trainLabels: 2, accuracy: { value: 1 } });
	});

	test('labels that the training file does not hold are listed', async () => {
		const test = file('test2.jsonl', lines([{ text: 'a', intent: 'three' }]));
		const train = file('train2.jsonl', lines([{ text: 'a', intent: 'one' }]));
		await expect(output(test, '--train', train)).rejects.toThrow(/"three".*train2/u);
	});

	test('a language of another country is left out of that figure, and said so', async () => {
		const rows = [{ text: 'сколько стоит маникюр', intent: 'question_price', language: 'uz' }];
		const { out, err } = await output(file('uz.jsonl', lines(rows)), '--json');
		expect(JSON.parse(out)).toMatchObject({ messages: 1, language: null });
		expect(err).toContain('uz');
	});

	test.each([
		['{"text": 5, "intent": "a"}', /:1: "text"/u],
		['{"text": "a"}', /:1: "intent"/u],
		['{"text": "a", "intent": []}', /:1: "intent"/u],
		['nonsense', /:1: is no JSON/u],
		['', /holds no lines/u],
	])('the line %s is refused with its place', async (text, problem) => {
		await expect(output(file('bad.jsonl', text))).rejects.toThrow(problem);
	});

	test.each([[['--nonsense', 'x']], [[]]])('wrong usage %j is exit code 64', async (args) =>
		expect((await output(...args)).code).toBe(64),
	);

	test('a pack that is not there is named', async () => {
		await expect(output(file('y.jsonl', lines(OURS)), '--domain', 'rockets')).rejects.toThrow(/rockets/u);
	});
});
