import { recordCalls } from '../../lib/billing/billing-store';
import { costUsd, priceOf } from '../../lib/billing/price';
import { estimateUsage, readUsage } from '../../lib/billing/usage';
import type { BillingCall } from '../../lib/item/turn-item';
import { hidePersonalData, planRedaction } from '../../lib/router/redaction';
import type { ModelAccess } from '../shared/model-access';
import type { Platform } from '../shared/platform';

const EMBED_TIMEOUT_MS = 5_000;

/** Whose bill an embedding goes to; without a turn it belongs to the client alone. */
export interface EmbeddingOwner {
	readonly clientId: string;
	readonly configVersion: number;
	readonly conversationId: string | null;
	readonly turnId: string | null;
}

/**
 * Makes the function that turns a query into a dense vector, and bills each call at once, because a search that finds
 * nothing does not pass the billing node. An endpoint that is not the business's own gets the query without personal data.
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
		const startedMs = platform.clock.now().getTime();
		const embedded = await llm.embed(embeddingModel, [shown(text)], EMBED_TIMEOUT_MS);
		const now = platform.clock.now();
		const usage =
			embedded === null ? estimateUsage(0, 0) : (readUsage(embedded.usage) ?? estimateUsage(text.length, 0));
		const call: BillingCall = {
			id: platform.crypto.uuid(),
			provider: llm.provider,
			model: embeddingModel,
			purpose: 'embedding',
			status: embedded === null ? 'unreachable' : 'ok',
			errorCode: null,
			...usage,
			costUsd: costUsd(usage, priceOf(llm.provider, embeddingModel, now)),
			latencyMs: now.getTime() - startedMs,
		};
		await recordEmbedding(platform, owner, call);
		return embedded?.vectors[0] ?? null;
	};
}

async function recordEmbedding(platform: Platform, owner: EmbeddingOwner, call: BillingCall): Promise<void> {
	const { clientId, conversationId, turnId } = owner;
	const { settings } = await platform.packs(clientId, owner.configVersion);
	await platform.db.asClient(clientId, async (tx) => {
		await recordCalls(tx, { clientId, conversationId, turnId, calls: [call], usdKztRate: settings.model.usdKztRate });
	});
}
