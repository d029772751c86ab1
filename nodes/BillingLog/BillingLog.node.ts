import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { recordCalls } from '../../lib/billing/billing-store';
import { costKzt } from '../../lib/billing/price';
import type { TurnItem } from '../../lib/item/turn-item';
import { readTurnItem, routeEachItem, turnJson } from '../shared/each-item';
import type { Platform } from '../shared/platform';
import { connectOnce, hasCredential, requireClientId, requirePlatform } from '../shared/platform-access';
import { testPlatformCredential } from '../shared/platform-credential-test';
import { readSource, sourceField } from '../shared/source-field';
import { billingFields } from './fields';
import { type CallFields, readCallFields } from './from-fields';

/** Prices model calls exactly and keeps one row per call, once, however often it runs. */
export class BillingLog implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Billing Log',
		name: 'billingLog',
		icon: { light: 'file:billingLog.svg', dark: 'file:billingLog.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{$parameter["source"] === "fields" ? "one call from fields" : "calls of the turn"}}',
		description: 'Compute what model calls cost, in dollars and tenge, and keep one row per call',
		defaults: { name: 'Billing Log' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'trufflesPlatformApi', required: false, testedBy: 'trufflesPlatformApiTest' }],
		properties: [sourceField, ...billingFields],
	};

	methods = { credentialTest: { trufflesPlatformApiTest: testPlatformCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const platform = connectOnce(async () => await requirePlatform(this));
		if (readSource(this) === 'standardItem') {
			return await routeEachItem(this, 1, async (input) => {
				const item = readTurnItem(input);
				if (item.billing.length > 0) await recordTurn(await platform(), item);
				return { output: 0, json: turnJson(item) };
			});
		}
		const canStore = hasCredential(this, 'trufflesPlatformApi');
		return await routeEachItem(this, 1, async (input, itemIndex) => {
			const fields = readCallFields(this, itemIndex, new Date());
			const stored = canStore && fields.clientSlug !== '' ? await recordFields(await platform(), fields) : null;
			const rate = stored?.usdKztRate ?? fields.usdKztRate;
			const billing = {
				...fields.call,
				priceKind: fields.priceKind,
				usdKztRate: rate,
				costKzt: rate === null ? null : costKzt(fields.call.costUsd, rate),
				recorded: stored !== null,
			};
			return { output: 0, json: { ...input.json, billing } };
		});
	}
}

async function recordTurn(platform: Platform, item: TurnItem): Promise<void> {
	const { settings } = await platform.packs(item.client.id, item.client.configVersion);
	await platform.db.asClient(item.client.id, async (tx) => {
		await recordCalls(tx, {
			clientId: item.client.id,
			conversationId: item.conversation.id,
			turnId: item.turn.id,
			calls: item.billing,
			usdKztRate: settings.model.usdKztRate,
		});
	});
}

async function recordFields(platform: Platform, fields: CallFields): Promise<{ usdKztRate: string }> {
	const client = await requireClientId(platform, fields.clientSlug);
	const { settings } = await platform.packs(client.id, client.configVersion);
	const usdKztRate = fields.usdKztRate ?? settings.model.usdKztRate;
	await platform.db.asClient(client.id, async (tx) => {
		await recordCalls(tx, {
			clientId: client.id,
			conversationId: fields.conversationId,
			turnId: fields.turnId,
			calls: [fields.call],
			usdKztRate,
		});
	});
	return { usdKztRate };
}
