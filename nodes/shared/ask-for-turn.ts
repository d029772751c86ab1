import { setTimeout as sleep } from 'node:timers/promises';

import { type ErrorCode, ERRORS, formatError } from '../../lib/errors';
import type { BillingCall, TurnItem } from '../../lib/item/turn-item';
import type { LlmMessage } from '../../lib/ports/llm';
import { askModel, type AskResult } from '../../lib/router/ask-model';
import { TOTAL_TIMEOUT_MS } from '../../lib/router/call-model';
import { reportBudgetAlerts } from '../../lib/router/budget-alerts';
import { mergeModelSettings, type ModelRef, type ModelSettings } from '../../lib/router/route-model';
import type { ClientSettings } from '../../lib/tenant/client-settings';
import { budgetLimits } from '../../lib/tenant/model-settings';
import type { ModelAccess } from './model-access';
import type { Platform } from './platform';

/** What differs between the questions that the nodes ask about a turn. */
export interface TurnQuestion {
	readonly chain: readonly ModelRef[];
	readonly messages: readonly LlmMessage[];
	readonly purpose: BillingCall['purpose'];
	readonly temperature?: number;
	readonly maxOutputTokens: number;
	readonly jsonObject?: boolean;
	readonly mayCache: boolean;
	readonly totalTimeoutMs?: number;
	readonly mayRepeat?: boolean;
	readonly breakerScope?: string;
	/** Where a failure happened, as people know it. */
	readonly place: { readonly workflow: string; readonly node: string };
}

/** Models of a client for a reply in the turn's language, from the credential and the client's settings. */
export async function modelSettingsFor(
	platform: Platform,
	access: ModelAccess | null,
	item: TurnItem,
	settings: ClientSettings,
): Promise<ModelSettings> {
	const language = item.classification?.replyLanguage ?? item.client.defaultLanguage;
	if (access === null)
		return mergeModelSettings({ provider: 'none', cheapModel: null, strongModel: null }, settings.model, language);
	const { provider, cheapModel, strongModel, localModel, backupModel, isLocal } = access;
	// The backup endpoint is paid by the installation: a client with a key of its own does not use it.
	const backup = backupModel === null || (await ownKey(platform, item)) !== null ? null : backupModel;
	return mergeModelSettings(
		{ provider, cheapModel, strongModel, localModel, backupModel: backup, modelIsLocal: isLocal },
		settings.model,
		language,
	);
}

/**
 * Asks a model about a turn: cache, budget, call and bill are `askModel`'s; what failed and what the budget says is told
 * to people.
 */
export async function askForTurn(
	platform: Platform,
	access: ModelAccess,
	item: TurnItem,
	settings: ClientSettings,
	question: TurnQuestion,
): Promise<AskResult> {
	const { chain, place, mayCache, ...rest } = question;
	const key = await ownKey(platform, item);
	const { model } = settings;
	const targets = chain.map((ref) => access.target(ref, key)).filter((target) => target !== null);
	const result = await askModel(
		{ ...platform, sleep: async (ms) => await sleep(ms) },
		{
			// A credential that gives one endpoint more time than the whole has means it.
			totalTimeoutMs: Math.max(TOTAL_TIMEOUT_MS, ...targets.map(({ timeoutMs }) => timeoutMs)),
			...rest,
			client: item.client,
			conversationId: item.conversation.id,
			turnId: item.turn.id,
			targets,
			limits: budgetLimits(model),
			usdKztRate: model.usdKztRate,
			policy: { unknownModel: model.unknownModel ?? 'ceiling', retiredModel: model.retiredModel ?? 'replace' },
			mayCache: mayCache && model.cacheAnswers !== false,
		},
	);
	await logFailedCalls(platform, item, result.calls, place);
	const { id, slug, name } = item.client;
	// The customer waits neither for the commit of the bill nor for the managers' messenger.
	void result.settled.then(
		async ({ alerts }) => await reportBudgetAlerts(platform, { id, slug, name, handover: settings.handover }, alerts),
	);
	return result;
}

/** A client that brought a key of its own pays for its own calls at the main endpoint. */
async function ownKey(platform: Platform, item: TurnItem): Promise<string | null> {
	return await platform.tenants.secret(item.client.id, 'model_api_key', item.client.configVersion);
}

const FAILURE_CODES = {
	malformed: 'TRF_MODEL_MALFORMED',
	refused: 'TRF_MODEL_REFUSED',
	unreachable: 'TRF_MODEL_UNREACHABLE',
} as const satisfies Record<Exclude<BillingCall['status'], 'ok'>, ErrorCode>;

/** The customer gets an answer all the same; people on call read here why it was not the model's. */
async function logFailedCalls(
	platform: Platform,
	item: TurnItem,
	calls: readonly BillingCall[],
	{ workflow, node }: TurnQuestion['place'],
): Promise<void> {
	for (const call of calls) {
		if (call.status === 'ok') continue;
		const code = FAILURE_CODES[call.status];
		await platform.db
			.query('select truffles.write_error_log($1, $2, $3, $4, $5, $6, $7, $8)', [
				item.client.id,
				workflow,
				node,
				code,
				ERRORS[code].family,
				formatError(code, { model: call.model, code: call.errorCode ?? 'unknown' }),
				null,
				item.turn.id,
			])
			// An answer that was paid for is not lost because the log is away; the bill says what failed, too.
			.catch(() => undefined);
	}
}
