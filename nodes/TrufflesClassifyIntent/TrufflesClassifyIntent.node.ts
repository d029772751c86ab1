import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { classifyIntent } from '../../lib/classify/classify-intent';
import { MODEL_CALLS_AT_ONCE, readTurnItem, type Routed, routeEachItem, turnJson } from '../shared/each-item';
import { openModel } from '../shared/model-access';
import { testModelCredential } from '../shared/model-credential-test';
import { connectOnce, requirePlatform } from '../shared/platform-access';
import { testPlatformCredential } from '../shared/platform-credential-test';
import { readSource, sourceField } from '../shared/source-field';
import { askIntents } from './ask-intents';
import { classifyTurn } from './classify-turn';
import { classifyFields, modelField } from './fields';
import { readClassifyFields } from './from-fields';

/** Recognises what a customer wants, in Russian and Kazakh, in milliseconds; asks a model only where that is unsure. */
export class TrufflesClassifyIntent implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Truffles Classify Intent',
		name: 'trufflesClassifyIntent',
		icon: { light: 'file:trufflesClassifyIntent.svg', dark: 'file:trufflesClassifyIntent.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{$parameter["source"] === "fields" ? "text from fields" : "turn of the standard item"}}',
		description: 'Recognise intents, language, services and personal data in a customer’s message',
		defaults: { name: 'Truffles Classify Intent' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'trufflesPlatformApi',
				required: true,
				testedBy: 'trufflesPlatformApiTest',
				displayOptions: { show: { source: ['standardItem'] } },
			},
			{
				name: 'trufflesModelApi',
				required: false,
				testedBy: 'trufflesModelApiTest',
				displayOptions: { show: { source: ['standardItem'], useModel: ['whenUnsure'] } },
			},
		],
		properties: [sourceField, modelField, ...classifyFields],
	};

	methods = {
		credentialTest: { trufflesPlatformApiTest: testPlatformCredential, trufflesModelApiTest: testModelCredential },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		if (readSource(this) === 'fields') {
			return await routeEachItem(this, 1, async (input, itemIndex) => ({
				output: 0,
				json: { ...input.json, classification: { ...classifyIntent(readClassifyFields(this, itemIndex)) } },
			}));
		}
		const platform = connectOnce(async () => await requirePlatform(this));
		const mayAsk = this.getNodeParameter('useModel', 0) === 'whenUnsure';
		const model = connectOnce(async () => (mayAsk ? await openModel(this) : null));
		const classify = async (input: INodeExecutionData): Promise<Routed> => {
			const classified = await classifyTurn(await platform(), readTurnItem(input));
			return { output: 0, json: turnJson(await askIntents(await platform(), await model(), classified)) };
		};
		return await routeEachItem(this, 1, classify, MODEL_CALLS_AT_ONCE);
	}
}
