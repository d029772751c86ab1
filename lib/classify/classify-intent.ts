/**
 * Decides what a message wants, without a model and without effects: stop words, then keywords of the intents together
 * with the services, dates and history of the message.
 */
import {
	type Attachment, type Classification, type Entities, type HistoryEntry, type Intent, type ReplyLanguage, type Route,
} from '../item/turn-item';
import { detectLanguage, isCommonWord, replyLanguage } from '../language/detect-language';
import { foldWords, normalizeText } from '../language/fold-text';
import { compilePattern } from '../language/token-match';
import type { ClientPack } from '../pack/client-pack';
import type { DomainPack } from '../pack/domain-pack';
import { findServices, type ServiceMention } from '../pack/service-match';
import { isText } from '../texts/text-catalogue';
import { findAmountsTiyn, findDateTimes, findName } from './entities';
import { findAny, findKeywords, keywordIndex, type KeywordHit } from './keyword-index';
import { findPersonalData, isSensitive } from './personal-data';
import { hasFacet } from './question-facets';

export interface ClassifyInput {
	readonly text: string;
	readonly history: readonly HistoryEntry[];
	readonly attachments: readonly Attachment[];
	readonly pack: ClientPack | null;
	readonly domain: DomainPack | null;
	/** Language of the last reply in this conversation, null at the beginning. */
	readonly previousLanguage: ReplyLanguage | null;
	readonly defaultLanguage: ReplyLanguage;
	/** The client's own words that always call a person. */
	readonly stopWords?: readonly string[];
}

/** Later layers ask a model below this confidence, when the budget allows. */
export const UNSURE_BELOW = 0.5;

/** Order in which one intent leads a message that holds several. */
const LEADING: readonly Intent[] = [
	'complaint', 'ask_human', 'reschedule_cancel', 'booking', 'question_price', 'question_services', 'question_hours', 'question_address',
	'payment', 'objection', 'question_other', 'off_topic', 'thanks', 'farewell', 'greeting', 'unclear',
];
const HANDOVER_INTENTS: ReadonlySet<Intent> = new Set<Intent>(['complaint', 'ask_human', 'reschedule_cancel', 'booking']);
const FACT_INTENTS: ReadonlySet<Intent> = new Set<Intent>(['question_price', 'question_services', 'question_hours', 'question_address', 'payment']);
const COURTESY: ReadonlySet<Intent> = new Set<Intent>(['greeting', 'thanks', 'farewell']);
/** From this length on a message that matches nothing is worth a search in the knowledge. */
const MIN_WORDS_TO_SEARCH = 3;
const MAX_CLASSIFIED_CHARS = 4000;
/** "Завтра после обеда, часа в три" */
const MAX_TIME_ONLY_WORDS = 6;

/** Classifies one turn. Total: any text, also empty or huge, gets a classification. */
export function classifyIntent(input: ClassifyInput): Classification {
	const text = normalizeText(input.text).slice(0, MAX_CLASSIFIED_CHARS);
	const words = foldWords(text);
	const mentions = input.pack === null ? [] : findServices(text, input.pack, input.domain);
	const personalData = findPersonalData(text);
	const entities: Entities = {
		services: [...new Set(mentions.flatMap(serviceKeys))],
		dateTimes: findDateTimes(text),
		branch: null,
		amountsTiyn: findAmountsTiyn(text),
		name: findName(text),
		hasPhone: personalData.includes('phone'),
	};
	const decision = decide(input, text, words, mentions, entities);
	const isBooking = decision.intents[0] === 'booking';
	const services = isBooking && entities.services.length === 0 ? recentServices(input) : entities.services;
	const sensitive = isSensitive(personalData);
	const searching = decision.route === 'retrieval' || decision.route === 'complex' || decision.route === 'clarify';
	return {
		intent: decision.intents[0] ?? 'unclear',
		intents: decision.intents.length === 0 ? ['unclear'] : decision.intents,
		confidence: decision.confidence,
		language: detectLanguage(text),
		replyLanguage: replyLanguage(text, input.previousLanguage, input.defaultLanguage),
		entities: { ...entities, services },
		route: sensitive && searching ? 'handover' : decision.route,
		reason: decision.reason,
		sensitive,
	};
}

