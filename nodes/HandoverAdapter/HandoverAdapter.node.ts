import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { handleHandoverItem } from '../../lib/handover/handle-handover-item';
import { routeEachItem, turnJson } from '../shared/each-item';
import { connectOnce, requirePlatform } from '../shared/platform-access';
import { testPlatformCredential } from '../shared/platform-credential-test';
import { testWebhookCredential } from '../shared/webhook-credential-test';
import { inFieldsMode, readSource, sourceField } from '../shared/source-field';
import { handoverFields } from './fields';
import { sendNoticeFields } from './send-fields';

const REPLY_TO_CUSTOMER = 0;
const DONE = 1;

/** Passes a conversation to the managers, in Telegram or through a webhook, and carries out what they do. */
export class HandoverAdapter implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Handover Adapter',
		name: 'handoverAdapter',
		icon: { light: 'file:handoverAdapter.svg', dark: 'file:handoverAdapter.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{$parameter["source"] === "fields" ? "notice to " + $parameter["adapter"] : "handover of the turn"}}',
		description: 'Tell the managers of a business that a customer needs a person',
		defaults: { name: 'Handover Adapter' },
		// Not a tool: an agent sees the first output only, and a sent notice leaves through the second.
		usableAsTool: undefined,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Reply to customer', 'Done'],
		credentials: [
			{
				name: 'trufflesPlatformApi',
				required: true,
				testedBy: 'trufflesPlatformApiTest',
				displayOptions: { show: { source: ['standardItem'] } },
			},
			{
				name: 'trufflesTelegramApi',
				required: true,
				displayOptions: { show: { source: ['fields'], adapter: ['telegram'] } },
			},
			{
				name: 'trufflesWebhookApi',
				required: false,
				testedBy: 'trufflesWebhookApiTest',
				displayOptions: { show: { source: ['fields'], adapter: ['webhook'] } },
			},
		],
		properties: [
			sourceField,
			{
				displayName: 'A sent notice leaves through the output "Done"',
				name: 'outputNotice',
				type: 'notice',
				default: '',
				displayOptions: inFieldsMode,
			},
			...handoverFields,
		],
	};

	methods = {
		credentialTest: { trufflesPlatformApiTest: testPlatformCredential, trufflesWebhookApiTest: testWebhookCredential },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		if (readSource(this) === 'fields') {
			return await routeEachItem(this, 2, async (input, itemIndex) => ({
				output: DONE,
				json: { ...input.json, handover: await sendNoticeFields(this, itemIndex) },
			}));
		}
		const platform = connectOnce(async () => await requirePlatform(this));
		return await routeEachItem(this, 2, async (input) => {
			const step = await handleHandoverItem(await platform(), input.json);
			if (step.kind === 'reply') return { output: REPLY_TO_CUSTOMER, json: turnJson(step.item) };
			return { output: DONE, json: { ...input.json, done: step.what } };
		});
	}
}
