import { setTimeout as sleep } from 'node:timers/promises';

import { monthSpend } from '../../lib/billing/billing-store';
import { type ErrorCode, ERRORS, formatError, TrufflesError } from '../../lib/errors';
import type { BillingCall, TurnItem } from '../../lib/item/turn-item';
import { addBillingCalls, addNotes, requestHandover } from '../../lib/item/turn-item-updates';
import type { Llm } from '../../lib/ports/llm';
import { callModel } from '../../lib/router/call-model';
import { buildPrompt } from '../../lib/router/prompt';
import { loadActivePrompt, REPLY_PROMPT } from '../../lib/router/prompt-store';
import { chooseModel, mergeModelSettings, type ModelSettings } from '../../lib/router/route-model';
import { type Routed, turnJson } from '../shared/each-item';
import type { ModelAccess } from '../shared/model-access';
import type { Platform } from '../shared/platform';

export type WriteOperation = 'write' | 'rewrite';

const WRITTEN = 0;
const NO_MODEL = 1;
const HAND_OVER = 2;

/**
 * Lets a model write (or rewrite once) the reply of a turn.
 *
 * Every attempt, failed ones too, is added to the item's bill. A turn that no model may or could write keeps what it
 * had and leaves through "No model" with a note; one that no model may see leaves through "Hand over".
 *
 * @param access null when no model is configured
 */
export async function writeTurn(
	platform: Platform,
	access: ModelAccess | null,
	item: TurnItem,
	operation: WriteOperation,
): Promise<Routed> {
	const { settings } = await platform.packs(item.client.id, item.client.configVersion);
	const choice = chooseModel(
		item,
		mergeSettings(access, settings.model, await spentTiyn(platform, access, item, settings.model.monthlyBudgetTiyn)),
	);
	if (choice.kind === 'handover') return { output: HAND_OVER, json: turnJson(requestHandover(item, choice.reason)) };
	if (choice.kind === 'none' || access === null) {
		const reason = choice.kind === 'none' ? choice.reason : 'no_model_configured';
		return { output: NO_MODEL, json: turnJson(addNotes(item, [`model: ${reason}`])) };
	}

	const businessPrompt = await platform.db.asClient(
		item.client.id,
		async (tx) => await loadActivePrompt(tx, item.client.id, REPLY_PROMPT),
	);
	const answer = await callModel({
		llm: await llmFor(platform, access, item.client.id),
		kv: platform.kv,
		clock: platform.clock,
		uuid: () => platform.crypto.uuid(),
		sleep: async (ms) => await sleep(ms),
		clientId: item.client.id,
		model: choice.model,
		fallback: choice.fallback,
		messages: buildPrompt({
			item,
			businessPrompt,
			tone: settings.replyTone ?? null,
			rewrite: operation === 'rewrite' ? refusedDraft(item) : null,
		}),
		purpose: operation === 'rewrite' ? 'rewrite' : 'reply',
		temperature: choice.temperature,
		maxOutputTokens: choice.maxOutputTokens,
	});
	await logFailedCalls(platform, item, answer.calls);
	const billed = addNotes(addBillingCalls(item, answer.calls), answer.notes);
	if (answer.text === null) return { output: NO_MODEL, json: turnJson(billed) };
	return {
		output: WRITTEN,
		json: turnJson({
			...billed,
			reply: {
				text: answer.text,
				language: item.classification?.replyLanguage ?? item.client.defaultLanguage,
				source: 'model',
				facts: item.reply?.facts ?? [],
				guard: null,
				rewrites: operation === 'rewrite' ? (item.reply?.rewrites ?? 0) + 1 : 0,
			},
		}),
	};
}

const FAILURE_CODES = {
	malformed: 'TRF_MODEL_MALFORMED',
	refused: 'TRF_MODEL_REFUSED',
	unreachable: 'TRF_MODEL_UNREACHABLE',
} as const satisfies Record<Exclude<BillingCall['status'], 'ok'>, ErrorCode>;

/** The customer gets an answer all the same; people on call read here why it was not the model's. */
async function logFailedCalls(platform: Platform, item: TurnItem, calls: readonly BillingCall[]): Promise<void> {
	for (const call of calls) {
		if (call.status === 'ok') continue;
		const code = FAILURE_CODES[call.status];
		await platform.db.query('select truffles.write_error_log($1, $2, $3, $4, $5, $6, $7, $8)', [
			item.client.id,
			'6_GenerateResponse',
			'Model Router',
			code,
			ERRORS[code].family,
			formatError(code, { model: call.model, code: call.errorCode ?? 'unknown' }),
			null,
			item.turn.id,
		]);
	}
}

function mergeSettings(
	access: ModelAccess | null,
	client: Parameters<typeof mergeModelSettings>[1],
	spent: number,
): ModelSettings {
	if (access === null)
		return mergeModelSettings({ provider: 'none', cheapModel: null, strongModel: null }, client, spent);
	const { cheapModel, strongModel, isLocal } = access;
	return mergeModelSettings(
		{ provider: 'openaiCompatible', cheapModel, strongModel, modelIsLocal: isLocal },
		client,
		spent,
	);
}

/** What the month has cost so far; asked only when there is a budget to compare it with. */
async function spentTiyn(
	platform: Platform,
	access: ModelAccess | null,
	item: TurnItem,
	budgetTiyn: number | undefined,
): Promise<number> {
	if (access === null || budgetTiyn === undefined) return 0;
	const { id, timeZone } = item.client;
	return (await platform.db.asClient(id, async (tx) => await monthSpend(tx, id, platform.clock.now(), timeZone)))
		.spentTiyn;
}

/** A client that brought a key of its own pays for its own calls. */
async function llmFor(platform: Platform, access: ModelAccess, clientId: string): Promise<Llm> {
	const ownKey = await platform.tenants.secret(clientId, 'model_api_key');
	return ownKey === null ? access.llm : access.withKey(ownKey);
}

function refusedDraft(item: TurnItem): { draft: string; violations: readonly string[] } {
	if (item.reply === null) throw new TrufflesError('TRF_ITEM_INVALID', { problem: 'it has no draft to rewrite' });
	return { draft: item.reply.text, violations: item.reply.guard?.violations ?? [] };
}