interface Decision {
	readonly intents: readonly Intent[];
	readonly confidence: number;
	readonly route: Route;
	readonly reason: string;
}

function decide(input: ClassifyInput, text: string, words: readonly string[], mentions: readonly ServiceMention[], entities: Entities): Decision {
	if (words.length === 0) return decideWithoutWords(text, input.attachments);
	const index = keywordIndex(input.pack, input.domain);
	const stop = findAny(words, [...index.stopWords, ...(input.stopWords ?? []).map(compilePattern)]);
	if (stop !== null) return { intents: ['ask_human'], confidence: 1, route: 'handover', reason: `stop word: ${stop}` };
	const agreed = decideAgreement(words, input.history);
	if (agreed !== null) return agreed;

	const hits = new Map(findKeywords(words, index));
	const offTopic = findAny(words, index.outOfDomain);
	settleConflicts({ hits, words, mentions, entities, hasQuestionMark: text.includes('?'), history: input.history });
	if (offTopic !== null && mentions.length === 0 && ![...hits.keys()].some((intent) => HANDOVER_INTENTS.has(intent) || FACT_INTENTS.has(intent))) {
		hits.set('off_topic', { intent: 'off_topic', keyword: offTopic, weight: 0.9, at: [] });
		hits.delete('question_other');
	}
	const intents = LEADING.filter((intent) => hits.has(intent));
	const [main] = intents;
	if (main === undefined || (intents.every((intent) => intent === 'greeting') && leftoverWords(words, hits) >= MIN_WORDS_TO_SEARCH)) {
		return decideUnmatched(words, intents);
	}
	const hit = hits.get(main);
	const paid = main === 'payment' && hasFacet(words, 'paid');
	return {
		intents,
		confidence: Math.min(0.99, hit?.weight ?? 0.6),
		route: paid ? 'handover' : routeOf(intents),
		reason: `keyword: ${hit?.keyword ?? main}`,
	};
}

function routeOf(intents: readonly Intent[]): Route {
	if (intents.some((intent) => HANDOVER_INTENTS.has(intent))) return 'handover';
	if (intents.includes('question_other')) return intents.filter((intent) => !COURTESY.has(intent)).length > 2 ? 'complex' : 'retrieval';
	if (intents.some((intent) => FACT_INTENTS.has(intent))) return 'facts';
	if (intents.includes('off_topic')) return 'decline';
	return 'template';
}

function decideWithoutWords(text: string, attachments: readonly Attachment[]): Decision {
	if (/[👍🙏❤🥰😊😍👌💕💐🌹🤝🔥💖😘🤗]/u.test(text)) return { intents: ['thanks'], confidence: 0.7, route: 'template', reason: 'emoji of thanks' };
	return { intents: ['unclear'], confidence: attachments.length > 0 ? 0.9 : 0.6, route: 'clarify', reason: attachments.length > 0 ? 'attachment without text' : 'no words' };
}

/** "Да" after an offer of ours to call the manager accepts it; a lone "ок" closes the subject. */
function decideAgreement(words: readonly string[], history: readonly HistoryEntry[]): Decision | null {
	if (words.length > 3) return null;
	const lastBot = [...history].reverse().find((entry) => entry.author === 'bot');
	if (lastBot !== undefined && hasFacet(words, 'agreement') && /менеджер\p{L}*[^.!?]*\?\s*$/iu.test(lastBot.text.trim())) {
		return { intents: ['ask_human'], confidence: 0.85, route: 'handover', reason: 'accepted the offer to call the manager' };
	}
	const lone = words.length <= 2 && hasFacet(words.slice(0, 1), 'acknowledgement') && (words.length === 1 || hasFacet(words.slice(1), 'acknowledgement'));
	return lone ? { intents: ['thanks'], confidence: 0.7, route: 'template', reason: 'acknowledgement' } : null;
}

function decideUnmatched(words: readonly string[], intents: readonly Intent[]): Decision {
	if (words.length < MIN_WORDS_TO_SEARCH) return { intents: [...intents, 'unclear'].reverse() as readonly Intent[], confidence: 0.3, route: 'clarify', reason: 'no keyword' };
	return { intents: ['question_other', ...intents], confidence: 0.35, route: 'retrieval', reason: 'no keyword; searched in the knowledge' };
}

