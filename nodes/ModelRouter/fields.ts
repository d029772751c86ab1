import type { INodeProperties } from 'n8n-workflow';

import { inFieldsMode } from '../shared/source-field';

/** Fields of the fields mode. */
export const routerFields: INodeProperties[] = [
	{
		displayName: 'Prompt',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '={{ $json.text }}',
		required: true,
		displayOptions: inFieldsMode,
		description: 'What the model is asked',
	},
	{
		displayName: 'Model',
		name: 'model',
		type: 'options',
		options: [
			{ name: 'Cheap', value: 'cheap', description: 'The credential’s cheap model, with the strong one as fallback' },
			{ name: 'Named', value: 'named', description: 'A model by its ID' },
			{ name: 'Strong', value: 'strong', description: 'The credential’s strong model, with the cheap one as fallback' },
		],
		default: 'cheap',
		displayOptions: inFieldsMode,
	},
	{
		displayName: 'Model ID',
		name: 'modelId',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'gpt-4.1-mini',
		displayOptions: { show: { source: ['fields'], model: ['named'] } },
		hint: 'The credential’s cheap model is the fallback',
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
				displayName: 'JSON Answer',
				name: 'jsonObject',
				type: 'boolean',
				default: false,
				description: 'Whether to ask for a JSON object; the prompt must say so too',
			},
			{
				displayName: 'Max Output Tokens',
				name: 'maxOutputTokens',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 400,
				description: 'A longer answer is cut off and counts as none',
			},
			{
				displayName: 'System Message',
				name: 'system',
				type: 'string',
				typeOptions: { rows: 3 },
				default: '',
				description: 'Standing instructions',
			},
			{
				displayName: 'Temperature',
				name: 'temperature',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 2, numberPrecision: 1 },
				default: 0.2,
			},
			{
				displayName: 'Timeout (Seconds)',
				name: 'timeoutSeconds',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 120 },
				default: 20,
				description: 'For all attempts together',
			},
		],
	},
];
