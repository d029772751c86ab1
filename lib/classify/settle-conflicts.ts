/** Rules between the readings of one message: which keyword rules out which, and what only a combination shows. */
import type { Entities, HistoryEntry, Intent } from '../item/turn-item';
import { isCommonWord } from '../language/detect-language';
import { foldWords } from '../language/fold-text';
import type { ServiceMention } from '../pack/service-match';
import { isText } from '../texts/text-catalogue';
import type { KeywordHit } from './keyword-index';
import { lastAsked } from './follow-up';
import { hasFacet } from './question-facets';

/** Only a person can do what these ask. */
export const HANDOVER_INTENTS: ReadonlySet<Intent> = new Set<Intent>([
	'complaint',
	'ask_human',
	'reschedule_cancel',
	'booking',
]);
/** Answered from the client's pack. */
export const FACT_INTENTS: ReadonlySet<Intent> = new Set<Intent>([
	'question_price',
	'question_services',
	'question_hours',
	'question_address',
	'payment',
]);
/** Said beside a request; alone they get a template. */
export const COURTESY: ReadonlySet<Intent> = new Set<Intent>(['greeting', 'thanks', 'farewell']);
/** "Завтра после обеда, часа в три" */
const MAX_TIME_ONLY_WORDS = 6;

const PRICE_NAMED = /^(?:стоит|стоимост|цена|цену|цени|цене|почем|праис|баға|бага)/u;
/** "Қанша тұрады", side by side: "қанша күн тұрады" asks how long something lasts. */
const HOW_MUCH = /^канша$/u;
const COSTS = /^тур/u;

/** True when a word of price stands in the message: then it is asked whatever else is. */
export function asksPriceByName(words: readonly string[]): boolean {
	return words.some(
		(word, index) => PRICE_NAMED.test(word) || (HOW_MUCH.test(word) && COSTS.test(words[index + 1] ?? '')),
	);
}

/** All that is known of one message while its readings are settled; `hits` is changed in place. */
export interface Conflict {
	readonly hits: Map<Intent, KeywordHit>;
	readonly words: readonly string[];
	readonly mentions: readonly ServiceMention[];
	readonly entities: Entities;
	readonly hasQuestionMark: boolean;
	readonly history: readonly HistoryEntry[];
}

/** Removes readings that another word of the message rules out, and adds those that only a combination shows. */
export function settleConflicts(conflict: Conflict): void {
	const { hits, words, mentions, entities } = conflict;
	const has = (facet: Parameters<typeof hasFacet>[1]): boolean => hasFacet(words, facet);
	const add = (intent: Intent, keyword: string, weight: number, isBinding = false): void => {
		if (isBinding || !hits.has(intent)) hits.set(intent, { intent, keyword, weight, at: [], isBinding });
	};
	const about = has('about') || has('lasting');
	const duration = has('duration');

	if (hits.has('reschedule_cancel')) {
		hits.delete('booking');
		if (has('notice')) {
			hits.delete('reschedule_cancel');
			add('question_other', 'rules of cancelling', 0.8, true);
		}
	}
	if (has('lateQuestion')) {
		hits.delete('reschedule_cancel');
		add('question_other', 'lateness', 0.8, has('condition') || conflict.hasQuestionMark);
	}
	if (has('alreadyBooked')) hits.delete('booking');
	if (
		/^(?:без запис|по запис|нужна? (?:ли )?запис)/u.test(words.join(' ')) ||
		(about && words.some((word) => word.startsWith('запис')) && !entities.dateTimes.length)
	)
		hits.delete('booking');
	if (hits.has('complaint') && has('elsewhere')) {
		hits.delete('complaint');
		add('objection', 'happened elsewhere', 0.75, true);
	}
	if (has('knowledgeOnly') && !hits.has('question_price')) {
		hits.delete('question_services');
		add('question_other', 'only the knowledge says it', 0.8, true);
	}
	if (hits.has('complaint') && conflict.hasQuestionMark && has('condition')) {
		hits.delete('complaint');
		add('question_other', 'asks what would happen', 0.7);
	}
	if (hits.has('thanks') && !conflict.hasQuestionMark) hits.delete('question_other');
	if (hits.has('question_hours') && has('master')) {
		// Who works when is not in the pack; the salon's hours would be a wrong answer.
		hits.delete('question_hours');
		hits.delete('question_services');
		add('question_other', 'when a master works', 0.7);
	}
	if (hits.size === 0 && words.length <= 3 && words.some((word) => /^(?:скол|скок|канша)/u.test(word)))
		add('question_price', 'number', 0.6);
	if (hits.has('complaint'))
		for (const intent of [
			'booking',
			'question_price',
			'question_services',
			'objection',
			'question_other',
			'payment',
		] as const)
			hits.delete(intent);
	if (has('lasting')) {
		// "Сколько стоит и сколько держится" asks both; "қанша күн тұрады" only how long.
		if (!asksPriceByName(words)) hits.delete('question_price');
		add('question_other', 'how long it lasts', 0.8);
	}
	if (has('paid')) add('payment', 'says that it was paid', 0.8);
	if (
		hits.has('question_other') &&
		hits.has('booking') &&
		entities.dateTimes.length === 0 &&
		!/^(?:запис|запиш|жазыл|жазып|хочу)/u.test(hits.get('booking')?.keyword ?? '')
	)
		hits.delete('booking');
	if (
		hits.has('question_hours') &&
		mentions.length === 0 &&
		/^ско[кл]/u.test(hits.get('question_price')?.keyword ?? '')
	)
		hits.delete('question_price');
	if (about && words.some((word) => word === 'лет' || word === 'жас' || word === 'жастан'))
		hits.delete('question_hours');
	if (hits.has('question_hours') && has('material')) {
		hits.delete('question_hours');
		add('question_other', 'materials', 0.7);
	}
	if (duration && mentions.length > 0 && !has('lasting')) {
		if (!asksPriceByName(words)) hits.delete('question_price');
		add('question_services', 'duration', 0.8);
	} else if (about && mentions.length > 0 && !hits.has('question_price')) {
		add('question_other', 'about the service', 0.75);
		hits.delete('question_services');
	}
	if (duration && mentions.length === 0 && hits.size === 0)
		add('question_services', 'duration of what was named before', 0.6);
	if (!about && mentions.some((mention) => mention.kind === 'missing')) hits.delete('question_other');
	if (namesOnlyTime(conflict)) add('booking', 'a time and nothing else', 0.6);
	if (continuesBooking(conflict)) add('booking', 'answer to our question about the booking', 0.8, true);
	addFromMentions(conflict, add, about || duration);
	if (hits.has('question_price') && hits.has('question_services')) hits.delete('question_services');
	if (
		hits.has('question_other') &&
		!about &&
		[...hits.keys()].some((intent) => FACT_INTENTS.has(intent) || HANDOVER_INTENTS.has(intent))
	)
		hits.delete('question_other');
	if (hits.has('booking') && !about) hits.delete('question_services');
	if (hits.has('objection') && hits.has('question_price') && !words.some((word) => word.startsWith('скол')))
		hits.delete('question_price');
	if (hits.has('farewell') && words.length > 4) hits.delete('farewell');
	if (hits.has('ask_human') && hits.has('thanks')) hits.delete('thanks');
}

