import fc from 'fast-check';
import { matchPayment, type OpenOrder, type PaymentFact } from '../../../lib/payments/match-payment';

const PAID_AT = new Date('2026-11-21T10:00:00Z');
const minutesBefore = (minutes: number): Date => new Date(PAID_AT.getTime() - minutes * 60_000);
const order = (id: string, amountTiyn: number, minutes: number, orderKey: string | null = null): OpenOrder => ({
	id,
	orderKey,
	amountTiyn,
	createdAt: minutesBefore(minutes),
});
const pay = (amountTiyn: number, orderId: string | null = null): PaymentFact => ({
	amountTiyn,
	orderId,
	paidAt: PAID_AT,
});

const CASES: ReadonlyArray<{
	name: string;
	payment: PaymentFact;
	orders: OpenOrder[];
	expected: object;
	windowMinutes?: number;
}> = [
	{
		name: 'the order that was named',
		payment: pay(100, 'b'),
		orders: [order('a', 100, 1), order('b', 100, 500)],
		expected: { kind: 'matched', orderId: 'b', by: 'order_id' },
	},
	{
		name: "the business's own number is as good, whatever its case",
		payment: pay(100, ' ord-7 '),
		orders: [order('a', 100, 1, 'ORD-7')],
		expected: { kind: 'matched', orderId: 'a', by: 'order_id' },
	},
	{
		name: 'a named order with another amount goes to a person',
		payment: pay(90, 'a'),
		orders: [order('a', 100, 1), order('b', 90, 1)],
		expected: { kind: 'ambiguous', candidates: ['a'], reason: 'amount_differs' },
	},
	{
		name: 'a named order that is not open is not replaced by one with the same amount',
		payment: pay(100, 'x'),
		orders: [order('a', 100, 1)],
		expected: { kind: 'unmatched', reason: 'unknown_order' },
	},
	{
		name: 'the only open order with this amount',
		payment: pay(100),
		orders: [order('a', 100, 10), order('b', 101, 10)],
		expected: { kind: 'matched', orderId: 'a', by: 'amount_and_time' },
	},
	{
		name: 'two with the same amount: a person is asked, the newest first',
		payment: pay(100),
		orders: [order('old', 100, 30), order('new', 100, 10)],
		expected: { kind: 'ambiguous', candidates: ['new', 'old'], reason: 'several_orders' },
	},
	{
		name: 'an old order does not disturb a fresh one',
		payment: pay(100),
		orders: [order('old', 100, 61), order('new', 100, 10)],
		expected: { kind: 'matched', orderId: 'new', by: 'amount_and_time' },
	},
	{
		name: 'the last minute of the window belongs to it',
		payment: pay(100),
		orders: [order('a', 100, 60)],
		expected: { kind: 'matched', orderId: 'a', by: 'amount_and_time' },
	},
	{
		name: 'a minute later it is over',
		payment: pay(100),
		orders: [order('a', 100, 61)],
		expected: { kind: 'unmatched', reason: 'outside_window' },
	},
	{
		name: 'the window can be longer',
		payment: pay(100),
		orders: [order('a', 100, 61)],
		windowMinutes: 120,
		expected: { kind: 'matched', orderId: 'a', by: 'amount_and_time' },
	},
	{
		name: 'an order made after the payment was not paid by it',
		payment: pay(100),
		orders: [order('a', 100, -1)],
		expected: { kind: 'unmatched', reason: 'outside_window' },
	},
	{
		name: 'one tiyn less is another amount',
		payment: pay(99),
		orders: [order('a', 100, 1)],
		expected: { kind: 'unmatched', reason: 'no_order_with_amount' },
	},
	{
		name: 'nothing open',
		payment: pay(100),
		orders: [],
		expected: { kind: 'unmatched', reason: 'no_order_with_amount' },
	},
	{
		name: 'zero is no payment',
		payment: pay(0),
		orders: [order('a', 0, 1)],
		expected: { kind: 'unmatched', reason: 'invalid_amount' },
	},
	{
		name: 'a fraction of a tiyn is no payment',
		payment: pay(1.5),
		orders: [order('a', 1.5, 1)],
		expected: { kind: 'unmatched', reason: 'invalid_amount' },
	},
];

test.each(CASES)('$name', ({ payment, orders, expected, windowMinutes }) => {
	expect(matchPayment(payment, orders, windowMinutes === undefined ? {} : { windowMinutes })).toEqual(expected);
});

test('without an order id a match is the one order of exactly this amount in the window', () => {
	const orders = fc.array(
		fc.record({
			id: fc.uuid(),
			amountTiyn: fc.integer({ min: 1, max: 5 }),
			minutes: fc.integer({ min: -10, max: 90 }),
		}),
		{ maxLength: 6 },
	);
	fc.assert(
		fc.property(orders, fc.integer({ min: 1, max: 5 }), (given, amount) => {
			const open = given.map(({ id, amountTiyn, minutes }) => order(id, amountTiyn, minutes));
			const fitting = given.filter(({ amountTiyn, minutes }) => amountTiyn === amount && minutes >= 0 && minutes <= 60);
			const result = matchPayment(pay(amount), open);
			expect(result.kind === 'matched').toBe(fitting.length === 1);
			expect(result.kind === 'ambiguous').toBe(fitting.length > 1);
		}),
	);
});
