import { TrufflesError } from '../../lib/errors';
import type { TurnItem } from '../../lib/item/turn-item';
import { addBillingCalls, addNotes, requestHandover } from '../../lib/item/turn-item-updates';
import { buildPrompt } from '../../lib/router/prompt';
import { loadActivePrompt, REPLY_PROMPT } from '../../lib/router/prompt-store';
import { restorePersonalData } from '../../lib/router/redaction';
import { chooseModel } from '../../lib/router/route-model';
import { canRedactTurn, redactTurn } from '../../lib/router/turn-redaction';
import { askForTurn, modelSettingsFor } from '../shared/ask-for-turn';
import { type Routed, turnJson } from '../shared/each-item';
import type { ModelAccess } from '../shared/model-access';
import type { Platform } from '../shared/platform';

export type WriteOperation = 'write' | 'rewrite';

const WRITTEN = 0;
const NO_MODEL = 1;
const HAND_OVER = 2;
const PLACE = { workflow: '6_GenerateResponse', node: 'Model Router' } as const;

/**
 * Lets a model write (or rewrite once) the reply of a turn.
 *
 * Every attempt, failed ones too, is settled at once and added to the item's bill. A turn that no model may or could
 * write keeps what it had and leaves through "No model" with a note; one that no model may see leaves through "Hand over".
 * Personal data is hidden from models that are not the business's own, and put back into their answer.
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
	const sensitive = item.classification?.sensitive === true;
	const choice = chooseModel(
		item,
		await modelSettingsFor(platform, access, item, settings),
		sensitive && canRedactTurn(item),
	);
	if (choice.kind === 'handover') return { output: HAND_OVER, json: turnJson(requestHandover(item, choice.reason)) };
	if (choice.kind === 'none' || access === null) {
		const reason = choice.kind === 'none' ? choice.reason : 'no_model_configured';
		return { output: NO_MODEL, json: turnJson(addNotes(item, [`model: ${reason}`])) };
	}

	const rewrite = operation === 'rewrite' ? refusedDraft(item) : null;
	const redaction = choice.hidePersonalData ? redactTurn(item, rewrite?.draft ?? null) : null;
	const businessPrompt = await platform.db.asClient(
		item.client.id,
		async (tx) => await loadActivePrompt(tx, item.client.id, REPLY_PROMPT),
	);
	const answer = await askForTurn(platform, access, item, settings, {
		chain: choice.chain,
		messages: buildPrompt({ item, businessPrompt, tone: settings.replyTone ?? null, rewrite, redaction }),
		purpose: operation === 'rewrite' ? 'rewrite' : 'reply',
		temperature: choice.temperature,
		maxOutputTokens: choice.maxOutputTokens,
		mayCache: operation === 'write' && !sensitive,
		place: PLACE,
	});
	const billed = addNotes(addBillingCalls(item, answer.calls), answer.notes);
	if (answer.text === null) return { output: NO_MODEL, json: turnJson(billed) };
	const restored =
		redaction === null
			? ({ kind: 'restored', text: answer.text } as const)
			: restorePersonalData(redaction, answer.text);
	if (restored.kind === 'refused') {
		const noted = addNotes(billed, [`model: ${restored.problem}`]);
		if (sensitive) return { output: HAND_OVER, json: turnJson(requestHandover(noted, 'sensitive')) };
		return { output: NO_MODEL, json: turnJson(noted) };
	}
	return {
		output: WRITTEN,
		json: turnJson({
			...billed,
			reply: {
				text: restored.text,
				language: item.classification?.replyLanguage ?? item.client.defaultLanguage,
				source: 'model',
				facts: item.reply?.facts ?? [],
				guard: null,
				rewrites: operation === 'rewrite' ? (item.reply?.rewrites ?? 0) + 1 : 0,
			},
		}),
	};
}

function refusedDraft(item: TurnItem): { draft: string; violations: readonly string[] } {
	if (item.reply === null) throw new TrufflesError('TRF_ITEM_INVALID', { problem: 'it has no draft to rewrite' });
	return { draft: item.reply.text, violations: item.reply.guard?.violations ?? [] };
}
