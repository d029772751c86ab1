import type { INodeProperties } from 'n8n-workflow';

import { inFieldsMode } from '../shared/source-field';

const forTelegram: INodeProperties['displayOptions'] = { show: { source: ['fields'], adapter: ['telegram'] } };
const forWebhook: INodeProperties['displayOptions'] = { show: { source: ['fields'], adapter: ['webhook'] } };

/** Fields of the fields mode. */
export const handoverFields: INodeProperties[] = [
	{
		displayName: 'Adapter',
		name: 'adapter',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Telegram', value: 'telegram', description: 'A message to the managers’ group' },
			{ name: 'Webhook', value: 'webhook', description: 'A JSON event to a CRM or another workflow' },
		],
		default: 'telegram',
		displayOptions: inFieldsMode,
	},
	{
		displayName: 'Chat ID',
		name: 'chatId',
		type: 'string',
		default: '',
		required: true,
		placeholder: '-1001234567890',
		displayOptions: forTelegram,
		hint: 'Groups have negative numbers; the bot must be a member',
	},
	{
		displayName: 'URL',
		name: 'url',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'https://crm.example.kz/handover',
		displayOptions: forWebhook,
		description: 'Gets a POST with {event, text}; must answer 2xx',
	},
	{
		displayName: 'Text',
		name: 'text',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '={{ $json.text }}',
		required: true,
		displayOptions: inFieldsMode,
		description: 'What the managers read; plain text, sent as it is',
	},
	{
		displayName: 'Event',
		name: 'event',
		type: 'json',
		default: '{}',
		displayOptions: forWebhook,
		hint: 'An object with whatever the receiver needs: reason, customer, conversation',
	},
	{
		displayName: 'Reply to Message ID',
		name: 'inReplyTo',
		type: 'string',
		default: '',
		displayOptions: inFieldsMode,
		description: 'The earlier notice this one belongs to. Leave empty for a new one.',
	},
];
