import type { INodeProperties } from 'n8n-workflow';

import { inFieldsMode } from '../shared/source-field';

/** Fields of the fields mode. */
export const composerFields: INodeProperties[] = [
	{
		displayName: 'Text',
		name: 'text',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '={{ $json.text }}',
		required: true,
		displayOptions: inFieldsMode,
		description: 'What the customer wrote',
	},
	{
		displayName: 'Client Pack',
		name: 'clientPack',
		type: 'json',
		default: '',
		required: true,
		displayOptions: inFieldsMode,
		hint: 'Services, prices, hours and address of the business (see demo/demo_salon/pack.yaml); answers quote nothing else',
	},
	{
		displayName: 'Retrieval',
		name: 'retrieval',
		type: 'json',
		default: '={{ $json.retrieval }}',
		displayOptions: { show: { source: ['fields'], operation: ['fromKnowledge'] } },
		hint: 'What the RAG Search node found',
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
				displayName: 'Default Language',
				name: 'defaultLanguage',
				type: 'options',
				options: [
					{ name: 'Kazakh', value: 'kk' },
					{ name: 'Russian', value: 'ru' },
				],
				default: 'ru',
			},
			{
				displayName: 'Domain Pack',
				name: 'domainPack',
				type: 'json',
				default: '',
				description: 'Words of the trade (see packs/)',
			},
			{
				displayName: 'First Message',
				name: 'isFirstTurn',
				type: 'boolean',
				default: false,
				description: 'Whether the customer writes for the first time and is greeted',
			},
			{
				displayName: 'Time Zone',
				name: 'timeZone',
				type: 'string',
				default: '',
				placeholder: 'Asia/Almaty',
				description: 'For answers about today’s hours. Leave empty for the zone of the workflow.',
			},
		],
	},
];
