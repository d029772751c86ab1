/** Joins what the rules and the trained classifier read in a message, and chooses the way of its answer. */
import { INTENTS, type Intent, type Route } from '../item/turn-item';
import type { LabelProbability } from './local-classifier';
import { firstRequest } from './order-requests';
import { hasFacet } from './question-facets';
import type { Decision, Message, RuleReading } from './read-by-rules';
import { asksPriceByName, COURTESY, FACT_INTENTS, HANDOVER_INTENTS } from './settle-conflicts';

/**
 * From this probability on, an intent is counted beside the main one; measured by cross-validation over the training
 * examples (November 2026): 0.5 to 0.7 gives the same F1 over sets, and the higher the fewer needless answers.
 */
const PRESENT_FROM = 0.62;
/** "Anything else about the business" is near to everything; beside another intent it must be plain. */
const OTHER_PRESENT_FROM = 0.75;
/** Fewer words do not hold it and another request. */
const MIN_WORDS_OF_TWO = 4;
/** These are kept with less when a keyword says them too: missing one is the dearer error. */
const DEAR: ReadonlySet<string> = new Set<Intent>(['complaint', 'ask_human', 'reschedule_cancel']);
const PRESENT_WITH_KEYWORD_FROM = 0.4;
/** A keyword that says something else makes the classifier less sure than it thinks (measured as above). */
const DISPUTED = 0.88;
const MAX_INTENTS = 5;
/** From this length on a message that nobody understood is worth a search in the knowledge. */
const MIN_WORDS_TO_SEARCH = 3;
/** Below it the answer does not rest on the reading alone: the knowledge is searched, or the customer asked. */
export const UNSURE_BELOW = 0.5;

/** The classifier's reading of a text or a part of one, the most probable label first. */
export type ReadText = (text: string) => readonly LabelProbability[];

/**
 * The decision on a message that no rule settled at once.
 *
 * @param read the classifier's reading of a part of the message
 */
export function weighReadings(message: Message, rules: RuleReading, read: ReadText): Decision {
	const [ruled] = rules.intents;
	if (rules.isBinding && ruled !== undefined) {
		const hit = rules.hits.get(ruled);
		const confidence = Math.min(0.99, hit?.weight ?? 0.6);
		return decided(message, rules.intents, confidence, `keyword: ${hit?.keyword ?? ruled}`);
	}
	const learnt = read(message.text);
	const [first] = learnt;
	if (first === undefined || !isIntent(first.label)) return undecided(message, rules.intents);
	const found = findIntents(first.label, learnt, rules, message);
	const requests = found.filter((intent) => !COURTESY.has(intent));
	const main = firstRequest(message.text, requests, read) ?? first.label;
	const intents = [main, ...requests, ...found.filter((intent) => COURTESY.has(intent))];
	const agrees = ruled === undefined || rules.intents.includes(main);
	// With several requests each holds a part of the certainty that the message is about them.
	const certainty = learnt.filter(({ label }) => (found as readonly string[]).includes(label));
	const confidence = certainty.reduce((sum, { probability }) => sum + probability, 0) * (agrees ? 1 : DISPUTED);
	const keyword = rules.hits.get(main)?.keyword;
	const reason = `classifier: ${main} ${Math.round(confidence * 100)} %${keyword === undefined ? '' : `; keyword: ${keyword}`}`;
	return decided(message, [...new Set(intents)], Math.min(1, confidence), reason, ruled === main);
}

/** The likeliest intent, then the others by probability. */
function findIntents(
	likeliest: Intent,
	learnt: readonly LabelProbability[],
	rules: RuleReading,
	{ words }: Message,
): readonly Intent[] {
	const others = learnt
		.filter(({ label, present }) => {
			if (!isIntent(label) || label === likeliest || label === 'unclear') return false;
			const isDear = DEAR.has(label) && rules.intents.includes(label);
			if (label === 'question_other') return words.length >= MIN_WORDS_OF_TWO && present >= OTHER_PRESENT_FROM;
			return present >= (isDear ? PRESENT_WITH_KEYWORD_FROM : PRESENT_FROM);
		})
		.map(({ label }) => label as Intent);
	const all = new Set<Intent>([likeliest, ...others.slice(0, MAX_INTENTS - 1)]);
	if (asksPriceByName(words) && rules.intents.includes('question_price') && likeliest !== 'objection')
		all.add('question_price');
	if (hasFacet(words, 'paid') && rules.intents.includes('payment') && likeliest !== 'complaint') all.add('payment');
	return [...all];
}

function decided(
	message: Message,
	intents: readonly Intent[],
	confidence: number,
	reason: string,
	isAgreed = true,
): Decision {
	// Where both readings agree, a low probability comes from words that neither knows, not from another wish.
	const route = isAgreed
		? routeOf(message.words, intents)
		: routeFor(message.words, intents, { confidence, sensitive: false });
	return { intents, confidence, route, reason };
}

/** The way of the answer: unsure readings are searched in the knowledge or asked about, unsure sensitive ones go to a person. */
export function routeFor(
	words: readonly string[],
	intents: readonly Intent[],
	{ confidence, sensitive }: { readonly confidence: number; readonly sensitive: boolean },
): Route {
	const certain = routeOf(words, intents);
	if (confidence >= UNSURE_BELOW || certain === 'handover') return sensitive ? routeOfSensitive(certain) : certain;
	return sensitive ? 'handover' : unsureRoute(words);
}

/**
 * Personal data is not asked about again: what is not understood goes to a person. What needs a model keeps its route;
 * the model router shows it to a local model, hides the personal data, or hands the turn over.
 */
export function routeOfSensitive(route: Route): Route {
	return route === 'clarify' ? 'handover' : route;
}

function undecided({ words }: Message, found: readonly Intent[]): Decision {
	const isLong = words.length >= MIN_WORDS_TO_SEARCH;
	return {
		intents: [isLong ? 'question_other' : 'unclear', ...found],
		confidence: 0.3,
		route: unsureRoute(words),
		reason: 'nothing was recognised',
	};
}

function unsureRoute(words: readonly string[]): Route {
	return words.length >= MIN_WORDS_TO_SEARCH ? 'retrieval' : 'clarify';
}

/** The way of the answer to a message with these intents, when they are certain. */
function routeOf(words: readonly string[], intents: readonly Intent[]): Route {
	if (intents.some((intent) => HANDOVER_INTENTS.has(intent))) return 'handover';
	if (intents.includes('payment') && hasFacet(words, 'paid')) return 'handover';
	if (intents[0] === 'objection' && hasFacet(words, 'why')) return 'retrieval';
	if (intents.includes('question_other'))
		return intents.filter((intent) => !COURTESY.has(intent)).length > 2 ? 'complex' : 'retrieval';
	if (intents.some((intent) => FACT_INTENTS.has(intent))) return 'facts';
	if (intents.includes('off_topic')) return 'decline';
	return intents.every((intent) => intent === 'unclear') ? 'clarify' : 'template';
}

function isIntent(label: string): label is Intent {
	return (INTENTS as readonly string[]).includes(label);
}
