import {
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { checkReply, type TurnClaims } from '../../lib/guard/check-reply';
import type { GuardVerdict, ReplyLanguage } from '../../lib/item/turn-item';
import { formatForWhatsapp } from '../../lib/reply/whatsapp-format';
import { readTurnItem, routeEachItem } from '../shared/each-item';
import { readText, readTextList } from '../shared/field-values';
import { connectOnce, hasCredential, requirePlatform } from '../shared/platform-access';
import { testPlatformCredential } from '../shared/platform-credential-test';
import { readSource, sourceField } from '../shared/source-field';
import { clientPrompt } from './client-prompt';
import { guardFields, readOptions } from './fields';
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
		description:
			'Check a draft reply: prices, times, discounts, contacts, names, claimed actions, leaked instructions, language, length',
		defaults: { name: 'Reply Guard' },
		// Not a tool: an agent sees the first output only, and would not learn why a draft was refused.
		usableAsTool: undefined,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Passed', 'Rewrite', 'Refused'],
		credentials: [
			{
				name: 'trufflesPlatformApi',
				required: false,
				testedBy: 'trufflesPlatformApiTest',
				displayOptions: { show: { source: ['standardItem'] } },
			},
		],
		properties: [sourceField, ...guardFields],
	};

	methods = { credentialTest: { trufflesPlatformApiTest: testPlatformCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		if (readSource(this) === 'standardItem') {
			const platform = connectOnce(async () => await requirePlatform(this));
			const mayRead = hasCredential(this, 'trufflesPlatformApi');
			return await routeEachItem(this, 3, async (input) => {
				const item = readTurnItem(input);
				return guardTurn(item, mayRead ? await clientPrompt(await platform(), item) : null);
			});
		}
		return await routeEachItem(this, 3, async (input, itemIndex) => {
			const done = this.getNodeParameter('done', itemIndex, []) as Array<keyof TurnClaims>;
			const language = this.getNodeParameter('language', itemIndex, 'any') as ReplyLanguage | 'any';
			const options = this.getNodeParameter('options', itemIndex, {}) as IDataObject;
			const written = readText(this, 'draft', itemIndex);
			const draft = options['formatForWhatsapp'] === true ? formatForWhatsapp(written) : written;
			const guard = checkReply({
				draft,
				language: language === 'any' ? null : language,
				facts: readTextList(this, 'facts', itemIndex),
				retrieved: [],
				customerText: readText(this, 'customerText', itemIndex),
				claims: Object.fromEntries(done.map((claim) => [claim, true])),
				rewrites: Number(this.getNodeParameter('rewrites', itemIndex, 0)),
				...readOptions(options),
			});
			return { output: OUTPUT_OF[guard.kind], json: { ...input.json, guard: { ...guard, text: draft } } };
		});
	}
}