function leftoverWords(words: readonly string[], hits: ReadonlyMap<Intent, KeywordHit>): number {
	const used = new Set([...hits.values()].flatMap((hit) => hit.at));
	return words.filter((_, index) => !used.has(index)).length;
}

const RECENT_ENTRIES = 4;

/** "Завтра в 14:00" after a price means the service whose price was asked. */
function recentServices(input: ClassifyInput): readonly string[] {
	const { pack, domain, history } = input;
	if (pack === null) return [];
	for (const entry of history.slice(-RECENT_ENTRIES).reverse()) {
		if (entry.author !== 'user') continue;
		const keys = [...new Set(findServices(entry.text, pack, domain).flatMap(serviceKeys))];
		if (keys.length > 0) return keys;
	}
	return [];
}

function serviceKeys(mention: ServiceMention): readonly string[] {
	if (mention.kind === 'service') return [mention.service.key];
	return mention.kind === 'category' ? mention.services.map((service) => service.key) : [];
}

interface Conflict {
	readonly hits: Map<Intent, KeywordHit>;
	readonly words: readonly string[];
	readonly mentions: readonly ServiceMention[];
	readonly entities: Entities;
	readonly hasQuestionMark: boolean;
	readonly history: readonly HistoryEntry[];
}

/** Removes readings that another word of the message rules out, and adds those that only a combination shows. */
function settleConflicts(conflict: Conflict): void {
	const { hits, words, mentions, entities } = conflict;
	const has = (facet: Parameters<typeof hasFacet>[1]): boolean => hasFacet(words, facet);
	const add = (intent: Intent, keyword: string, weight: number): void => {
		if (!hits.has(intent)) hits.set(intent, { intent, keyword, weight, at: [] });
	};
	const about = has('about') || has('lasting');
	const duration = has('duration');

	if (hits.has('reschedule_cancel')) {
		hits.delete('booking');
		if (has('lateQuestion')) {
			hits.delete('reschedule_cancel');
			add('question_other', 'lateness', 0.8);
		}
	}
	if (has('alreadyBooked')) hits.delete('booking');
	if (/^(?:без запис|по запис|нужна? (?:ли )?запис)/u.test(words.join(' ')) || (about && words.some((word) => word.startsWith('запис')) && !entities.dateTimes.length)) hits.delete('booking');
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
	if (hits.size === 0 && words.length <= 3 && words.some((word) => /^(?:скол|скок|канша)/u.test(word))) add('question_price', 'number', 0.6);
	if (hits.has('complaint')) for (const intent of ['booking', 'question_price', 'question_services', 'objection', 'question_other', 'payment'] as const) hits.delete(intent);
	if (has('lasting')) {
		hits.delete('question_price');
		add('question_other', 'how long it lasts', 0.8);
	}
	if (has('paid')) add('payment', 'says that it was paid', 0.8);
	if (hits.has('question_other') && hits.has('booking') && entities.dateTimes.length === 0 && !/^(?:запис|запиш|жазыл|жазып|хочу)/u.test(hits.get('booking')?.keyword ?? '')) hits.delete('booking');
	if (hits.has('question_hours') && mentions.length === 0 && /^ско[кл]/u.test(hits.get('question_price')?.keyword ?? '')) hits.delete('question_price');
	if (about && words.some((word) => word === 'лет' || word === 'жас' || word === 'жастан')) hits.delete('question_hours');
	if (hits.has('question_hours') && has('material')) {
		hits.delete('question_hours');
		add('question_other', 'materials', 0.7);
	}
	if (duration && mentions.length > 0 && !has('lasting')) {
		hits.delete('question_price');
		add('question_services', 'duration', 0.8);
	} else if (about && mentions.length > 0 && !hits.has('question_price')) {
		add('question_other', 'about the service', 0.75);
		hits.delete('question_services');
	}
	if (duration && mentions.length === 0 && hits.size === 0) add('question_services', 'duration of what was named before', 0.6);
	if (!about && mentions.some((mention) => mention.kind === 'missing')) hits.delete('question_other');
	if (namesOnlyTime(conflict)) add('booking', 'a time and nothing else', 0.6);
	if (continuesBooking(conflict)) add('booking', 'answer to our question about the booking', 0.8);
	addFromMentions(conflict, add, about || duration);
	if (hits.has('question_price') && hits.has('question_services')) hits.delete('question_services');
	if (hits.has('question_other') && !about && [...hits.keys()].some((intent) => FACT_INTENTS.has(intent) || HANDOVER_INTENTS.has(intent))) hits.delete('question_other');
	if (hits.has('booking') && !about) hits.delete('question_services');
	if (hits.has('objection') && hits.has('question_price') && !words.some((word) => word.startsWith('скол'))) hits.delete('question_price');
	if (hits.has('farewell') && words.length > 4) hits.delete('farewell');
	if (hits.has('ask_human') && hits.has('thanks')) hits.delete('thanks');
}

