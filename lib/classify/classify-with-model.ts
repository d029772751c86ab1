/** When a model is asked what a message wants, and what its answer changes. The call itself is the node's business. */
import type { Classification } from '../item/turn-item';
import { foldWords, normalizeText } from '../language/fold-text';
import type { ModelIntents } from './classify-prompt';
import { hasFacet } from './question-facets';
import { routeFor } from './weigh-readings';

/**
 * Confidence below which a model is worth its price. By cross-validation over the training examples (November 2026), which
 * are harder than a day's messages, 89 of 100 readings above it are right and 47 of 100 below it.
 */
export const ASK_MODEL_BELOW = 0.65;
/** A model's own confidence says little; it is never taken for certainty. */
const MAX_MODEL_CONFIDENCE = 0.95;

/** True when the local layers are unsure. Never for sensitive messages, which no foreign model may see. */
export function needsModel({ confidence, sensitive }: Pick<Classification, 'confidence' | 'sensitive'>): boolean {
	return !sensitive && confidence < ASK_MODEL_BELOW;
}

/**
 * The classification with a model's intents: route and reason follow from them; language, entities and sensitivity stay.
 * A payment that the customer says was made is kept, because only a person may answer it.
 */
export function withModelIntents(classification: Classification, answer: ModelIntents, text: string): Classification {
	const words = foldWords(normalizeText(text));
	const keepsPayment = classification.intents.includes('payment') && hasFacet(words, 'paid');
	const intents = [...new Set([...answer.intents, ...(keepsPayment ? (['payment'] as const) : [])])];
	const confidence = Math.min(MAX_MODEL_CONFIDENCE, answer.confidence);
	const [intent = classification.intent] = intents;
	return {
		...classification,
		intent,
		intents,
		confidence,
		route: routeFor(words, intents, { confidence, sensitive: classification.sensitive }),
		reason: `model: ${intent} ${Math.round(confidence * 100)} %`,
	};
}
