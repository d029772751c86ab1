import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { MemoryKv } from '../../lib/adapters/memory-kv';
import { systemClock } from '../../lib/adapters/system-clock';
import { PRICE_TABLE, sumUsd } from '../../lib/billing/price';
import type { LlmMessage } from '../../lib/ports/llm';
import { callModel } from '../../lib/router/call-model';
import { admitByPrice } from '../../lib/router/price-policy';
import { parseModelRef } from '../../lib/router/route-model';
import { readRequiredText } from '../shared/field-values';
import type { ModelAccess } from '../shared/model-access';

const DEFAULT_MAX_OUTPUT_TOKENS = 400;
const DEFAULT_TIMEOUT_SECONDS = 20;
const SECOND_MS = 1_000;

/** Circuit breakers of the fields mode; they live as long as the process. */
const breakers = new MemoryKv(systemClock);

/** Asks the model of one item. `text` is null when no model gave a readable answer; `notes` say why. */
export async function askFromFields(
	context: IExecuteFunctions,
	itemIndex: number,
	access: ModelAccess,
): Promise<IDataObject> {
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	const named = pickModels(context, itemIndex, access).map(parseModelRef);
	const chain = admitByPrice(
		named.map((ref) => (ref === null ? null : access.target(ref, null))).filter((target) => target !== null),
		{ unknownModel: 'ceiling', retiredModel: 'replace' },
		systemClock.now(),
		PRICE_TABLE,
	);
	const timeoutMs = Number(options['timeoutSeconds'] ?? DEFAULT_TIMEOUT_SECONDS) * SECOND_MS;
	const answer = await callModel({
		kv: breakers,
		clock: systemClock,
		uuid: randomUUID,
		sleep: async (ms) => await sleep(ms),
		clientId: 'fields',
		// The field's limit counts, also where it is longer than the credential's.
		targets: chain.targets.map((target) => ({ ...target, timeoutMs })),
		messages: buildMessages(String(options['system'] ?? ''), readRequiredText(context, 'prompt', itemIndex)),
		purpose: 'reply',
		temperature: Number(options['temperature'] ?? 0.2),
		maxOutputTokens: Number(options['maxOutputTokens'] ?? DEFAULT_MAX_OUTPUT_TOKENS),
		jsonObject: options['jsonObject'] === true,
		totalTimeoutMs: timeoutMs,
	});
	return {
		text: answer.text,
		model: answer.model,
		costUsd: sumUsd(answer.calls.map((call) => call.costUsd)),
		calls: answer.calls.map((call) => ({ ...call })),
		notes: [...chain.notes, ...answer.notes],
	};
}

function pickModels(context: IExecuteFunctions, itemIndex: number, access: ModelAccess): string[] {
	const backup = access.backupModel === null ? [] : [`backup:${access.backupModel}`];
	switch (context.getNodeParameter('model', itemIndex)) {
		case 'strong':
			return [access.strongModel, access.cheapModel, ...backup];
		case 'named':
			return [readRequiredText(context, 'modelId', itemIndex), access.cheapModel, ...backup];
		default:
			return [access.cheapModel, access.strongModel, ...backup];
	}
}

function buildMessages(system: string, prompt: string): LlmMessage[] {
	const user: LlmMessage = { role: 'user', content: prompt };
	return system.trim() === '' ? [user] : [{ role: 'system', content: system }, user];
}
