import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { MemoryKv } from '../../lib/adapters/memory-kv';
import { systemClock } from '../../lib/adapters/system-clock';
import { sumUsd } from '../../lib/billing/price';
import type { LlmMessage } from '../../lib/ports/llm';
import { callModel } from '../../lib/router/call-model';
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
	const { model, fallback } = pickModels(context, itemIndex, access);
	const timeoutMs = Number(options['timeoutSeconds'] ?? DEFAULT_TIMEOUT_SECONDS) * SECOND_MS;
	const answer = await callModel({
		llm: access.llm,
		kv: breakers,
		clock: systemClock,
		uuid: randomUUID,
		sleep: async (ms) => await sleep(ms),
		clientId: 'fields',
		model,
		fallback,
		messages: buildMessages(String(options['system'] ?? ''), readRequiredText(context, 'prompt', itemIndex)),
		purpose: 'reply',
		temperature: Number(options['temperature'] ?? 0.2),
		maxOutputTokens: Number(options['maxOutputTokens'] ?? DEFAULT_MAX_OUTPUT_TOKENS),
		jsonObject: options['jsonObject'] === true,
		attemptTimeoutMs: timeoutMs,
		totalTimeoutMs: timeoutMs,
	});
	return {
		text: answer.text,
		model: answer.model,
		costUsd: sumUsd(answer.calls.map((call) => call.costUsd)),
		calls: answer.calls.map((call) => ({ ...call })),
		notes: [...answer.notes],
	};
}

function pickModels(
	context: IExecuteFunctions,
	itemIndex: number,
	access: ModelAccess,
): { model: string; fallback: string[] } {
	switch (context.getNodeParameter('model', itemIndex)) {
		case 'strong':
			return { model: access.strongModel, fallback: [access.cheapModel] };
		case 'named':
			return { model: readRequiredText(context, 'modelId', itemIndex), fallback: [access.cheapModel] };
		default:
			return { model: access.cheapModel, fallback: [access.strongModel] };
	}
}

function buildMessages(system: string, prompt: string): LlmMessage[] {
	const user: LlmMessage = { role: 'user', content: prompt };
	return system.trim() === '' ? [user] : [{ role: 'system', content: system }, user];
}
