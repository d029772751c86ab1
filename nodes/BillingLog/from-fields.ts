import { randomUUID } from 'node:crypto';

import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { parseDecimal } from '../../lib/billing/decimal';
import { costUsd, priceOf } from '../../lib/billing/price';
import { readUsage } from '../../lib/billing/usage';
import { TrufflesError } from '../../lib/errors';
import type { BillingCall } from '../../lib/item/turn-item';
import { readJson, readRequiredText, readText } from '../shared/field-values';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** One call as its fields describe it. */
export interface CallFields {
	readonly call: BillingCall;
	readonly priceKind: string;
	/** Null when no rate was given. */
	readonly usdKztRate: string | null;
	readonly clientSlug: string;
	readonly conversationId: string | null;
	readonly turnId: string | null;
}

/** Reads and prices one call. Throws TRF_FIELD_INVALID when the usage has no token counts or the rate is no decimal. */
export function readCallFields(context: IExecuteFunctions, itemIndex: number, now: Date): CallFields {
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	const model = readRequiredText(context, 'model', itemIndex);
	const provider = String(options['provider'] ?? 'openai');
	const usage = readUsage(readJson(context, 'usage', itemIndex));
	if (usage === null)
		throw new TrufflesError('TRF_FIELD_INVALID', { field: 'usage', problem: 'it holds no token counts' });
	const price = priceOf(provider, model, now);
	return {
		call: {
			id: optionalUuid(options, 'callId') ?? randomUUID(),
			provider,
			model,
			purpose: (options['purpose'] ?? 'reply') as BillingCall['purpose'],
			status: 'ok',
			errorCode: null,
			...usage,
			costUsd: costUsd(usage, price),
			latencyMs: Number(options['latencyMs'] ?? 0),
		},
		priceKind: price.kind,
		usdKztRate: readRate(context, itemIndex),
		clientSlug: readText(context, 'clientSlug', itemIndex).trim(),
		conversationId: optionalUuid(options, 'conversationId'),
		turnId: optionalUuid(options, 'turnId'),
	};
}

function readRate(context: IExecuteFunctions, itemIndex: number): string | null {
	const rate = readText(context, 'usdKztRate', itemIndex).trim().replace(',', '.');
	if (rate === '') return null;
	if (parseDecimal(rate, 6) === null)
		throw new TrufflesError('TRF_FIELD_INVALID', {
			field: 'usdKztRate',
			problem: 'a decimal such as 520.50 is expected',
		});
	return rate;
}

function optionalUuid(options: IDataObject, name: string): string | null {
	const value = String(options[name] ?? '').trim();
	if (value === '') return null;
	if (!UUID.test(value)) throw new TrufflesError('TRF_FIELD_INVALID', { field: name, problem: 'a UUID is expected' });
	return value;
}
