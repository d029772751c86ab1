import fc from 'fast-check';

import { isCompleteQuestion } from '../../../lib/language/complete-question';
import { detectLanguage, replyLanguage } from '../../../lib/language/detect-language';
import { foldText } from '../../../lib/language/fold-text';
import { compilePattern, findPattern, isOneEditAway } from '../../../lib/language/token-match';

describe('one spelling for many', () => {
	test.each([
		['қанша тұрады', 'qansha turady'],
		['қанша тұрады', 'канша турады'],
		['сколько стоит', "skol'ko stoit"],
		['жақсы', 'jaqsy'],
		['жақсы', 'zhaksy'],
		['хорошо', 'xoro6o'],
		['что', '4to'],
		['маникюр', 'manikyur'],
		['ещё', 'еше'],
		['сколько', 'cколько'],
		['Здравствуйте!!!', 'здравствуйте'],
		['масаж', 'массаж'],
	])('"%s" and "%s" fold to the same', (a, b) => expect(foldText(a)).toBe(foldText(b)));

	test('an emoji with its variation selector is no word', () => expect(foldText('❤️🌸 👩‍🎨')).toBe(''));

	test('folding is total and idempotent', () => {
		fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => foldText(foldText(text)) === foldText(text)));
	});
});

describe('keyword patterns', () => {
	test.each([
		['сколько стоит', 'сколько у вас стоит', true],
		['сколько стоит', 'стоит ли сколько', false],
		['запис*', 'записаться', true],
		['почем', 'почему', false],
		['позовите', 'позавите', true],
		['', 'что угодно', false],
	])('"%s" in "%s": %s', (pattern, text, expected) => {
		expect(findPattern(foldText(text).split(' '), compilePattern(pattern)) !== null).toBe(expected);
	});

	test.each([
		['маникюр', 'манкюр', true],
		['ab', 'ba', true],
		['abc', 'cba', false],
		['a', '', true],
		['abcd', 'ab', false],
	])('%s / %s: one edit %s', (a, b, expected) => expect(isOneEditAway(a, b)).toBe(expected));
});

describe('language', () => {
	test.each([
		['сәлем', 'kk'],
		['маникюр канша турады', 'kk'],
		['qansha turady', 'kk'],
		['жаксы рахмет', 'kk'],
		['сколько стоит', 'ru'],
		['skolko stoit', 'ru'],
		['how much is a haircut', 'en'],
		['кушти екен', 'kk'],
		['bagasy qansha', 'kk'],
		['zavtra mozhno', 'ru'],
		['предоплата керек пе', 'kk'],
		['маникюрге жазып қойыңыз', 'kk'],
		['ок', 'ru'],
		['12:30', 'ru'],
		['', 'ru'],
		['🌸', 'ru'],
		['can you do nails tomorrow', 'en'],
		['запишите мені ертеңге пожалуйста', 'mixed'],
		['сәлем, сколько стоит стрижка', 'mixed'],
	])('"%s" is %s', (text, expected) => expect(detectLanguage(text)).toBe(expected));

	test.each([
		['👍', 'kk', 'ru', 'kk'],
		['маникюр', 'kk', 'ru', 'kk'],
		['маникюр', null, 'ru', 'ru'],
		['сколько стоит', 'kk', 'kk', 'ru'],
		['қанша тұрады', 'ru', 'ru', 'kk'],
		['how much?', 'kk', 'ru', 'kk'],
		['', null, 'kk', 'kk'],
	] as const)('"%s" after %s with fallback %s is answered in %s', (text, previous, fallback, expected) =>
		expect(replyLanguage(text, previous, fallback)).toBe(expected),
	);
});

describe('finished requests, before the packs are known', () => {
	test.each([
		['Сколько стоит маникюр?', true],
		['до скольки работаете', true],
		['позовите человека', true],
		['қайда орналасқансыз', true],
		['сколько стоит маникюр', true],
		['хочу записаться на завтра', true],
		['қанша тұрады маникюр', true],
		['Қайда орналасқансыз?', true],
		['Здравствуйте', false],
		['привет', false],
		['а', false],
		['', false],
		['и ещё', false],
		['хочу,', false],
		['маникюр', false],
		['🌸', false],
		['подскажите пожалуйста...', false],
		['?', false],
	])('"%s": %s', (text, expected) => expect(isCompleteQuestion(text)).toBe(expected));
});