/** "Завтра в 14:00", "ертең кешке": nothing else is said, so it is when they want to come. */
function namesOnlyTime(conflict: Conflict): boolean {
	const { hits, words, entities } = conflict;
	if (entities.dateTimes.length === 0 || words.length > MAX_TIME_ONLY_WORDS || [...hits.keys()].some((intent) => intent !== 'greeting')) return false;
	const timeWords = new Set(foldWords(entities.dateTimes.join(' ')));
	const greetingAt = hits.get('greeting')?.at ?? [];
	return words.every((word, index) => timeWords.has(word) || greetingAt.includes(index) || isCommonWord(word));
}

/** We asked for service or time of a booking, and this message names one and asks nothing else. */
function continuesBooking(conflict: Conflict): boolean {
	const { hits, mentions, entities, history } = conflict;
	if (mentions.every((mention) => mention.kind === 'missing') && entities.dateTimes.length === 0) return false;
	if ([...hits.keys()].some((intent) => FACT_INTENTS.has(intent) || HANDOVER_INTENTS.has(intent) || intent === 'question_other')) return false;
	const lastBot = [...history].reverse().find((entry) => entry.author === 'bot');
	return lastBot !== undefined && isText(lastBot.text.split('\n').at(-1) ?? '', 'handover_booking_ask', 'anywhere');
}

function addFromMentions(conflict: Conflict, add: (intent: Intent, keyword: string, weight: number) => void, about: boolean): void {
	const { hits, words, mentions, entities, history } = conflict;
	const factual = hits.has('question_price') || hits.has('question_services') || hits.has('complaint') || hits.has('objection');
	const wants = hasFacet(words, 'wanting') && !hasFacet(words, 'inquiring');
	const asksHours = hits.has('question_hours') || hits.has('question_address');
	if (mentions.some((mention) => mention.kind !== 'missing') && entities.dateTimes.length > 0 && !factual && !asksHours && !about) add('booking', 'service with a date', 0.75);
	if (entities.dateTimes.length > 0 && wants && !factual && !asksHours && !about && words.length <= 8 && !hits.has('question_other')) add('booking', 'wish with a date', 0.6);
	if (mentions.length === 0) return;
	if (wants && !factual && !asksHours && !about && !hasFacet(words, 'existence') && mentions.some((mention) => mention.kind !== 'missing') && !hits.has('payment') && !hits.has('question_other')) add('booking', 'wish with a service', 0.65);
	if (factual || hits.has('booking') || hits.has('reschedule_cancel') || hits.has('question_other') || hits.has('payment') || hits.has('ask_human') || asksHours) return;
	const numberAsked = words.some((word) => /^(?:скол|скок|канша|неше)/u.test(word));
	if (numberAsked || lastAsked(history) === 'price') add('question_price', numberAsked ? 'number with a service' : 'service after a price question', 0.75);
	else add('question_services', 'service named', 0.7);
}

/** Whether the customer's previous message asked a price: then "а педикюр?" asks one too. */
function lastAsked(history: readonly HistoryEntry[]): 'price' | null {
	const last = [...history].reverse().find((entry) => entry.author === 'user');
	return last !== undefined && findKeywords(foldWords(last.text), keywordIndex(null, null)).has('question_price') ? 'price' : null;
}
