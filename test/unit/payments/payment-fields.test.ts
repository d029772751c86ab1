import { parseInstant, parseOrders, parseTengeAmount } from '../../../lib/payments/payment-fields';

const amounts = [
	{ given: '8 000 ₸', tiyn: 800_000 },
	{ given: '8\u00A0000\u202F₸', tiyn: 800_000 },
	{ given: '1,990', tiyn: 199_000, why: 'three digits after a comma are thousands: "Оплата 1,990 ₸"' },
	{ given: '10 000,50', tiyn: 1_000_050 },
	{ given: 'KZT 1 990', tiyn: 199_000 },
	{ given: '+1990 ₸', tiyn: 199_000 },
	{ given: 1990.5, tiyn: 199_050 },
	{ given: '1.234.567', tiyn: 123_456_700 },
	{ given: '-1 990 ₸', tiyn: null, why: 'money that left is no payment' },
	{ given: '\u22121990', tiyn: null },
	{ given: '1 990,555', tiyn: null, why: 'neither thousands nor tiyn' },
	{ given: '', tiyn: null },
	{ given: 'много', tiyn: null },
	{ given: null, tiyn: null },
];
for (const { given, tiyn } of amounts) {
	test(`${JSON.stringify(given)} is ${tiyn === null ? 'no amount' : `${tiyn} tiyn`}`, () =>
		expect(parseTengeAmount(given)).toBe(tiyn));
}

test('a wall-clock time is read in the given zone, an offset wins over it', () => {
	expect(parseInstant('2026-11-21 10:00', 'Asia/Almaty')?.toISOString()).toBe('2026-11-21T05:00:00.000Z');
	expect(parseInstant('2026-11-21T10:00:00Z', 'Asia/Almaty')?.toISOString()).toBe('2026-11-21T10:00:00.000Z');
	expect(parseInstant('завтра', 'Asia/Almaty')).toBeNull();
});

test('orders that are not open are left out, and every unreadable place is named', () => {
	const open = { id: 1, amount: '8 000', createdAt: '2026-11-21T10:00:00Z' };
	expect(parseOrders([open, { ...open, id: 2, status: 'paid' }], 'UTC')).toMatchObject({
		ok: true,
		orders: [{ id: '1', amountTiyn: 800_000 }],
	});
	expect(parseOrders([open, { id: null, amount: 'x', createdAt: '' }], 'UTC')).toEqual({
		ok: false,
		problems: ['orders[1].id', 'orders[1].amount', 'orders[1].createdAt'],
	});
	expect(parseOrders('x', 'UTC').ok).toBe(false);
});
