import fc from 'fast-check';

import { canHide, hidePersonalData, planRedaction, restorePersonalData } from '../../../lib/router/redaction';
import { itemWith } from './turn-fixture';
import { canRedactTurn, redactTurn } from '../../../lib/router/turn-redaction';

const IIN = '900101300017';
const hidden = (text: string, names: readonly string[] = []): string =>
	hidePersonalData(planRedaction([text], names), text);

describe('what is hidden', () => {
	test.each([
		{ given: 'мой номер +7 (701) 123-45-67', expected: 'мой номер [PHONE_1]' },
		{ given: '87011234567 или 8 702 765 43 21', expected: '[PHONE_1] или [PHONE_2]' },
		{ given: '8.701.123.45.67', expected: '[PHONE_1]' },
		{ given: 'звоните 7011234567', expected: 'звоните [PHONE_1]' },
		{ given: 'Turkey +90 532 123 45 67', expected: 'Turkey [PHONE_1]' },
		{ given: `ИИН ${IIN}`, expected: 'ИИН [IIN_1]' },
		{ given: 'ЖСН 900101 300017', expected: 'ЖСН [IIN_1]' },
		{ given: 'карта 4400 4301 2345 6789', expected: 'карта [CARD_1]' },
		{ given: 'карта 4400-4301-2345-6789 cvv 123', expected: 'карта [CARD_1] cvv [CODE_1]' },
		{ given: 'счет KZ86 125K ZT50 0410 0100', expected: 'счет [IBAN_1]' },
		{ given: 'удостоверение № 012345678', expected: 'удостоверение № [DOCUMENT_1]' },
		{ given: 'жеке куәлік 012 345 678', expected: 'жеке куәлік [DOCUMENT_1]' },
		{ given: 'паспорт N12345678', expected: 'паспорт N[DOCUMENT_1]' },
		{ given: 'N12345678', expected: '[DOCUMENT_1]' },
		{ given: 'пишите на Aigul.S@mail.kz!', expected: 'пишите на [EMAIL_1]!' },
		{ given: 'код из смс 482913', expected: 'код из смс [CODE_1]' },
		{
			given: 'заказ 123456789012',
			expected: 'заказ [NUMBER_1]',
			why: 'twelve digits without a check digit are still long',
		},
		{ given: `${IIN}\n87011234567`, expected: '[IIN_1]\n[PHONE_1]' },
		{ given: '８７０１１２３４５６７', expected: '[PHONE_1]' },
		{ given: '8_701·123_45_67', expected: '[PHONE_1]' },
		{ given: '8\u200b7011\u200b234567', expected: '[PHONE_1]', why: 'letters that nobody sees do not split a number' },
	])('$given', ({ given, expected }) => expect(hidden(given)).toBe(expected));

	test.each([
		'маникюр 15 000 - 20 000 тенге',
		'запишите на 21.11.2026 15:00',
		'с 10:00 до 20:00, кабинет 305',
		'21-11-2026, 15 000',
		'2026-11-21 15 000',
		'1 000 000 ₸',
	])('"%s" stays as it is', (text) => expect(hidden(text)).toBe(text));

	test('names are hidden in their forms, and a common word that looks like one is not', () => {
		expect(hidden('Я Света, запишите Свету. Свет в зале есть? А светлый цвет?', ['Света'])).toBe(
			'Я [NAME_1], запишите [NAME_1]. [NAME_1] в зале есть? А светлый цвет?',
		);
		expect(hidden('айгуль пришла', ['Айгуль'])).toBe('[NAME_1] пришла');
	});

	test('the same value written in another way has the same placeholder', () => {
		const text = '+7 701 123 45 67, он же 87011234567, и 7011234567';
		expect(hidden(text)).toBe('[PHONE_1], он же [PHONE_1], и [PHONE_1]');
	});

	test('a placeholder that the customer wrote is not one of ours', () => {
		const plan = planRedaction(['[PHONE_1] мой телефон 87011234567'], []);
		expect(hidePersonalData(plan, '[PHONE_1] мой телефон 87011234567')).toBe('… мой телефон [PHONE_1]');
	});

	test('what the plan does not know is hidden all the same', () => {
		expect(hidePersonalData(planRedaction([], []), 'тел 87011234567')).toBe('тел [phone]');
	});
});

