import type { INodeProperties } from 'n8n-workflow';

import { inFieldsMode } from '../shared/source-field';

/** Fields of the fields mode. */
export const ragFields: INodeProperties[] = [
	{
		displayName: 'Query',
		name: 'query',
		type: 'string',
		default: '={{ $json.text }}',
		required: true,
		displayOptions: inFieldsMode,
		description: 'What the customer asks; Russian, Kazakh, any script, typos allowed',
	},
	{
		displayName: 'Documents From',
		name: 'documentsFrom',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Business', value: 'client', description: 'The knowledge of a business in the Truffles database' },
			{ name: 'List', value: 'list', description: 'A JSON list of documents' },
			{ name: 'Text', value: 'text', description: 'One Markdown text' },
		],
		default: 'text',
		displayOptions: inFieldsMode,
	},
	{
		displayName: 'Business',
		name: 'clientSlug',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'demo_salon',
		displayOptions: { show: { source: ['fields'], documentsFrom: ['client'] } },
	},
	{
		displayName: 'Documents',
		name: 'documents',
		type: 'json',
		default: '={{ $json.documents }}',
		required: true,
		placeholder: '[{ "title": "Парковка", "text": "…" }]',
		displayOptions: { show: { source: ['fields'], documentsFrom: ['list'] } },
		hint: 'Texts, or objects with "text" and if you like "id", "title" and "source"',
	},
	{
		displayName: 'Text',
		name: 'text',
		type: 'string',
		typeOptions: { rows: 6 },
		default: '',
		required: true,
		placeholder: '# Парковка\nЕсть бесплатная парковка во дворе.',
		displayOptions: { show: { source: ['fields'], documentsFrom: ['text'] } },
		hint: 'Headings cut it into chunks; a heading counts twice',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		displayOptions: inFieldsMode,
		description: 'Max number of results to return',
	},
];
