import type { LabelProbability } from '../../../lib/classify/local-classifier';
import { firstRequest } from '../../../lib/classify/order-requests';

/** Reads a clause by one word per label. */
const read = (clause: string): readonly LabelProbability[] =>
	[
		['question_price', 'цена'],
		['question_address', 'адрес'],
		['complaint', 'плохо'],
	].map(([label = '', word = '']) => {
		const probability = clause.includes(word) ? 0.9 : 0.05;
		return { label, probability, present: probability };
	});

describe('the first of several requests', () => {
	test.each([
		['цена и адрес', ['question_address', 'question_price'], 'question_price'],
		['адрес? цена?', ['question_price', 'question_address'], 'question_address'],
		['привет, адрес, потом цена', ['question_price', 'question_address'], 'question_address'],
		['цена адрес', ['question_address', 'question_price'], 'question_address'],
		['цена, и всё плохо', ['question_price', 'complaint'], 'complaint'],
		['ни о чём. совсем', ['question_price', 'question_address'], 'question_price'],
		['цена', ['question_price'], 'question_price'],
	] as const)('"%s" of %j is %s', (text, candidates, expected) =>
		expect(firstRequest(text, candidates, read)).toBe(expected),
	);

	test('no candidates, no first', () => expect(firstRequest('цена', [], read)).toBeUndefined());
});
