import { findBranch } from '../../../lib/classify/branch-match';
import { foldWords } from '../../../lib/language/fold-text';
import { turn } from './demo-salon';

const BRANCHES = [
	{ key: 'abay', name: 'Салон на Абая', address: 'г. Алматы, пр. Абая, 25' },
	{ key: 'mega', name: 'Филиал Mega Center', address: 'г. Алматы, ул. Розыбакиева, 247' },
	{ key: 'samal', name: 'Самал', address: null },
];

describe('the branch that a message names', () => {
	test.each([
		['на Абая до скольки работаете?', 'abay'],
		['Абайдағы салон ашық па', 'abay'],
		['а в меге есть места', 'mega'],
		['филиал на розыбакиева', 'mega'],
		['дом 247?', 'mega'],
		['в самале принимаете?', 'samal'],
		['вы в алматы?', null],
		['на Абая или в Самале?', null],
		['сколько стоит маникюр', null],
		['', null],
	])('"%s": %s', (text, expected) => expect(findBranch(foldWords(text), BRANCHES)).toBe(expected));

	test('a client without branches names none', () => {
		expect(findBranch(['абая'], [])).toBeNull();
		expect(turn('на Абая').classification?.entities.branch).toBeNull();
	});
});
