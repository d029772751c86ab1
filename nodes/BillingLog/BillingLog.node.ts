import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { costKzt } from '../../lib/billing/price';
import type { TurnItem } from '../../lib/item/turn-item';
import { readTurnItem, routeEachItem, turnJson } from '../shared/each-item';
import type { Platform } from '../shared/platform';
import { connectOnce, hasCredential, requirePlatform } from '../shared/platform-access';
import { testPlatformCredential } from '../shared/platform-credential-test';
import { readSource, sourceField } from '../shared/source-field';
import { findBillOwner } from './bill-owner';
import { billingFields } from './fields';
import { type CallFields, readCallFields } from './from-fields';

const NO_LIMITS = { dailyTiyn: null, monthlyTiyn: null };

/**
 * Prices model calls exactly and keeps one row per attempt, once, however often it runs. While the database is down the
 * rows wait in a journal. Budgets are checked where calls are made, in the model router; here nothing is refused.
 */
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
				estimated: fields.estimated,
				priceKind: fields.priceKind,
				usdKztRate: rate,
				costKzt: rate === null ? null : costKzt(fields.call.costUsd, rate),
				recorded: stored?.queued === false,
				queued: stored?.queued === true,
			};
			return { output: 0, json: { ...input.json, billing } };
		});
	}
}

async function recordTurn(platform: Platform, item: TurnItem): Promise<void> {
	const { settings } = await platform.packs(item.client.id, item.client.configVersion);
	await platform.ledger.settle({
		clientId: item.client.id,
		timeZone: item.client.timeZone,
		limits: NO_LIMITS,
		reservationId: null,
		conversationId: item.conversation.id,
		turnId: item.turn.id,
		calls: item.billing,
		usdKztRate: settings.model.usdKztRate,
	});
}

async function recordFields(platform: Platform, fields: CallFields): Promise<{ usdKztRate: string; queued: boolean }> {
	const owner = await findBillOwner(platform, fields.clientSlug);
	const usdKztRate = fields.usdKztRate ?? owner.usdKztRate;
	const { queued } = await platform.ledger.settle({
		clientId: owner.clientId,
		timeZone: owner.timeZone,
		limits: NO_LIMITS,
		reservationId: null,
		conversationId: fields.conversationId,
		turnId: fields.turnId,
		calls: [fields.call],
		usdKztRate,
	});
	return { usdKztRate, queued };
}
