const MINUTE_MS = 60 * 1000;
const DEFAULT_WINDOW_MINUTES = 60;

export interface PaymentFact {
	/** Gross amount in tiyn, an integer above zero. */
	readonly amountTiyn: number;
	/** Order id or key that the payment named, if any. */
	readonly orderId: string | null;
	/** When the money arrived. */
	readonly paidAt: Date;
	readonly payerName?: string | null;
}

export interface OpenOrder {
	readonly id: string;
	/** The business's own number, shown to people and carried in payment links. */
	readonly orderKey: string | null;
	readonly amountTiyn: number;
	readonly createdAt: Date;
}

export type PaymentMatch =
	| { readonly kind: 'matched'; readonly orderId: string; readonly by: 'order_id' | 'amount_and_time' }
	/** A person decides; every candidate is named, the newest first. */
	| {
			readonly kind: 'ambiguous';
			readonly candidates: readonly string[];
			readonly reason: 'several_orders' | 'amount_differs';
	  }
	| {
			readonly kind: 'unmatched';
			readonly reason: 'invalid_amount' | 'unknown_order' | 'no_order_with_amount' | 'outside_window';
	  };

/**
 * Finds the open order a payment belongs to: by order id first, else by exact amount within the window.
 *
 * Never guesses: two candidates, or a named order with another amount, are `ambiguous` (a person is asked); an
 * order that was named but is not open is `unmatched`, even when another order has the same amount.
 * The window reaches back from the payment, both ends included; orders created after it do not count.
 *
 * @param windowMinutes how long an order waits for its payment (default 60)
 */
export function matchPayment(
	payment: PaymentFact,
	openOrders: readonly OpenOrder[],
	options: { readonly windowMinutes?: number } = {},
): PaymentMatch {
	if (!Number.isSafeInteger(payment.amountTiyn) || payment.amountTiyn <= 0)
		return { kind: 'unmatched', reason: 'invalid_amount' };
	const named = payment.orderId?.trim() ?? '';
	if (named !== '') return matchNamed(named, payment, openOrders);

	const sameAmount = openOrders.filter((order) => order.amountTiyn === payment.amountTiyn);
	if (sameAmount.length === 0) return { kind: 'unmatched', reason: 'no_order_with_amount' };
	const windowMs = (options.windowMinutes ?? DEFAULT_WINDOW_MINUTES) * MINUTE_MS;
	const paidAtMs = payment.paidAt.getTime();
	const inWindow = sameAmount.filter((order) => {
		const ageMs = paidAtMs - order.createdAt.getTime();
		return ageMs >= 0 && ageMs <= windowMs;
	});
	const [only, second] = inWindow;
	if (only === undefined) return { kind: 'unmatched', reason: 'outside_window' };
	if (second === undefined) return { kind: 'matched', orderId: only.id, by: 'amount_and_time' };
	return { kind: 'ambiguous', candidates: newestFirst(inWindow), reason: 'several_orders' };
}

function matchNamed(named: string, payment: PaymentFact, openOrders: readonly OpenOrder[]): PaymentMatch {
	const wanted = named.toLowerCase();
	const orders = openOrders.filter(
		(order) => order.id.toLowerCase() === wanted || order.orderKey?.trim().toLowerCase() === wanted,
	);
	const [only, second] = orders;
	if (only === undefined) return { kind: 'unmatched', reason: 'unknown_order' };
	if (second !== undefined) return { kind: 'ambiguous', candidates: newestFirst(orders), reason: 'several_orders' };
	if (only.amountTiyn !== payment.amountTiyn)
		return { kind: 'ambiguous', candidates: [only.id], reason: 'amount_differs' };
	return { kind: 'matched', orderId: only.id, by: 'order_id' };
}

function newestFirst(orders: readonly OpenOrder[]): string[] {
	return [...orders].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime()).map((order) => order.id);
}
