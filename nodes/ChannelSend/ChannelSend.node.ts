import {
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { ChatflowSender } from '../../lib/adapters/chatflow-sender';
import { FetchHttp } from '../../lib/adapters/fetch-http';
import { TrufflesError } from '../../lib/errors';
import { OUTBOX_SCHEMA, parseWorkItem } from '../../lib/inbox/work-item';
import { deliverOutbox, deliverReply } from '../../lib/outbox/deliver';
import { GROUPED_ITEMS_AT_ONCE, type Routed, readTurnItem, routeEachItem, turnJson } from '../shared/each-item';
import { readRequiredText } from '../shared/field-values';
import { testChatflowCredential } from '../shared/chatflow-credential-test';
import type { Platform } from '../shared/platform';
import { connectOnce, requirePlatform } from '../shared/platform-access';
import { testPlatformCredential } from '../shared/platform-credential-test';
import { inFieldsMode, readSource, sourceField } from '../shared/source-field';

const SENT = 0;
const NOT_SENT = 1;
const NOWHERE = -1;
const SEND_TIMEOUT_MS = 15_000;

/** Sends replies to customers through their channel: written to the outbox first, re-checked, sent once. */
export class ChannelSend implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Channel Send',
		name: 'channelSend',
		icon: { light: 'file:channelSend.svg', dark: 'file:channelSend.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["source"] === "fields" ? "one message" : "reply of the turn" }}',
		description: 'Sends a reply to the customer, unless a person has taken over meanwhile',
		defaults: { name: 'Send reply' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Sent', 'Not sent'],
		credentials: [
			{
				name: 'trufflesPlatformApi',
				required: true,
				testedBy: 'trufflesPlatformApiTest',
				displayOptions: { show: { source: ['standardItem'] } },
			},
			{
				name: 'trufflesChatflowApi',
				required: true,
				testedBy: 'trufflesChatflowApiTest',
				displayOptions: inFieldsMode,
			},
		],
		properties: [
			sourceField,
			{
				displayName: 'To',
				name: 'to',
				type: 'string',
				default: '',
				required: true,
				placeholder: '77010000000@s.whatsapp.net',
				description: 'The WhatsApp address of the customer: the number in digits with @s.whatsapp.net',
				displayOptions: inFieldsMode,
			},
			{
				displayName: 'Text',
				name: 'text',
				type: 'string',
				typeOptions: { rows: 3 },
				default: '',
				required: true,
				description: 'What the customer gets. Formatting of WhatsApp works: *bold*, _italic_.',
				displayOptions: inFieldsMode,
			},
		],
	};

	methods = {
		credentialTest: {
			trufflesPlatformApiTest: testPlatformCredential,
			trufflesChatflowApiTest: testChatflowCredential,
		},
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		if (readSource(this) === 'fields')
			return await routeEachItem(this, 2, async (_input, index) => await sendFields(this, index));
		const platform = connectOnce(async () => await requirePlatform(this));
		return await routeEachItem(
			this,
			2,
			async (input) => await sendStandard(await platform(), input),
			GROUPED_ITEMS_AT_ONCE,
		);
	}
}

async function sendStandard(platform: Platform, input: INodeExecutionData): Promise<Routed> {
	const work = parseWorkItem(input.json);
	if (work !== null && work.schema === OUTBOX_SCHEMA) {
		const delivery = await deliverOutbox(platform, work);
		return { output: delivery.kind === 'sent' ? SENT : NOT_SENT, json: { ...input.json, delivery: { ...delivery } } };
	}
	const item = readTurnItem(input);
	const delivery = await deliverReply(platform, item);
	if (delivery.kind === 'lost') return { output: NOWHERE, json: {} };
	return { output: delivery.kind === 'sent' ? SENT : NOT_SENT, json: turnJson({ ...item, outcome: delivery.outcome }) };
}

async function sendFields(context: IExecuteFunctions, itemIndex: number): Promise<Routed> {
	const account = await context.getCredentials<{ baseUrl: string; instanceId: string; token: string }>(
		'trufflesChatflowApi',
		itemIndex,
	);
	const sender = new ChatflowSender(new FetchHttp(), account);
	const result = await sender.sendText({
		address: readRequiredText(context, 'to', itemIndex),
		text: readRequiredText(context, 'text', itemIndex),
		idempotencyKey: `${context.getExecutionId()}-${itemIndex}`,
		timeoutMs: SEND_TIMEOUT_MS,
	});
	if (result.kind === 'sent')
		return { output: SENT, json: { sent: true, providerMessageId: result.providerMessageId } as IDataObject };
	const code = result.kind === 'refused' ? 'TRF_SEND_REFUSED' : 'TRF_SEND_UNREACHABLE';
	throw new TrufflesError(code, { channel: 'whatsapp', code: result.code });
}
