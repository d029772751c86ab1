import fc from 'fast-check';
import { parseKaspiPush, readAmountTiyn } from '../../../lib/payments/parse-kaspi-push';

const payment = (amountTiyn: number, payerName: string | null = null) => ({ kind: 'payment', amountTiyn, payerName });

test.each([
	{ text: 'Kaspi Pay\nПоступила оплата 1 990 ₸ от Айгерим Н.', expected: payment(199_000, 'Айгерим Н.') },
	{ text: 'Поступила оплата 1\u00a0990\u00a0₸ от Алия Меруерт С.', expected: payment(199_000, 'Алия Меруерт С.') },
	{ text: '+1990 ₸', expected: payment(199_000) },
	{ text: 'Оплата 1 990 ₸. Остаток 15 000 ₸', expected: payment(199_000) },
	{ text: 'Баланс: 15 000 ₸. Поступление +1 990 ₸ от Айгерим Н.', expected: payment(199_000, 'Айгерим Н.') },
	{ text: 'KZT 1 990', expected: payment(199_000) },
	{ text: 'Оплата 1,990 ₸', expected: payment(199_000) },
	{ text: 'Оплата 1\u202f990,50 ₸', expected: payment(199_050) },
	{ text: 'Перевод 15 000 ₸ от Анна К.', expected: payment(1_500_000, 'Анна К.') },
	{ text: 'Перевод 15 000 ₸ от Анна-Мария К.', expected: payment(1_500_000, 'Анна-Мария К.') },
	{ text: 'Перевод 15000 ₸ от Shukhrat S.', expected: payment(1_500_000, 'Shukhrat S.') },
	{ text: 'Возврат 1 990 ₸ покупателю', expected: { kind: 'ignored', reason: 'refund' } },
	{ text: '-1 990 ₸', expected: { kind: 'ignored', reason: 'outgoing' } },
	{ text: '\u22121 990 ₸', expected: { kind: 'ignored', reason: 'outgoing' } },
	{ text: 'Покупка 3 500 ₸ в Magnum', expected: { kind: 'ignored', reason: 'outgoing' } },
	{ text: 'Пополнение 150 000 ₸', expected: { kind: 'ignored', reason: 'top_up' } },
	{ text: 'Ваш баланс 1 000 ₸', expected: { kind: 'ignored', reason: 'balance' } },
	{ text: 'Обновите приложение', expected: { kind: 'ignored', reason: 'no_amount' } },
	{ text: '', expected: { kind: 'ignored', reason: 'no_amount' } },
	{ text: 'Оплата 1 990 ₸ и 2 990 ₸', expected: { kind: 'unreadable', reason: 'several_amounts' } },
	{ text: 'Оплата 19 90 ₸', expected: { kind: 'unreadable', reason: 'bad_amount' } },
])('$text', ({ text, expected }) => {
	expect(parseKaspiPush(text)).toEqual(expected);
});

test('an amount reads the same with every grouping', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 1_000, max: 99_999_999 }),
			fc.constantFrom(' ', '\u00a0', '\u202f', '\u2009', ',', "'", ''),
			(tenge, mark) => {
				const written = String(tenge).replace(/\B(?=(?:\d{3})+$)/g, mark);
				expect(readAmountTiyn(written)).toBe(tenge * 100);
			},
		),
	);
});

test.each([
	['10 000,00', 1_000_000],
	['40000,5', 4_000_050],
	['9,99', 999],
	['1.990', 199_000],
	['1 99', null],
	['1,2345', null],
	['', null],
])('"%s"', (written, expected) => {
	expect(readAmountTiyn(written)).toBe(expected);
});
