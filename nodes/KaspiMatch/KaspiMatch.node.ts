import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { matchPayment, type OpenOrder, type PaymentMatch } from '../../lib/payments/match-payment';
import { loadOpenOrders } from '../../lib/payments/order-store';
import { routeEachItem } from '../shared/each-item';
import { readRequiredText } from '../shared/field-values';
import { connectOnce, requireClientId, requirePlatform } from '../shared/platform-access';
import { testPlatformCredential } from '../shared/platform-credential-test';
import { kaspiFields } from './fields';
import { readOrders, readPayment } from './from-fields';

const OUTPUT_OF: Readonly<Record<PaymentMatch['kind'], number>> = { matched: 0, ambiguous: 1, unmatched: 2 };

/** Finds the order a Kaspi payment belongs to; asks a person instead of guessing. */
export class KaspiMatch implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kaspi Match',
		name: 'kaspiMatch',
		icon: { light: 'file:kaspiMatch.svg', dark: 'file:kaspiMatch.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{$parameter["ordersFrom"] === "database" ? "orders from the database" : "orders from this item"}}',
		description: 'Match an incoming payment with open orders, by order ID or by amount and time',
		defaults: { name: 'Kaspi Match' },
		// Not a tool: an agent sees the first output only, and would take "ambiguous" for silence.
		usableAsTool: undefined,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Matched', 'Ambiguous', 'Unmatched'],
		credentials: [
			{
				name: 'trufflesPlatformApi',
				required: true,
				testedBy: 'trufflesPlatformApiTest',
				displayOptions: { show: { ordersFrom: ['database'] } },
			},
		],
		properties: kaspiFields,
	};

	methods = { credentialTest: { trufflesPlatformApiTest: testPlatformCredential } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const fromDatabase = this.getNodeParameter('ordersFrom', 0) === 'database';
		const platform = connectOnce(async () => await requirePlatform(this));

		const loadOrders = async (itemIndex: number): Promise<readonly OpenOrder[]> => {
			if (!fromDatabase) return readOrders(this, itemIndex);
			const { db } = await platform();
			const client = await requireClientId(await platform(), readRequiredText(this, 'clientSlug', itemIndex));
			return await db.asClient(client.id, async (tx) => await loadOpenOrders(tx, client.id));
		};

		return await routeEachItem(this, 3, async (input, itemIndex) => {
			const { payment, windowMinutes } = readPayment(this, itemIndex, new Date());
			const match = matchPayment(payment, await loadOrders(itemIndex), { windowMinutes });
			const kept = {
				amountTiyn: payment.amountTiyn,
				paidAt: payment.paidAt.toISOString(),
				payerName: payment.payerName ?? null,
			};
			return { output: OUTPUT_OF[match.kind], json: { ...input.json, match: { ...match, payment: kept } } };
		});
	}
}
