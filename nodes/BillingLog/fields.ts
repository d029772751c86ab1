import type { INodeProperties } from 'n8n-workflow';

import { inFieldsMode } from '../shared/source-field';

/** Fields of one model call, shown in fields mode. */
export const billingFields: INodeProperties[] = [
	{
		displayName: 'Model',
		name: 'model',
		type: 'string',
		default: '={{ $json.model }}',
		required: true,
		placeholder: 'gpt-4.1-mini',
		displayOptions: inFieldsMode,
		hint: 'A model that is not in the price table is billed at the dearest price, so that nothing is under-counted',
	},
	{
		displayName: 'Usage',
		name: 'usage',
		type: 'json',
		default: '={{ $json.usage }}',
		required: true,
		displayOptions: inFieldsMode,
		description:
			'The provider’s usage object, or the whole answer: OpenAI, Anthropic, Gemini, Mistral, DeepSeek, OpenRouter, Ollama',
	},
	{
		displayName: 'Tenge per Dollar',
		name: 'usdKztRate',
		type: 'string',
		default: '',
		placeholder: '520.50',
		displayOptions: inFieldsMode,
		description:
			'Decimal rate of the day. Leave empty for a cost in dollars only, or for the rate in the settings of the business.',
	},
	{
		displayName: 'Business',
		name: 'clientSlug',
		type: 'string',
		default: '',
		placeholder: 'demo_salon',
		displayOptions: inFieldsMode,
		hint: 'With a business and a platform credential the call is also written to billing_events',
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
				displayName: 'Call ID',
				name: 'callId',
				type: 'string',
				default: '',
				description: 'UUID of the call; the same ID is never written twice. Empty: a new one.',
			},
			{ displayName: 'Conversation ID', name: 'conversationId', type: 'string', default: '' },
			{
				displayName: 'Error Code',
				name: 'errorCode',
				type: 'string',
				default: '',
				description: 'Of a failed call; "timeout" bills its input, because the provider has probably read it',
			},
			{
				displayName: 'Input Text',
				name: 'inputText',
				type: 'string',
				default: '',
				description: 'What was sent. Only its length is used, when the usage holds no token counts.',
			},
			{ displayName: 'Latency (Ms)', name: 'latencyMs', type: 'number', typeOptions: { minValue: 0 }, default: 0 },
			{
				displayName: 'Output Text',
				name: 'outputText',
				type: 'string',
				default: '',
				description: 'What came back. Only its length is used, when the usage holds no token counts.',
			},
			{
				displayName: 'Provider',
				name: 'provider',
				type: 'string',
				default: 'openai',
				description: 'Name in the bill; "ollama" costs nothing, "openrouter.ai" is believed what it says it charged',
			},
			{
				displayName: 'Purpose',
				name: 'purpose',
				type: 'options',
				options: [
					{ name: 'Classify', value: 'classify' },
					{ name: 'Embedding', value: 'embedding' },
					{ name: 'Reply', value: 'reply' },
					{ name: 'Rewrite', value: 'rewrite' },
					{ name: 'Transcription', value: 'transcription' },
				],
				default: 'reply',
			},
			{
				displayName: 'Status',
				name: 'status',
				type: 'options',
				description: 'Every attempt is a row of its own, the failed ones too',
				options: [
					{ name: 'Malformed', value: 'malformed', description: 'It answered, but unreadably' },
					{ name: 'OK', value: 'ok' },
					{ name: 'Refused', value: 'refused' },
					{ name: 'Unreachable', value: 'unreachable' },
				],
				default: 'ok',
			},
			{ displayName: 'Turn ID', name: 'turnId', type: 'string', default: '' },
		],
	},
];
