import fc from 'fast-check';

import { fitCalibration, logistic, softmax } from '../../../lib/classify/calibration';
import { solveSeparator } from '../../../lib/classify/linear-solver';
import { trainClassifier, type LabelledMessage } from '../../../lib/classify/local-classifier';
import { packClassifier, unpackClassifier } from '../../../lib/classify/packed-classifier';

const EXAMPLES: readonly LabelledMessage[] = [
	...['где мой заказ', 'заказ ещё не привезли', 'когда приедет курьер', 'отследить посылку', 'курьер опаздывает'],
	...['тапсырысым қайда', 'курьер қашан келеді', 'посылка келмеді'],
]
	.map((text) => ({ text, labels: ['17'] }))
	.concat(
		[
			'забыла пароль',
			'не могу войти в кабинет',
			'пароль не подходит',
			'сбросить пароль',
			'кабинетке кіре алмаймын',
		].map((text) => ({ text, labels: ['login'] })),
		['верните товар', 'хочу вернуть обувь', 'обмен на другой размер', 'тауарды қайтарғым келеді'].map((text) => ({
			text,
			labels: ['возврат'],
		})),
	);
const SEVERAL: readonly LabelledMessage[] = [
	...EXAMPLES,
	...['где заказ и как сбросить пароль', 'курьер не приехал, и пароль не подходит', 'посылка где, войти не могу'].map(
		(text) => ({ text, labels: ['17', 'login'] }),
	),
];

const first = (text: string, examples = EXAMPLES): string | undefined =>
	trainClassifier(examples).classify(text)[0]?.label;

describe('a classifier trained on any labels', () => {
	test.each([
		['заказ не привезли, где курьер?', '17'],
		['пороль забыла', 'login'],
		['zabyl parol', 'login'],
		['тапсырыс кайда', '17'],
		['вернуть кроссовки', 'возврат'],
	])('"%s" is %s', (text, expected) => expect(first(text)).toBe(expected));

	test('equal examples give equal answers', () => {
		const answers = [0, 1].map(() => trainClassifier(EXAMPLES).classify('пароль от посылки'));
		expect(answers[0]).toEqual(answers[1]);
	});

	test('main probabilities sum to 1 and fall', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
				const ranked = classifier.classify(text);
				expect(ranked.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 6);
				expect(ranked.every(({ present }) => present >= 0 && present <= 1)).toBe(true);
			}),
			{ numRuns: 100 },
		);
	});
	const classifier = trainClassifier(SEVERAL);

	test('two wishes in one message are both present, a third is not', () => {
		const present = classifier
			.classify('пароль не подходит и где посылка')
			.filter(({ present }) => present > 0.5)
			.map(({ label }) => label);
		expect(present.sort()).toEqual(['17', 'login']);
	});

	test('a set without examples knows no label', () => expect(trainClassifier([]).classify('да')).toEqual([]));

	test('a single label is always the answer', () =>
		expect(first('что угодно', [{ text: 'привет', labels: ['a'] }])).toBe('a'));

	test('signals of other layers decide where the words do not', () => {
		const trained = trainClassifier(
			['один', 'два', 'три', 'пять'].flatMap((text) => [
				{ text, labels: ['even'], signals: ['rule:even'] },
				{ text, labels: ['odd'], signals: ['rule:odd'] },
			]),
		);
		expect(trained.classify('шесть', ['rule:even'])[0]?.label).toBe('even');
		expect(trained.classify('шесть', ['rule:odd'])[0]?.label).toBe('odd');
	});
});

describe("a client's own examples", () => {
	const base = trainClassifier(EXAMPLES);
	const adapted = base.adapt([
		{ text: 'хочу трек номер', labels: ['17'] },
		{ text: 'скиньте трек', labels: ['17'] },
	]);

	test('move the reading of messages like them', () => {
		expect(adapted.classify('трек можно')[0]?.label).toBe('17');
		const gain = (label: string): number =>
			(adapted.classify('трек можно').find((entry) => entry.label === label)?.probability ?? 0) -
			(base.classify('трек можно').find((entry) => entry.label === label)?.probability ?? 0);
		expect(gain('17')).toBeGreaterThan(0);
	});

	test('leave the others as they were', () => {
		for (const text of ['забыла пароль', 'хочу вернуть обувь'])
			expect(adapted.classify(text)[0]?.label).toBe(base.classify(text)[0]?.label);
	});

	test('do not change the classifier they were added to', () =>
		expect(trainClassifier(EXAMPLES).classify('трек')).toEqual(base.classify('трек')));

	test('of an unknown label are left out', () => expect(base.adapt([{ text: 'новое', labels: ['new'] }])).toBe(base));
});

describe('a stored classifier', () => {
	const trained = trainClassifier(SEVERAL);
	const stored = unpackClassifier(
		JSON.parse(JSON.stringify(packClassifier(trained))) as ReturnType<typeof packClassifier>,
	);

	test.each(SEVERAL.map(({ text }) => text))('reads "%s" as it did before', (text) => {
		const [before] = trained.classify(text);
		const [after] = stored.classify(text);
		expect(after?.label).toBe(before?.label);
		expect(after?.probability).toBeCloseTo(before?.probability ?? 0, 1);
	});
});

describe('the parts', () => {
	test('a separator puts the two sides of a line on their sides', () => {
		const vector = (x: number, y: number) => ({ indexes: Int32Array.of(0, 1), values: Float64Array.of(x, y) });
		const vectors = [vector(2, 0), vector(3, 1), vector(0, 2), vector(1, 3), vector(9, 9)];
		const weights = solveSeparator(vectors, Int8Array.of(1, 1, -1, -1, 0), 2, {
			cost: 10,
			maxPasses: 200,
			tolerance: 0.001,
		});
		const [x = 0, y = 0, bias = 0] = weights;
		expect(x).toBeGreaterThan(0);
		expect(y).toBeLessThan(0);
		expect(Math.abs(x + y)).toBeLessThan(0.05);
		expect(Math.abs(bias)).toBeLessThan(0.05);
	});

	test('softmax of equal scores is uniform', () =>
		expect([...softmax(Float64Array.of(1, 1), 0.3)]).toEqual([0.5, 0.5]));

	test('a calibrated probability is the share that is right', () => {
		// Score 1 is right three times of four, score -1 once of four.
		const scored = (score: number, right: boolean) => ({
			main: Float64Array.of(score, -2),
			any: Float64Array.of(score, -2),
			mainLabel: right ? 0 : 1,
			labels: [right ? 0 : 1],
		});
		const rows = Array.from({ length: 400 }, (_, index) =>
			scored(index % 2 === 0 ? 1 : -1, index % 8 === 1 || (index % 2 === 0 && index % 8 !== 0)),
		);
		const { first: curve } = fitCalibration(rows);
		expect(logistic(curve, [1, 3])).toBeCloseTo(0.75, 1);
		expect(logistic(curve, [-1, 1])).toBeCloseTo(0.25, 1);
	});
});
