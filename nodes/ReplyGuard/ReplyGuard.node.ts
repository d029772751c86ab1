import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { checkReply, type TurnClaims } from '../../lib/guard/check-reply';
import type { GuardVerdict, ReplyLanguage } from '../../lib/item/turn-item';
import { readTurnItem, routeEachItem } from '../shared/each-item';
import { readText, readTextList } from '../shared/field-values';
import { readSource, sourceField } from '../shared/source-field';
import { guardFields } from './fields';
import { guardTurn } from './guard-turn';

const OUTPUT_OF: Readonly<Record<GuardVerdict['kind'], number>> = { passed: 0, rewrite: 1, refused: 2 };

/** Lets no price, time or promise out that the business did not give. */
export class ReplyGuard implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Reply Guard',
		name: 'replyGuard',
		icon: { light: 'file:replyGuard.svg', dark: 'file:replyGuard.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{$parameter["source"] === "fields" ? "draft from fields" : "draft of the turn"}}',
		description: 'Check a draft reply: amounts, times, discounts, contacts, claimed actions, leaked instructions',
		defaults: { name: 'Reply Guard' },
		// Not a tool: an agent sees the first output only, and would not learn why a draft was refused.
		usableAsTool: undefined,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Passed', 'Rewrite', 'Refused'],
		properties: [sourceField, ...guardFields],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		if (readSource(this) === 'standardItem') {
			return await routeEachItem(this, 3, async (input) => guardTurn(readTurnItem(input)));
		}
		return await routeEachItem(this, 3, async (input, itemIndex) => {
			const done = this.getNodeParameter('done', itemIndex, []) as Array<keyof TurnClaims>;
			const guard = checkReply({
				draft: readText(this, 'draft', itemIndex),
				language: this.getNodeParameter('language', itemIndex, 'ru') as ReplyLanguage,
				facts: readTextList(this, 'facts', itemIndex),
				retrieved: [],
				customerText: readText(this, 'customerText', itemIndex),
				claims: Object.fromEntries(done.map((claim) => [claim, true])),
				rewrites: Number(this.getNodeParameter('rewrites', itemIndex, 0)),
			});
			return { output: OUTPUT_OF[guard.kind], json: { ...input.json, guard: { ...guard } } };
		});
	}
}
