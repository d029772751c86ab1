import {
	buildClassifyPrompt,
	buildRepairPrompt,
	type ClassifyMessage,
	type ModelIntents,
	readClassifyAnswer,
} from '../../lib/classify/classify-prompt';
import { ASK_MODEL_BELOW, withModelIntents } from '../../lib/classify/classify-with-model';
import type { Classification, TurnItem } from '../../lib/item/turn-item';
import { addBillingCalls, addNotes } from '../../lib/item/turn-item-updates';
import type { AskResult } from '../../lib/router/ask-model';
import { CLASSIFY_PROMPT, loadActivePrompt } from '../../lib/router/prompt-store';
import { hidePersonalData } from '../../lib/router/redaction';
import { chooseQuickModel, isLocal } from '../../lib/router/route-model';
import { redactTurn } from '../../lib/router/turn-redaction';
import { askForTurn, modelSettingsFor } from '../shared/ask-for-turn';
import type { ModelAccess } from '../shared/model-access';
import type { Platform } from '../shared/platform';

/** The customer waits for the reply, not for this: question and repair together. */
const TOTAL_TIMEOUT_MS = 4_000;
/** With less time than this left a repair would only be cut off. */
const MIN_REPAIR_MS = 800;
const MAX_OUTPUT_TOKENS = 120;
const PLACE = { workflow: '5_ClassifyIntent', node: 'Classify Intent' } as const;

/**
 * Asks the cheap model what a message wants when the local layers are unsure, and takes over its intents.
 *
 * A sensitive message is shown to a local model only; from others personal data is hidden. An answer that cannot be read
 * is asked for once more and then ignored: the local reading stands. Calls are settled and stand in the item's bill.
 *
 * @param item a turn that the local layers have classified
 */
export async function askIntents(platform: Platform, access: ModelAccess | null, item: TurnItem): Promise<TurnItem> {
	const { classification } = item;
	if (access === null || classification === null || !isUnsure(item, classification)) return item;
	const { settings } = await platform.packs(item.client.id, item.client.configVersion);
	const models = await modelSettingsFor(platform, access, item, settings);
	const chain = chooseQuickModel(classification.sensitive, models);
	if (chain.length === 0) return item;

	const plan = chain.every((ref) => isLocal(ref, models)) ? null : redactTurn(item);
	const shown = (text: string): string => (plan === null ? text : hidePersonalData(plan, text));
	const instructions = await platform.db.asClient(
		item.client.id,
		async (tx) => await loadActivePrompt(tx, item.client.id, CLASSIFY_PROMPT),
	);
	const deadlineMs = platform.clock.now().getTime() + TOTAL_TIMEOUT_MS;
	const ask = async (messages: readonly ClassifyMessage[]): Promise<AskResult> =>
		await askForTurn(platform, access, item, settings, {
			chain,
			messages,
			purpose: 'classify',
			temperature: 0,
			maxOutputTokens: MAX_OUTPUT_TOKENS,
			jsonObject: true,
			mayCache: !classification.sensitive,
			totalTimeoutMs: deadlineMs - platform.clock.now().getTime(),
			mayRepeat: false,
			// Its limit of time is short: a model too slow for it may still be well enough for replies.
			breakerScope: 'classify',
			place: PLACE,
		});

	const messages = buildClassifyPrompt({
		text: shown(item.text),
		history: item.history.map(({ author, text }) => ({ author, text: shown(text) })),
		instructions,
	});
	const first = await ask(messages);
	const answers = [first];
	let intents = read(first.text);
	if (intents.kind === 'malformed' && deadlineMs - platform.clock.now().getTime() > MIN_REPAIR_MS) {
		const second = await ask(buildRepairPrompt(messages, first.text ?? '', intents.problem));
		answers.push(second);
		intents = read(second.text);
	}
	// Many turns end without the billing node, so the bill is waited for here.
	await Promise.all(answers.map(async ({ settled }) => await settled));
	const billed = addNotes(
		addBillingCalls(
			item,
			answers.flatMap(({ calls }) => calls),
		),
		answers.flatMap(({ notes }) => notes),
	);
	if (intents.kind === 'read')
		return { ...billed, classification: withModelIntents(classification, intents.answer, item.text) };
	return intents.kind === 'malformed' ? addNotes(billed, ['model: its intents could not be read']) : billed;
}

/** A message without words (a picture, a sticker) tells a model nothing more. */
function isUnsure(item: TurnItem, { confidence }: Classification): boolean {
	return confidence < ASK_MODEL_BELOW && item.text.trim() !== '';
}

function read(
	answer: string | null,
):
	| { readonly kind: 'none' }
	| { readonly kind: 'read'; readonly answer: ModelIntents }
	| { readonly kind: 'malformed'; readonly problem: string } {
	return answer === null ? { kind: 'none' } : readClassifyAnswer(answer);
}
