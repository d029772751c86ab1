import { intentFigures, type JudgedMessage } from '../../../lib/eval/intent-metrics';

const row = (
	expected: readonly string[],
	predicted: readonly string[],
	changes: Partial<JudgedMessage> = {},
): JudgedMessage => ({
	expected,
	predicted,
	confidence: 1,
	milliseconds: 1,
	expectedLanguage: null,
	predictedLanguage: null,
	...changes,
});

/** Counted by hand below. */
const ROWS = [
	row(['a'], ['a'], { confidence: 0.9, milliseconds: 1, expectedLanguage: 'ru', predictedLanguage: 'ru' }),
	row(['a', 'b'], ['a', 'b'], { confidence: 0.8, milliseconds: 2, expectedLanguage: 'kk', predictedLanguage: 'ru' }),
	row(['a'], ['b'], { confidence: 0.7, milliseconds: 3 }),
	row(['b', 'a'], ['a'], { confidence: 0.2, milliseconds: 4 }),
	row(['c'], ['c', 'a'], { confidence: 0.6, milliseconds: 50 }),
];

describe('figures of five messages', () => {
	const figures = intentFigures(ROWS, 0.6);

	test('the main label decides the accuracy', () =>
		expect(figures.accuracy).toMatchObject({ value: 0.6, count: 3, of: 5 }));
	test('"any of" takes the other labels too', () => expect(figures.anyOf.value).toBe(0.8));
	test('an exact set has nothing more and nothing less', () => expect(figures.exactSet.value).toBe(0.4));

	test('per label', () =>
		expect(figures.labels).toEqual([
			// a: expected 3, predicted 3, right 2; b: 1, 1, 0; c: 1, 1, 1
			{ label: 'a', support: 3, precision: 2 / 3, recall: 2 / 3, f1: 4 / 6 },
			{ label: 'b', support: 1, precision: 0, recall: 0, f1: 0 },
			{ label: 'c', support: 1, precision: 1, recall: 1, f1: 1 },
		]));

	test('macro F1 is the mean over labels', () => expect(figures.macroF1).toBeCloseTo((4 / 6 + 0 + 1) / 3, 10));

	test('micro F1 counts pairs of message and label', () => {
		// right: 1 + 2 + 0 + 1 + 1 = 5; expected 1+2+1+2+1 = 7; predicted 1+2+1+1+2 = 7
		expect(figures.microF1).toBeCloseTo(10 / 14, 10);
	});

	test('confusions are ordered pairs, never the right ones', () =>
		expect(figures.confusions).toEqual([
			{ expected: 'a', predicted: 'b', count: 1 },
			{ expected: 'b', predicted: 'a', count: 1 },
		]));

	test('the matrix counts all', () => expect(figures.matrix).toEqual({ a: { a: 2, b: 1 }, b: { a: 1 }, c: { c: 1 } }));

	test('languages are measured where they are given', () =>
		expect(figures.language).toMatchObject({ value: 0.5, of: 2 }));

	test('the threshold itself is answered without a model', () => {
		expect(figures.withoutModel).toMatchObject({ count: 4, of: 5 });
		expect(figures.accuracyWithoutModel).toMatchObject({ count: 3, of: 4 });
	});

	test('times by nearest rank', () => expect([figures.medianMs, figures.p95Ms]).toEqual([3, 50]));
});

test('a label that is only predicted has no say in macro F1', () =>
	expect(intentFigures([row(['a'], ['a']), row(['a'], ['x'])], 0.5).macroF1).toBeCloseTo(2 / 3, 10));

test('without languages there is no figure for them', () =>
	expect(intentFigures([row(['a'], ['a'])], 0.5).language).toBeNull());

test('nothing above the threshold has no accuracy', () =>
	expect(intentFigures([row(['a'], ['a'], { confidence: 0.1 })], 0.5).accuracyWithoutModel).toBeNull());
