import { randomUUID } from 'node:crypto';

import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { parseDecimal } from '../../lib/billing/decimal';
import { costUsd, priceOf } from '../../lib/billing/price';
import { USAGE_ESTIMATED, usageOfAttempt } from '../../lib/billing/attempt-usage';
import { readUsage } from '../../lib/billing/usage';
import { TrufflesError } from '../../lib/errors';
import type { BillingCall } from '../../lib/item/turn-item';
import { readJson, readRequiredText, readText } from '../shared/field-values';

/** As many as the bill keeps. */
const RATE_PLACES = 4;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** One call as its fields describe it. */
export interface CallFields {
	readonly call: BillingCall;
	/** True when the provider stated no tokens and they were estimated from the texts. */
	readonly estimated: boolean;
	readonly priceKind: string;
	/** Null when no rate was given. */
	readonly usdKztRate: string | null;
	readonly clientSlug: string;
	readonly conversationId: string | null;
	readonly turnId: string | null;
}

/**
 * Reads and prices one call. Without token counts they are estimated from the texts in the options.
 * Throws TRF_FIELD_INVALID when there are neither counts nor texts of an answered call, or when the rate is no decimal.
 */
export function readCallFields(context: IExecuteFunctions, itemIndex: number, now: Date): CallFields {
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	const model = readRequiredText(context, 'model', itemIndex);
	const provider = String(options['provider'] ?? 'openai');
	const status = (options['status'] ?? 'ok') as BillingCall['status'];
	const errorCode = String(options['errorCode'] ?? '').trim() || null;
	const body = readJson(context, 'usage', itemIndex);
	const [inputChars, outputChars] = [lengthOf(options, 'inputText'), lengthOf(options, 'outputText')];
	const answered = status === 'ok' || status === 'malformed';
	if (answered && readUsage(body) === null && inputChars + outputChars === 0)
		throw new TrufflesError('TRF_FIELD_INVALID', {
			field: 'usage',
			problem: 'it holds no token counts, and the options hold no texts to estimate them from',
		});
	const { usage, estimated } = usageOfAttempt({ status, errorCode, body, inputChars, outputChars });
	const price = priceOf(provider, model, now);
	return {
		call: {
			id: optionalUuid(options, 'callId') ?? randomUUID(),
			provider,
			model,
			purpose: (options['purpose'] ?? 'reply') as BillingCall['purpose'],
			status,
			errorCode: errorCode ?? (estimated ? USAGE_ESTIMATED : null),
			inputTokens: usage.inputTokens,
			cachedInputTokens: usage.cachedInputTokens,
			cacheWriteTokens: usage.cacheWriteTokens,
			outputTokens: usage.outputTokens,
			reasoningTokens: usage.reasoningTokens,
			tier: usage.tier,
			costUsd: costUsd(usage, price),
			latencyMs: Number(options['latencyMs'] ?? 0),
		},
		estimated,
		priceKind: price.kind,
		usdKztRate: readRate(context, itemIndex),
		clientSlug: readText(context, 'clientSlug', itemIndex).trim(),
		conversationId: optionalUuid(options, 'conversationId'),
		turnId: optionalUuid(options, 'turnId'),
	};
}

function lengthOf(options: IDataObject, name: string): number {
	const text = options[name];
	return typeof text === 'string' ? text.length : 0;
}

function readRate(context: IExecuteFunctions, itemIndex: number): string | null {
	const rate = readText(context, 'usdKztRate', itemIndex).trim().replace(',', '.');
	if (rate === '') return null;
	if (parseDecimal(rate, RATE_PLACES) === null)
		throw new TrufflesError('TRF_FIELD_INVALID', {
			field: 'usdKztRate',
			problem: 'a decimal such as 520.50, with at most four places, is expected',
		});
	return rate;
}

function optionalUuid(options: IDataObject, name: string): string | null {
	const value = String(options[name] ?? '').trim();
	if (value === '') return null;
	if (!UUID.test(value)) throw new TrufflesError('TRF_FIELD_INVALID', { field: name, problem: 'a UUID is expected' });
	return value;
}
