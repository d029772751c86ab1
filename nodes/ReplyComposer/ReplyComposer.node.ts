import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import type { TurnItem } from '../../lib/item/turn-item';
import { requestHandover } from '../../lib/item/turn-item-updates';
import { readTurnItem, routeEachItem, turnJson } from '../shared/each-item';
import { connectOnce, requirePlatform } from '../shared/platform-access';
import { testPlatformCredential } from '../shared/platform-credential-test';
import { readSource, sourceField } from '../shared/source-field';
import { type Composed, type ComposeOperation, composeTurn } from './compose-turn';
import { composerFields } from './fields';
import { readComposeFields } from './from-fields';

const OUTPUT_OF: Readonly<Record<Composed['kind'], number>> = { ready: 0, needsKnowledge: 1, handOver: 2 };

/** Answers price, hours, address and courtesy from the business's own facts, exactly and for nothing. */
export class ReplyComposer implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Reply Composer',
		name: 'replyComposer',
		icon: { light: 'file:replyComposer.svg', dark: 'file:replyComposer.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{$parameter["operation"] === "fromKnowledge" ? "from retrieved text" : "from facts"}}',
		description: 'Answer a customer from facts or retrieved text, in Russian or Kazakh, without a model',
		defaults: { name: 'Reply Composer' },
		// Not a tool: an agent sees the first output only, and would not learn that a person is wanted.
		usableAsTool: undefined,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Ready', 'Needs knowledge', 'Hand over'],
		credentials: [
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
						name: 'Compose',
						value: 'compose',
						description: 'Answer from templates and facts; what they cannot answer needs knowledge or a person',
						action: 'Compose from facts',
					},
					{
						name: 'From Knowledge',
						value: 'fromKnowledge',
						description: 'Answer with the retrieved text that fits best; output "Needs knowledge" stays empty',
						action: 'Compose from retrieved text',
					},
				],
				default: 'compose',
			},
			...composerFields,
		],
	};

	methods = { credentialTest: { trufflesPlatformApiTest: testPlatformCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const operation = this.getNodeParameter('operation', 0) as ComposeOperation;
		if (readSource(this) === 'fields') {
			return await routeEachItem(this, 3, async (input, itemIndex) => {
				const { item, compose } = readComposeFields(this, itemIndex, new Date());
				const { kind, ...result } = composeTurn(operation, item, compose);
				return {
					output: OUTPUT_OF[kind],
					json: { ...input.json, classification: { ...item.classification }, ...result },
				};
			});
		}
		const platform = connectOnce(async () => await requirePlatform(this));
		return await routeEachItem(this, 3, async (input) => {
			const item = readTurnItem(input);
			const { packs, clock } = await platform();
			const { client: pack, domain } = await packs(item.client.id, item.client.configVersion);
			const composed = composeTurn(operation, item, { pack, domain, now: clock.now() });
			return { output: OUTPUT_OF[composed.kind], json: turnJson(applyComposed(item, composed)) };
		});
	}
}

function applyComposed(item: TurnItem, composed: Composed): TurnItem {
	if (composed.kind === 'ready') return { ...item, reply: composed.reply };
	if (composed.kind === 'needsKnowledge') return { ...item, reply: composed.draft };
	return requestHandover(item, composed.reason);
}
