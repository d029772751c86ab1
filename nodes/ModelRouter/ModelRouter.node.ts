import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { MODEL_CALLS_AT_ONCE, readTurnItem, type Routed, routeEachItem } from '../shared/each-item';
import { openModel } from '../shared/model-access';
import { testModelCredential } from '../shared/model-credential-test';
import { connectOnce, requirePlatform } from '../shared/platform-access';
import { testPlatformCredential } from '../shared/platform-credential-test';
import { readSource, sourceField } from '../shared/source-field';
import { routerFields } from './fields';
import { askFromFields } from './from-fields';
import { writeTurn, type WriteOperation } from './write-turn';

const WRITTEN = 0;
const NO_MODEL = 1;
const NO_ANSWER = { text: null, model: null, costUsd: '0', calls: [], notes: ['model: no_model_configured'] };

/** Chooses a model by route and budget, asks it, falls back, and says what it cost. */
export class ModelRouter implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Model Router',
		name: 'modelRouter',
		icon: { light: 'file:modelRouter.svg', dark: 'file:modelRouter.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{$parameter["source"] === "fields" ? $parameter["model"] + " model" : $parameter["operation"]}}',
		description: 'Ask a cheap or a strong model, with fallback, circuit breaker, budget and exact cost',
		defaults: { name: 'Model Router' },
		// Not a tool: an agent has a model of its own.
		usableAsTool: undefined,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Written', 'No model', 'Hand over'],
		credentials: [
			{ name: 'trufflesModelApi', required: false, testedBy: 'trufflesModelApiTest' },
			{
				name: 'trufflesPlatformApi',
				required: true,
				testedBy: 'trufflesPlatformApiTest',
				displayOptions: { show: { source: ['standardItem'] } },
			},
		],
		properties: [
			sourceField,
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Rewrite',
						value: 'rewrite',
						description: 'Write the draft that the guard sent back once more',
						action: 'Rewrite a refused draft',
					},
					{
						name: 'Write',
						value: 'write',
						description: 'Write the reply from facts and retrieved text',
						action: 'Write a reply',
					},
				],
				default: 'write',
				displayOptions: { show: { source: ['standardItem'] } },
			},
			...routerFields,
		],
	};

	methods = {
		credentialTest: { trufflesPlatformApiTest: testPlatformCredential, trufflesModelApiTest: testModelCredential },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const model = connectOnce(async () => await openModel(this));
		if (readSource(this) === 'fields') {
			const ask = async (input: INodeExecutionData, itemIndex: number): Promise<Routed> => {
				const access = await model();
				const answer = access === null ? NO_ANSWER : await askFromFields(this, itemIndex, access);
				return { output: answer.text === null ? NO_MODEL : WRITTEN, json: { ...input.json, answer } };
			};
			return await routeEachItem(this, 3, ask, MODEL_CALLS_AT_ONCE);
		}
		const operation = this.getNodeParameter('operation', 0) as WriteOperation;
		const platform = connectOnce(async () => await requirePlatform(this));
		const write = async (input: INodeExecutionData): Promise<Routed> =>
			await writeTurn(await platform(), await model(), readTurnItem(input), operation);
		return await routeEachItem(this, 3, write, MODEL_CALLS_AT_ONCE);
	}
}
