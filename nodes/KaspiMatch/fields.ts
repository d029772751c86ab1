import type { INodeProperties } from 'n8n-workflow';

/** Fields of a payment and of the orders it is compared with. */
export const kaspiFields: INodeProperties[] = [
	{
		displayName: 'Orders From',
		name: 'ordersFrom',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Database', value: 'database', description: 'The open orders of a business in the Truffles database' },
			{ name: 'This Item', value: 'thisItem', description: 'A list in the item, no database needed' },
		],
		default: 'thisItem',
	},
	{
		displayName: 'Amount',
		name: 'amount',
		type: 'string',
		default: '={{ $json.amount }}',
		required: true,
		placeholder: '8 000 ₸',
		description: 'What arrived, in tenge, as the bank writes it; gross, before commission',
	},
	{
		displayName: 'Order ID',
		name: 'orderId',
		type: 'string',
		default: '',
		placeholder: '={{ $json.order_id }}',
		hint: 'When the payment names an order, only that order can match',
	},
	{
		displayName: 'Paid At',
		name: 'paidAt',
		type: 'string',
		default: '',
		placeholder: '2026-11-21T10:15:00+05:00',
		description:
			'ISO date and time; without an offset it is read in the time zone of the workflow. Leave empty for now.',
	},
	{
		displayName: 'Orders',
		name: 'orders',
		type: 'json',
		default: '={{ $json.orders }}',
		required: true,
		displayOptions: { show: { ordersFrom: ['thisItem'] } },
		hint: 'A list of objects with "id", "amount" in tenge, "createdAt", and if you like "orderKey" and "status"',
	},
	{
		displayName: 'Business',
		name: 'clientSlug',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'demo_salon',
		displayOptions: { show: { ordersFrom: ['database'] } },
		description: 'Slug of the business whose open orders are compared',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Payer Name',
				name: 'payerName',
				type: 'string',
				default: '',
				description: 'Kept with the result for the person who decides; names are not compared',
			},
			{
				displayName: 'Window (Minutes)',
				name: 'windowMinutes',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 44640 },
				default: 60,
				description: 'How long an order waits for a payment that names no order',
			},
		],
	},
];