describe('what is put back', () => {
	const plan = planRedaction([`Я Айгуль, ${IIN}, 8 701 123 45 67`], ['Айгуль']);
	test.each([
		{ answer: 'Спасибо, [NAME_1]! Номер [PHONE_1].', expected: 'Спасибо, Айгуль! Номер 8 701 123 45 67.' },
		{ answer: 'Номер [phone 1] и (PHONE_1)', expected: 'Номер 8 701 123 45 67 и 8 701 123 45 67' },
		{ answer: 'ИИН IIN_1 не нужен', expected: `ИИН ${IIN} не нужен` },
		{ answer: 'Без обозначений.', expected: 'Без обозначений.' },
		{ answer: 'Стоит [цена] тенге', expected: 'Стоит [цена] тенге', why: 'an unfilled place is the guard’s business' },
	])('$answer', ({ answer, expected }) =>
		expect(restorePersonalData(plan, answer)).toEqual({ kind: 'restored', text: expected }),
	);

	test.each([
		{ answer: 'Перезвоним на [PHONE_2]', problem: 'placeholder_invented' },
		{ answer: 'Карта [CARD_1]', problem: 'placeholder_invented' },
		{ answer: 'Номер [ТЕЛЕФОН_1]', problem: 'placeholder_damaged' },
		{ answer: 'Номер [PHONE_', problem: 'placeholder_damaged' },
	])('"$answer" is refused', ({ answer, problem }) =>
		expect(restorePersonalData(plan, answer)).toEqual({ kind: 'refused', problem }),
	);

	test('what goes out and comes back is what was written, and no run of nine digits goes out', () => {
		const phone = fc.integer({ min: 7_000_000_000, max: 7_999_999_999 }).map((value) => `+7${value}`);
		const words = fc.constantFrom('привет ', 'можно ли ', 'рахмет, ', '💅 ', 'ИИН ', 'karta ');
		fc.assert(
			fc.property(
				fc.array(
					fc.oneof(
						words,
						phone.map((value) => `${value} `),
						fc.constant(`${IIN}; `),
					),
				),
				(parts) => {
					const text = parts.join('');
					const own = planRedaction([text], []);
					const out = hidePersonalData(own, text);
					expect(out).not.toMatch(/\d{9}/);
					const back = restorePersonalData(own, out);
					expect(back).toEqual({ kind: 'restored', text });
				},
			),
		);
	});
});

describe('whether a sensitive turn can be shown', () => {
	test.each([
		{ text: `мой ИИН ${IIN}, есть ли рассрочка?`, expected: true },
		{ text: 'карта 4400 4301 2345 6789, верните деньги', expected: true },
		{ text: 'Больно ли делать шугаринг?', expected: false, why: 'nothing was found that could be hidden' },
		{ text: `ИИН ${IIN}, карта последние 4821 77`, expected: false, why: 'a number beside "card" is left' },
	])('$text', ({ text, expected }) => expect(canHide(text, [], [])).toBe(expected));

	test('earlier messages count too', () => {
		const history = [{ author: 'user', text: 'карта, последние 4821 77', at: '2026-11-21T06:00:00Z' }] as const;
		expect(canRedactTurn(itemWith({ sensitive: true }, { text: `ИИН ${IIN}` }))).toBe(true);
		expect(canRedactTurn(itemWith({ sensitive: true }, { text: `ИИН ${IIN}`, history }))).toBe(false);
	});

	test('the same turn always has the same placeholders', () => {
		const item = itemWith({}, { text: '87011234567', history: [{ author: 'user', text: '87027654321', at: '' }] });
		expect(redactTurn(item)).toEqual(redactTurn(structuredClone(item)));
	});
});
