import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { classifyFailure, type FailureRecord } from '../../lib/error-log/classify-failure';
import { saveFailure } from '../../lib/error-log/error-log-store';
import { TrufflesError } from '../../lib/errors';
import { routeEachItem } from '../shared/each-item';
import { readText } from '../shared/field-values';
import { connectOnce, hasCredential, requirePlatform } from '../shared/platform-access';
import { testPlatformCredential } from '../shared/platform-credential-test';
import { inFieldsMode, readSource } from '../shared/source-field';

/** Classifies what failed and keeps it in `error_logs`, without secrets, phone numbers or customers' words. */
export class TrufflesErrorLog implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Truffles Error Log',
		name: 'trufflesErrorLog',
		icon: { light: 'file:trufflesErrorLog.svg', dark: 'file:trufflesErrorLog.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{$parameter["source"] === "fields" ? "from fields" : "from Error Trigger"}}',
		description: 'Classify an error and keep it in the error log',
		defaults: { name: 'Truffles Error Log' },
		// Not a tool: errors are reported by workflows, not by agents.
		usableAsTool: undefined,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'trufflesPlatformApi', required: false, testedBy: 'trufflesPlatformApiTest' }],
		properties: [
			{
				displayName: 'Source',
				name: 'source',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Error Trigger Item',
						value: 'standardItem',
						description: 'Read what the Error Trigger (or an error output) passes on',
					},
					{ name: 'Fields', value: 'fields', description: 'Take the values from the fields below' },
				],
				default: 'standardItem',
			},
			{
				displayName: 'Without a platform credential the error is classified but not stored',
				name: 'notice',
				type: 'notice',
				default: '',
			},
			{
				displayName: 'Message',
				name: 'message',
				type: 'string',
				default: '={{ $json.error.message }}',
				required: true,
				displayOptions: inFieldsMode,
				hint: 'Tokens, phone numbers and long quotations are taken out before it is stored',
			},
			{
				displayName: 'Code',
				name: 'code',
				type: 'string',
				default: '={{ $json.error.code }}',
				displayOptions: inFieldsMode,
				description: 'A TRF_… code, a transport code such as ETIMEDOUT, or an HTTP status',
			},
			{
				displayName: 'Workflow',
				name: 'workflow',
				type: 'string',
				default: '={{ $workflow.name }}',
				displayOptions: inFieldsMode,
				description: 'Name of the workflow that failed',
			},
			{
				displayName: 'Node',
				name: 'node',
				type: 'string',
				default: '',
				displayOptions: inFieldsMode,
				description: 'Name of the node that failed',
			},
		],
	};

	methods = { credentialTest: { trufflesPlatformApiTest: testPlatformCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const fromFields = readSource(this) === 'fields';
		const stores = hasCredential(this, 'trufflesPlatformApi');
		const platform = connectOnce(async () => await requirePlatform(this));

		return await routeEachItem(this, 1, async (input, itemIndex) => {
			const failure = fromFields ? readFailureFields(this, itemIndex) : classifyFailure(input.json);
			if (failure === null) {
				throw new TrufflesError('TRF_ITEM_INVALID', { problem: 'it holds no error; connect an Error Trigger' });
			}
			if (stores) {
				const { db } = await platform();
				await db.transaction(async (tx) => await saveFailure(tx, failure, { clientId: null, turnId: null }));
			}
			return { output: 0, json: { ...input.json, failure: { ...failure }, recorded: stores } };
		});
	}
}

function readFailureFields(context: IExecuteFunctions, itemIndex: number): FailureRecord | null {
	return classifyFailure({
		execution: {
			id: context.getExecutionId(),
			lastNodeExecuted: readText(context, 'node', itemIndex),
			error: { message: readText(context, 'message', itemIndex), code: readText(context, 'code', itemIndex) },
		},
		workflow: { name: readText(context, 'workflow', itemIndex) },
	});
}
