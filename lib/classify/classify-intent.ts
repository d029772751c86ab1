/**
 * Decides what a message wants, without a model and without effects: stop words, then keywords of the intents together
 * with the services, dates and history of the message.
 */
import {
	type Attachment,
	type Classification,
	type Entities,
	type HistoryEntry,
	type Intent,
	type ReplyLanguage,
	type Route,
} from '../item/turn-item';
import { detectLanguage, replyLanguage } from '../language/detect-language';
import { foldWords, normalizeText } from '../language/fold-text';
import { compilePattern } from '../language/token-match';
import type { ClientPack } from '../pack/client-pack';
import type { DomainPack } from '../pack/domain-pack';
import { findServices, type ServiceMention } from '../pack/service-match';
import { findAmountsTiyn, findDateTimes, findName } from './entities';
import { findAny, findKeywords, keywordIndex, type KeywordHit } from './keyword-index';
import { findPersonalData, isSensitive } from './personal-data';
import { hasFacet } from './question-facets';
import { COURTESY, FACT_INTENTS, HANDOVER_INTENTS, settleConflicts } from './settle-conflicts';

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
	'complaint',
	'ask_human',
	'reschedule_cancel',
	'booking',
	'question_price',
	'question_services',
	'question_hours',
	'question_address',
	'payment',
	'objection',
	'question_other',
	'off_topic',
	'thanks',
	'farewell',
	'greeting',
	'unclear',
];
/** From this length on a message that matches nothing is worth a search in the knowledge. */
const MIN_WORDS_TO_SEARCH = 3;
const MAX_CLASSIFIED_CHARS = 4000;

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

function decide(
	input: ClassifyInput,
	text: string,
	words: readonly string[],
	mentions: readonly ServiceMention[],
	entities: Entities,
): Decision {
	if (words.length === 0) return decideWithoutWords(text, input.attachments);
	const index = keywordIndex(input.pack, input.domain);
	const stop = findAny(words, [...index.stopWords, ...(input.stopWords ?? []).map(compilePattern)]);
	if (stop !== null) return { intents: ['ask_human'], confidence: 1, route: 'handover', reason: `stop word: ${stop}` };
	const agreed = decideAgreement(words, input.history);
	if (agreed !== null) return agreed;

	const hits = new Map(findKeywords(words, index));
	const offTopic = findAny(words, index.outOfDomain);
	settleConflicts({ hits, words, mentions, entities, hasQuestionMark: text.includes('?'), history: input.history });
	if (
		offTopic !== null &&
		mentions.length === 0 &&
		![...hits.keys()].some((intent) => HANDOVER_INTENTS.has(intent) || FACT_INTENTS.has(intent))
	) {
		hits.set('off_topic', { intent: 'off_topic', keyword: offTopic, weight: 0.9, at: [] });
		hits.delete('question_other');
	}
	const intents = LEADING.filter((intent) => hits.has(intent));
	const [main] = intents;
	if (
		main === undefined ||
		(intents.every((intent) => intent === 'greeting') && leftoverWords(words, hits) >= MIN_WORDS_TO_SEARCH)
	) {
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
	if (intents.includes('question_other'))
		return intents.filter((intent) => !COURTESY.has(intent)).length > 2 ? 'complex' : 'retrieval';
	if (intents.some((intent) => FACT_INTENTS.has(intent))) return 'facts';
	if (intents.includes('off_topic')) return 'decline';
	return 'template';
}

function decideWithoutWords(text: string, attachments: readonly Attachment[]): Decision {
	if (/[👍🙏❤🥰😊😍👌💕💐🌹🤝🔥💖😘🤗]/u.test(text))
		return { intents: ['thanks'], confidence: 0.7, route: 'template', reason: 'emoji of thanks' };
	return {
		intents: ['unclear'],
		confidence: attachments.length > 0 ? 0.9 : 0.6,
		route: 'clarify',
		reason: attachments.length > 0 ? 'attachment without text' : 'no words',
	};
}

/** "Да" after an offer of ours to call the manager accepts it; a lone "ок" closes the subject. */
function decideAgreement(words: readonly string[], history: readonly HistoryEntry[]): Decision | null {
	if (words.length > 3) return null;
	const lastBot = [...history].reverse().find((entry) => entry.author === 'bot');
	if (
		lastBot !== undefined &&
		hasFacet(words, 'agreement') &&
		/менеджер\p{L}*[^.!?]*\?\s*$/iu.test(lastBot.text.trim())
	) {
		return {
			intents: ['ask_human'],
			confidence: 0.85,
			route: 'handover',
			reason: 'accepted the offer to call the manager',
		};
	}
	const lone =
		words.length <= 2 &&
		hasFacet(words.slice(0, 1), 'acknowledgement') &&
		(words.length === 1 || hasFacet(words.slice(1), 'acknowledgement'));
	return lone ? { intents: ['thanks'], confidence: 0.7, route: 'template', reason: 'acknowledgement' } : null;
}

function decideUnmatched(words: readonly string[], intents: readonly Intent[]): Decision {
	if (words.length < MIN_WORDS_TO_SEARCH)
		return {
			intents: [...intents, 'unclear'].reverse() as readonly Intent[],
			confidence: 0.3,
			route: 'clarify',
			reason: 'no keyword',
		};
	return {
		intents: ['question_other', ...intents],
		confidence: 0.35,
		route: 'retrieval',
		reason: 'no keyword; searched in the knowledge',
	};
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