/** "Завтра в 14:00", "ертең кешке": nothing else is said, so it is when they want to come. */
function namesOnlyTime(conflict: Conflict): boolean {
	const { hits, words, entities } = conflict;
	if (
		entities.dateTimes.length === 0 ||
		words.length > MAX_TIME_ONLY_WORDS ||
		[...hits.keys()].some((intent) => intent !== 'greeting')
	)
		return false;
	const timeWords = new Set(foldWords(entities.dateTimes.join(' ')));
	const greetingAt = hits.get('greeting')?.at ?? [];
	return words.every((word, index) => timeWords.has(word) || greetingAt.includes(index) || isCommonWord(word));
}

/** We asked for service or time of a booking, and this message names one and asks nothing else. */
function continuesBooking(conflict: Conflict): boolean {
	const { hits, mentions, entities, history } = conflict;
	if (mentions.every((mention) => mention.kind === 'missing') && entities.dateTimes.length === 0) return false;
	if (
		[...hits.keys()].some(
			(intent) => FACT_INTENTS.has(intent) || HANDOVER_INTENTS.has(intent) || intent === 'question_other',
		)
	)
		return false;
	const lastBot = [...history].reverse().find((entry) => entry.author === 'bot');
	return lastBot !== undefined && isText(lastBot.text.split('\n').at(-1) ?? '', 'handover_booking_ask', 'anywhere');
}

function addFromMentions(
	conflict: Conflict,
	add: (intent: Intent, keyword: string, weight: number, isBinding?: boolean) => void,
	about: boolean,
): void {
	const { hits, words, mentions, entities, history } = conflict;
	const factual =
		hits.has('question_price') || hits.has('question_services') || hits.has('complaint') || hits.has('objection');
	const wants = hasFacet(words, 'wanting') && !hasFacet(words, 'inquiring');
	const asksHours = hits.has('question_hours') || hits.has('question_address');
	if (
		mentions.some((mention) => mention.kind !== 'missing') &&
		entities.dateTimes.length > 0 &&
		!factual &&
		!asksHours &&
		!about
	)
		add('booking', 'service with a date', 0.75);
	if (
		entities.dateTimes.length > 0 &&
		wants &&
		!factual &&
		!asksHours &&
		!about &&
		words.length <= 8 &&
		!hits.has('question_other')
	)
		add('booking', 'wish with a date', 0.6);
	if (mentions.length === 0) return;
	if (
		wants &&
		!factual &&
		!asksHours &&
		!about &&
		!hasFacet(words, 'existence') &&
		mentions.some((mention) => mention.kind !== 'missing') &&
		!hits.has('payment') &&
		!hits.has('question_other')
	)
		add('booking', 'wish with a service', 0.65);
	if (
		factual ||
		hits.has('booking') ||
		hits.has('reschedule_cancel') ||
		hits.has('question_other') ||
		hits.has('payment') ||
		hits.has('ask_human') ||
		asksHours
	)
		return;
	const numberAsked = words.some((word) => /^(?:скол|скок|канша|неше)/u.test(word));
	if (numberAsked) add('question_price', 'number with a service', 0.75);
	else if (lastAsked(history) === 'question_price') add('question_price', 'service after a price question', 0.75, true);
	else add('question_services', 'service named', 0.7);
}
