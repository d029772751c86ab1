import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { TrufflesError } from '../../lib/errors';
import type { OpenOrder, PaymentFact } from '../../lib/payments/match-payment';
import { parseInstant, parseOrders, parseTengeAmount } from '../../lib/payments/payment-fields';
import { readJson, readText } from '../shared/field-values';

const DEFAULT_WINDOW_MINUTES = 60;

/** The payment of one item. Throws TRF_FIELD_INVALID when amount or time cannot be read. */
export function readPayment(
	context: IExecuteFunctions,
	itemIndex: number,
	now: Date,
): { payment: PaymentFact; windowMinutes: number } {
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	const amountTiyn = parseTengeAmount(context.getNodeParameter('amount', itemIndex));
	if (amountTiyn === null)
		throw new TrufflesError('TRF_FIELD_INVALID', {
			field: 'Amount',
			problem: 'an amount in tenge is expected, such as 8 000 or 8000.50',
		});
	const paidText = readText(context, 'paidAt', itemIndex).trim();
	const paidAt = paidText === '' ? now : parseInstant(paidText, context.getTimezone());
	if (paidAt === null)
		throw new TrufflesError('TRF_FIELD_INVALID', { field: 'Paid At', problem: 'an ISO date and time is expected' });
	const orderId = readText(context, 'orderId', itemIndex).trim();
	const payerName = String(options['payerName'] ?? '').trim();
	return {
		payment: {
			amountTiyn,
			orderId: orderId === '' ? null : orderId,
			paidAt,
			payerName: payerName === '' ? null : payerName,
		},
		windowMinutes: Number(options['windowMinutes'] ?? DEFAULT_WINDOW_MINUTES),
	};
}

/** The orders listed in one item. Throws TRF_FIELD_INVALID with the places that cannot be read. */
export function readOrders(context: IExecuteFunctions, itemIndex: number): readonly OpenOrder[] {
	const parsed = parseOrders(readJson(context, 'orders', itemIndex), context.getTimezone());
	if (!parsed.ok)
		throw new TrufflesError('TRF_FIELD_INVALID', {
			field: 'Orders',
			problem: `cannot read ${parsed.problems.slice(0, 5).join(', ')}`,
		});
	return parsed.orders;
}
