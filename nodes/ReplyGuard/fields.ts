import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { ReplyCheck } from '../../lib/guard/check-reply';
import { toTextList } from '../shared/field-values';
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
			{ name: 'Any', value: 'any' },
			{ name: 'Kazakh', value: 'kk' },
			{ name: 'Russian', value: 'ru' },
		],
		default: 'any',
		displayOptions: inFieldsMode,
		description: 'A draft in another language is stopped',
	},
	{
		displayName: 'Done in This Turn',
		name: 'done',
		type: 'multiOptions',
		options: [
			{ name: 'Booking Made', value: 'bookingDone' },
			{ name: 'Free Times Are Known', value: 'availabilityKnown' },
			{ name: 'Manager Notified', value: 'handoverDone' },
			{ name: 'Order Placed', value: 'orderPlaced' },
			{ name: 'Other Action Done', value: 'actionDone' },
			{ name: 'Payment Confirmed', value: 'paymentConfirmed' },
			{ name: 'Something Was Sent', value: 'messageSent' },
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
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: inFieldsMode,
		options: [
			{
				displayName: 'Allowed Names',
				name: 'names',
				type: 'string',
				default: '',
				description: 'Names of the business and the customer that the draft may use, one per line or as a JSON list',
			},
			{
				displayName: 'Forbidden Marks',
				name: 'foreignMarks',
				type: 'string',
				default: '',
				description: 'Exact marks that must not occur in any spelling, one per line or as a JSON list',
			},
			{
				displayName: 'Format for WhatsApp',
				name: 'formatForWhatsapp',
				type: 'boolean',
				default: false,
				description:
					'Whether to turn Markdown into the marks of WhatsApp first; the judged text leaves as <code>guard.text</code>',
			},
			{
				displayName: 'Instructions',
				name: 'instructions',
				type: 'string',
				typeOptions: { rows: 3 },
				default: '',
				description: 'The prompt of your model: a draft that quotes it is stopped',
			},
			{
				displayName: 'Max Characters',
				name: 'maxChars',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 1500,
			},
			{
				displayName: 'Max Sentences',
				name: 'maxSentences',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 6,
				description: 'Lines of a list and lines with a price do not count',
			},
		],
	},
];

/** The collection of options as parts of a check. */
export function readOptions(
	options: IDataObject,
): Pick<ReplyCheck, 'instructions' | 'foreignMarks' | 'names' | 'limits'> {
	const instructions = typeof options['instructions'] === 'string' ? options['instructions'].trim() : '';
	return {
		instructions: instructions === '' ? [] : [instructions],
		foreignMarks: toTextList(options['foreignMarks']),
		names: toTextList(options['names']),
		limits: {
			...(options['maxChars'] === undefined ? {} : { maxChars: Number(options['maxChars']) }),
			...(options['maxSentences'] === undefined ? {} : { maxSentences: Number(options['maxSentences']) }),
		},
	};
}
