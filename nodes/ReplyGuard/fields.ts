import type { INodeProperties } from 'n8n-workflow';

import { inFieldsMode } from '../shared/source-field';

/** Fields of the fields mode. */
export const guardFields: INodeProperties[] = [
	{
		displayName: 'Draft',
		name: 'draft',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '={{ $json.text }}',
		required: true,
		displayOptions: inFieldsMode,
		description: 'The reply that is about to be sent, from a model or a template',
	},
	{
		displayName: 'Facts',
		name: 'facts',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		placeholder: 'Маникюр с гель-лаком: 8 000 ₸, 90 минут',
		displayOptions: inFieldsMode,
		hint: 'One per line, or a JSON list: every amount, time, phone, discount and link in the draft must occur here',
	},
	{
		displayName: 'Customer Text',
		name: 'customerText',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		displayOptions: inFieldsMode,
		description: 'What the customer wrote; times and phone numbers from it may be repeated, amounts may not',
	},
	{
		displayName: 'Language',
		name: 'language',
		type: 'options',
		options: [
			{ name: 'Kazakh', value: 'kk' },
			{ name: 'Russian', value: 'ru' },
		],
		default: 'ru',
		displayOptions: inFieldsMode,
	},
	{
		displayName: 'Done in This Turn',
		name: 'done',
		type: 'multiOptions',
		options: [
			{ name: 'Booking Made', value: 'bookingDone' },
			{ name: 'Free Times Are Known', value: 'availabilityKnown' },
			{ name: 'Manager Notified', value: 'handoverDone' },
			{ name: 'Payment Confirmed', value: 'paymentConfirmed' },
		],
		default: [],
		displayOptions: inFieldsMode,
		description: 'What really happened; the draft may claim nothing else',
	},
	{
		displayName: 'Rewrites so Far',
		name: 'rewrites',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		displayOptions: inFieldsMode,
		description: 'With 0 a bad draft leaves through Rewrite, from 1 on through Refused',
	},
];
