import { USAGE_ESTIMATED, usageOfAttempt } from '../../lib/billing/attempt-usage';
import { estimateUsage } from '../../lib/billing/estimate-usage';
import { costTiyn, costUsd, priceOf } from '../../lib/billing/price';
import type { BillingCall } from '../../lib/item/turn-item';
import type { BudgetLimits } from '../../lib/ports/billing-ledger';
import { hidePersonalData, planRedaction } from '../../lib/router/redaction';
import { budgetLimits } from '../../lib/tenant/model-settings';
import type { ModelAccess } from '../shared/model-access';
import type { Platform } from '../shared/platform';

const EMBED_TIMEOUT_MS = 5_000;

/** Whose bill an embedding goes to; without a turn it belongs to the client alone. */
export interface EmbeddingOwner {
	readonly clientId: string;
	readonly configVersion: number;
	/** IANA zone in which the client's budget is counted. */
	readonly timeZone: string;
	readonly conversationId: string | null;
	readonly turnId: string | null;
}

/**
 * Makes the function that turns a query into a dense vector. Each call is held against the budget and billed at once, because
 * a search that finds nothing does not pass the billing node; a reached budget means a search by words. An endpoint that is not the business's own gets the query without personal data.
 *
 * @returns null without a model, an embedding model or a vector database
 */
export function queryEmbedder(
	platform: Platform,
	access: ModelAccess | null,
	owner: EmbeddingOwner,
): ((text: string) => Promise<readonly number[] | null>) | null {
	if (platform.vectors === null || access === null || access.embeddingModel === null) return null;
	const { llm, embeddingModel, isLocal } = access;
	const shown = (text: string): string => (isLocal ? text : hidePersonalData(planRedaction([text], []), text));
	return async (text) => {
		const budget = await budgetOf(platform, owner);
		const worst = costUsd(estimateUsage(text.length, 0), priceOf(llm.provider, embeddingModel, platform.clock.now()));
		const reservation = await platform.ledger.reserve({
			...budget,
			amountTiyn: Math.max(1, costTiyn(worst, budget.usdKztRate)),
			ttlMs: EMBED_TIMEOUT_MS * 2,
		});
		// The words are searched all the same.
		if (reservation.kind === 'reached') return null;
		const startedMs = platform.clock.now().getTime();
		const embedded = await llm.embed(embeddingModel, [shown(text)], EMBED_TIMEOUT_MS);
		const now = platform.clock.now();
		const status = embedded === null ? 'unreachable' : 'ok';
		const { usage, estimated } = usageOfAttempt({
			status,
			errorCode: null,
			body: embedded?.usage ?? null,
			inputChars: text.length,
			outputChars: 0,
		});
		const call: BillingCall = {
			id: platform.crypto.uuid(),
			provider: llm.provider,
			model: embeddingModel,
			purpose: 'embedding',
			status,
			errorCode: estimated ? USAGE_ESTIMATED : null,
			...usage,
			costUsd: costUsd(usage, priceOf(llm.provider, embeddingModel, now)),
			latencyMs: now.getTime() - startedMs,
		};
		await platform.ledger.settle({
			...budget,
			reservationId: reservation.kind === 'reserved' ? reservation.id : null,
			conversationId: owner.conversationId,
			turnId: owner.turnId,
			calls: [call],
		});
		return embedded?.vectors[0] ?? null;
	};
}

interface OwnerBudget {
	readonly clientId: string;
	readonly timeZone: string;
	readonly limits: BudgetLimits;
	readonly usdKztRate: string;
}

async function budgetOf(platform: Platform, owner: EmbeddingOwner): Promise<OwnerBudget> {
	const { settings } = await platform.packs(owner.clientId, owner.configVersion);
	return {
		clientId: owner.clientId,
		timeZone: owner.timeZone,
		limits: budgetLimits(settings.model),
		usdKztRate: settings.model.usdKztRate,
	};
}
