import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { classifyIntent } from '../../lib/classify/classify-intent';
import { readTurnItem, routeEachItem, turnJson } from '../shared/each-item';
import { connectOnce, requirePlatform } from '../shared/platform-access';
import { testPlatformCredential } from '../shared/platform-credential-test';
import { readSource, sourceField } from '../shared/source-field';
import { classifyTurn } from './classify-turn';
import { classifyFields } from './fields';
import { readClassifyFields } from './from-fields';

/** Recognises what a customer wants, in Russian and Kazakh, in milliseconds and without a model. */
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
		],
		properties: [sourceField, ...classifyFields],
	};

	methods = { credentialTest: { trufflesPlatformApiTest: testPlatformCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		if (readSource(this) === 'fields') {
			return await routeEachItem(this, 1, async (input, itemIndex) => ({
				output: 0,
				json: { ...input.json, classification: { ...classifyIntent(readClassifyFields(this, itemIndex)) } },
			}));
		}
		const platform = connectOnce(async () => await requirePlatform(this));
		return await routeEachItem(this, 1, async (input) => {
			const item = readTurnItem(input);
			return { output: 0, json: turnJson(await classifyTurn(await platform(), item)) };
		});
	}
}
