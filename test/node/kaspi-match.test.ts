import { KaspiMatch } from '../../nodes/KaspiMatch/KaspiMatch.node';
import { runNode } from '../support/run-node';

const PAID_AT = '2026-11-21T10:15:00+05:00';
const order = (id: string, amount: string, createdAt = '2026-11-21T09:50:00+05:00') => ({ id, amount, createdAt });

const cases = [
	{
		name: 'one open order with the amount within the hour is matched',
		given: { amount: '8 000 ₸', orders: [order('A', '8 000'), order('B', '9 000')] },
		output: 0,
		match: { kind: 'matched', orderId: 'A', by: 'amount_and_time' },
	},
	{
		name: 'two orders with the same amount are left to a person',
		given: { amount: '8000', orders: [order('A', '8 000'), order('B', '8000,00')] },
		output: 1,
		match: { kind: 'ambiguous', reason: 'several_orders' },
	},
	{
		name: 'a named order with another amount is left to a person',
		given: { amount: '7000', order_id: 'A', orders: [order('A', '8000')] },
		output: 1,
		match: { kind: 'ambiguous', reason: 'amount_differs' },
	},
	{
		name: 'an order older than the window is not matched by amount',
		given: { amount: '8000', orders: [order('A', '8000', '2026-11-21T08:00:00+05:00')] },
		output: 2,
		match: { kind: 'unmatched', reason: 'outside_window' },
	},
	{
		name: 'a wall-clock time is read in the zone of the workflow',
		given: { amount: '1 990', orders: [order('A', '1,990', '2026-11-21 10:00')] },
		output: 0,
		match: { kind: 'matched', orderId: 'A' },
	},
] as const;

const parameters = { orderId: '={{ $json.order_id }}', paidAt: PAID_AT };

for (const { name, given, output, match } of cases) {
	test(name, async () => {
		const run = await runNode(new KaspiMatch(), [given], { parameters });
		expect(run.error).toBeNull();
		expect(run.outputs.map((items) => items.length)).toEqual([0, 1, 2].map((index) => (index === output ? 1 : 0)));
		expect(run.json[output]?.[0]).toMatchObject({ match });
		expect(run.outputs[output]?.[0]?.pairedItem).toEqual({ item: 0 });
	});
}

test('one unreadable payment fails alone: the rest of the batch goes on and the input stays as it was', async () => {
	const items = [
		{ amount: 'много', orders: [] },
		{ amount: '8000', orders: [order('A', '8000')] },
	];
	const before = structuredClone(items);
	const run = await runNode(new KaspiMatch(), items, { parameters, onError: 'continueErrorOutput' });
	expect(run.outputs.map((output) => output.length)).toEqual([1, 0, 0, 1]);
	expect(run.json[0]?.[0]).toMatchObject({ match: { kind: 'matched', orderId: 'A' } });
	expect(run.outputs[0]?.[0]?.pairedItem).toEqual({ item: 1 });
	expect(run.json[3]?.[0]).toMatchObject({ amount: 'много', error: { code: 'TRF_FIELD_INVALID' } });
	expect(run.inputAfter.map((item) => item.json)).toEqual(before);
});

test('without "continue on fail" the node stops and names the code', async () => {
	const run = await runNode(new KaspiMatch(), [{ amount: '', orders: [] }], { parameters });
	expect(run.error?.description).toBe('TRF_FIELD_INVALID');
	expect(run.error?.context).toMatchObject({ code: 'TRF_FIELD_INVALID', itemIndex: 0 });
});

test('orders of the database without a platform credential are an error that says so', async () => {
	const run = await runNode(new KaspiMatch(), [{ amount: '8000' }], {
		parameters: { ...parameters, ordersFrom: 'database', clientSlug: 'x' },
		onError: 'continueRegularOutput',
	});
	expect(run.error ?? run.json[0]?.[0]?.['error']).toBeTruthy();
});
