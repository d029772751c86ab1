import type { INodeProperties } from 'n8n-workflow';

import { inFieldsMode } from '../shared/source-field';

/** Whether a model may be asked about a turn. */
export const modelField: INodeProperties = {
	displayName: 'Ask a Model',
	name: 'useModel',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Never',
			value: 'never',
			description: 'Only the built-in recognition decides; nothing is paid',
		},
		{
			name: 'When Unsure',
			value: 'whenUnsure',
			description: 'One short question to the cheap model when the built-in recognition is unsure, within the budget',
		},
	],
	default: 'whenUnsure',
	displayOptions: { show: { source: ['standardItem'] } },
	hint: 'Without a model credential nothing is asked',
};

/** Fields of the fields mode. */
export const classifyFields: INodeProperties[] = [
	{
		displayName: 'Text',
		name: 'text',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '={{ $json.text }}',
		required: true,
		displayOptions: inFieldsMode,
		description: 'What the customer wrote: Russian, Kazakh or both, any script, typos allowed',
	},
	{
		displayName: 'Keywords',
		name: 'keywords',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add intent',
		default: {},
		displayOptions: inFieldsMode,
		description: 'Words of your own business, added to the built-in ones',
		options: [
			{
				displayName: 'Intent',
				name: 'intents',
				values: [
					{
						displayName: 'Intent',
						name: 'intent',
						type: 'options',
						options: [
							{ name: 'Ask for a Person', value: 'ask_human' },
							{ name: 'Booking', value: 'booking' },
							{ name: 'Complaint', value: 'complaint' },
							{ name: 'Farewell', value: 'farewell' },
							{ name: 'Greeting', value: 'greeting' },
							{ name: 'Objection', value: 'objection' },
							{ name: 'Off Topic', value: 'off_topic' },
							{ name: 'Payment', value: 'payment' },
							{ name: 'Question: Address', value: 'question_address' },
							{ name: 'Question: Hours', value: 'question_hours' },
							{ name: 'Question: Other', value: 'question_other' },
							{ name: 'Question: Price', value: 'question_price' },
							{ name: 'Question: Services', value: 'question_services' },
							{ name: 'Reschedule or Cancel', value: 'reschedule_cancel' },
							{ name: 'Thanks', value: 'thanks' },
						],
						default: 'question_other',
					},
					{
						displayName: 'Words',
						name: 'words',
						type: 'string',
						default: '',
						placeholder: 'абонемент*, подарочн* сертификат*',
						description: 'Separated by commas; an asterisk stands for any ending',
					},
				],
			},
		],
	},
	{
		displayName: 'Stop Words',
		name: 'stopWords',
		type: 'string',
		default: '',
		placeholder: 'директор*, юрист*',
		displayOptions: inFieldsMode,
		description: 'Words that always ask for a person, separated by commas; an asterisk stands for any ending',
	},
	{
		displayName: 'Default Language',
		name: 'defaultLanguage',
		type: 'options',
		options: [
			{ name: 'Kazakh', value: 'kk' },
			{ name: 'Russian', value: 'ru' },
		],
		default: 'ru',
		displayOptions: inFieldsMode,
		description: 'Language of the reply when the message shows none, for example "ok" or a picture',
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
				displayName: 'Client Pack',
				name: 'clientPack',
				type: 'json',
				default: '',
				description:
					'Services of the business, so that they are recognised in the text (see demo/demo_salon/pack.yaml)',
			},
			{
				displayName: 'Domain Pack',
				name: 'domainPack',
				type: 'json',
				default: '',
				description: 'Words of the trade: categories, keywords of intents, what is out of domain (see packs/)',
			},
			{
				displayName: 'Previous Language',
				name: 'previousLanguage',
				type: 'options',
				options: [
					{ name: 'Kazakh', value: 'kk' },
					{ name: 'None', value: '' },
					{ name: 'Russian', value: 'ru' },
				],
				default: '',
				description: 'Language of the last reply in this conversation',
			},
		],
	},
];
