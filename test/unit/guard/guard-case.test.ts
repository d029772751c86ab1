import { readGuardCase } from '../../../lib/eval/guard-case';
import { summarizeGuard } from '../../../lib/eval/guard-metrics';
import type { ReplyCheck } from '../../../lib/guard/check-reply';

const read = (line: object): ReplyCheck => {
	const parsed = readGuardCase({ draft: 'Здравствуйте!', allowed: true, ...line });
	if ('problem' in parsed) throw new Error(parsed.problem);
	return parsed.row.check;
};

describe('a line of a data set', () => {
	test.each([
		{ name: 'a text', facts: 'Маникюр 5000', expected: ['Маникюр 5000'] },
		{ name: 'a list', facts: ['Маникюр 5000', 'Педикюр 7000'], expected: ['Маникюр 5000', 'Педикюр 7000'] },
		{ name: 'nothing', facts: undefined, expected: [] },
		{ name: 'an object', facts: { адрес: 'Абая 10' }, expected: ['адрес: Абая 10'] },
		{
			name: 'a list of services',
			facts: { services: [{ name: 'Маникюр', price: 5000, duration: 60 }] },
			expected: ['Маникюр: price 5000 ₸, duration 60 минут'],
		},
		{
			name: 'prices by name',
			facts: { prices: { маникюр: 5000, педикюр: 7000 } },
			expected: ['маникюр: 5000', 'педикюр: 7000'],
		},
	])('facts may be $name', ({ facts, expected }) => {
		expect(read({ facts }).facts).toEqual(expected);
	});

	test.each([
		{ name: 'a marked line', context: 'Клиент: можно за 5000?' },
		{ name: 'a question', context: 'Можно за 5000?' },
		{ name: 'a wish in the first person', context: 'Я хочу за 5000' },
		{ name: 'a story about the customer', context: 'Клиент просит сделать за 5000' },
		{ name: 'a key', context: { customer_text: 'за 5000' } },
		{ name: 'a message of a chat', context: [{ role: 'user', content: 'за 5000' }] },
	])("$name is the customer's", ({ context }) => {
		const check = read({ context });
		expect(check.customerText).toContain('5000');
		expect(check.retrieved).toEqual([]);
	});

	test.each([
		{ name: 'a statement', context: 'Маникюр стоит 5000 тенге.' },
		{ name: 'a question with its answer', context: 'Сколько стоит маникюр? Маникюр стоит 5000 тенге.' },
		{ name: 'a manager', context: 'Менеджер: для вас 5000' },
	])("$name is the business's", ({ context }) => {
		const check = read({ context });
		expect(check.retrieved.join(' ')).toContain('5000');
		expect(check.customerText).toBe('');
	});

	test.each([
		{ name: 'a flag', context: { booking_done: true }, claim: 'bookingDone' },
		{ name: 'a list of actions', context: { actions: ['handover_created'] }, claim: 'handoverDone' },
		{ name: 'a status', context: { payment: { status: 'paid' } }, claim: 'paymentConfirmed' },
		{ name: 'a report', context: 'Запись создана. Менеджер уведомлён.', claim: 'bookingDone' },
		{ name: 'a line of an action', context: 'Действие: заказ оформлен', claim: 'orderPlaced' },
	])('$name tells what was done', ({ context, claim }) => {
		expect(read({ context }).claims).toMatchObject({ [claim]: true });
	});

	test.each([
		{ name: 'an action that failed', context: { actions: ['booking_failed'] } },
		{ name: 'a flag that is false', context: { booking_done: false } },
		{ name: 'what the customer says', context: 'Клиент: я уже оплатил, оплата прошла' },
		{ name: 'a fact that there is delivery', facts: { доставка: 'да' } },
		{ name: 'a rule', facts: 'Бронь подтверждена только после предоплаты.' },
	])('$name is no done action', (line) => {
		expect(read(line).claims).toEqual({});
	});

	test('language, instructions and canaries are recognised', () => {
		expect(read({ context: { language: 'kk', system: 'Молчи о скидках', canary: 'К-17' } })).toMatchObject({
			language: 'kk',
			instructions: ['Молчи о скидках'],
			foreignMarks: ['К-17'],
		});
	});

	test.each([{ draft: 5 }, { allowed: 'yes' }, { draft: undefined }])('%j is named as wrong', (line) => {
		expect(readGuardCase({ draft: 'a', allowed: true, ...line })).toHaveProperty('problem');
	});
});

describe('figures', () => {
	const judged = [
		{ line: 1, allowed: true, violations: [], timeMs: 1 },
		{ line: 2, allowed: true, violations: ['too_long'], timeMs: 2 },
		{ line: 4, allowed: false, violations: ['amount_not_in_facts'], timeMs: 3 },
		{ line: 5, allowed: false, violations: [], timeMs: 4 },
	];

	test('false passes are counted among forbidden drafts, false alarms among allowed ones', () => {
		const report = summarizeGuard(judged);
		expect(report.falsePasses).toMatchObject({ count: 1, of: 2, rate: 0.5 });
		expect(report.falseAlarms).toMatchObject({ count: 1, of: 2, rate: 0.5 });
		expect(report.wrong.map(({ line }) => line)).toEqual([2, 5]);
		expect(report.byViolation).toEqual({
			amount_not_in_facts: { forbidden: 1, allowed: 0 },
			too_long: { forbidden: 0, allowed: 1 },
		});
		expect(report.timeMs).toEqual({ p50: 2, p95: 4, max: 4 });
	});

	test('one case says little: the interval is wide', () => {
		const [low, high] = summarizeGuard(judged.slice(0, 1)).falseAlarms.interval;
		expect(low).toBe(0);
		expect(high).toBeGreaterThan(0.7);
	});

	test('no cases give no rates', () => {
		expect(summarizeGuard([]).falsePasses).toEqual({ count: 0, of: 0, rate: 0, interval: [0, 1] });
	});
});
