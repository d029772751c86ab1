/** The rules' reading of a message: stop words and agreement decide at once, keywords give a reading to weigh. */
import type { Attachment, Entities, HistoryEntry, Intent, Route } from '../item/turn-item';
import { isCommonWord } from '../language/detect-language';
import { compilePattern } from '../language/token-match';
import type { ClientPack } from '../pack/client-pack';
import type { DomainPack } from '../pack/domain-pack';
import type { ServiceMention } from '../pack/service-match';
import { followUpIntent } from './follow-up';
import {
	compileOwnKeywords,
	findAny,
	findKeywords,
	keywordIndex,
	type KeywordHit,
	ownKeywordIndex,
	type OwnKeywords,
} from './keyword-index';
import { hasFacet } from './question-facets';
import { FACT_INTENTS, HANDOVER_INTENTS, settleConflicts } from './settle-conflicts';

/** All that the readings of one message are made from. */
export interface Message {
	/** Cleaned, with its case and punctuation. */
	readonly text: string;
	/** Folded. */
	readonly words: readonly string[];
	readonly mentions: readonly ServiceMention[];
	/** The services are named only together with what the conversation was about. */
	readonly continuesService: boolean;
	readonly entities: Entities;
	readonly history: readonly HistoryEntry[];
	readonly attachments: readonly Attachment[];
	readonly pack: ClientPack | null;
	readonly domain: DomainPack | null;
	readonly stopWords: readonly string[];
	readonly ownKeywords: OwnKeywords;
}

export interface Decision {
	/** Main one first, at least one. */
	readonly intents: readonly Intent[];
	/** 0..1 */
	readonly confidence: number;
	readonly route: Route;
	readonly reason: string;
}

export interface RuleReading {
	/** Main one first; empty when no keyword was found. */
	readonly intents: readonly Intent[];
	readonly hits: ReadonlyMap<Intent, KeywordHit>;
	/** True when the conversation or the client's own keywords gave the reading: those the classifier cannot know. */
	readonly isBinding: boolean;
}

/** Order in which one intent of the keywords leads a message that holds several. */
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

/** What needs no weighing: no words, a stop word, an agreement. Null: the readings decide. */
export function decideAtOnce(message: Message): Decision | null {
	const { words, pack, domain } = message;
	if (words.length === 0) return decideWithoutWords(message);
	const stop = findAny(words, [...keywordIndex(pack, domain).stopWords, ...message.stopWords.map(compilePattern)]);
	if (stop !== null) return { intents: ['ask_human'], confidence: 1, route: 'handover', reason: `stop word: ${stop}` };
	return decideAgreement(words, message.history);
}

/** What the keywords say, after the rules between them. */
export function readByRules(message: Message): RuleReading {
	const { text, words, mentions, continuesService, entities, history, pack, domain } = message;
	const index = keywordIndex(pack, domain);
	const own = findOwnKeywords(message);
	const hits = new Map([...findKeywords(words, index), ...own]);
	const offTopic = findAny(words, index.outOfDomain);
	settleConflicts({ hits, words, mentions, entities, hasQuestionMark: text.includes('?'), history });
	const continued = followUpIntent({ words, history, continuesService, namesDay: entities.dateTimes.length > 0 });
	if (continued !== null) {
		hits.clear();
		hits.set(continued, {
			intent: continued,
			keyword: 'continues the question before',
			weight: 0.75,
			at: [],
			isBinding: true,
		});
	}
	if (
		offTopic !== null &&
		mentions.length === 0 &&
		![...hits.keys()].some((intent) => HANDOVER_INTENTS.has(intent) || FACT_INTENTS.has(intent))
	) {
		hits.set('off_topic', { intent: 'off_topic', keyword: offTopic, weight: 0.9, at: [] });
		hits.delete('question_other');
	}
	const intents = LEADING.filter((intent) => hits.has(intent));
	const isOwn = intents.some((intent) => own.has(intent));
	const leading = [...intents.filter((intent) => own.has(intent)), ...intents.filter((intent) => !own.has(intent))];
	const complains = intents[0] === 'complaint' && hasFacet(words, 'complaining');
	const isBinding =
		isOwn || [...hits.values()].some((hit) => hit.isBinding === true) || complains || isServiceAlone(message, intents);
	return { intents: leading, hits, isBinding };
}

/** Keywords of the client's own pack, and those given with the message. */
function findOwnKeywords({ words, pack, ownKeywords }: Message): ReadonlyMap<Intent, KeywordHit> {
	return new Map([
		...(pack === null ? [] : findKeywords(words, ownKeywordIndex(pack))),
		...findKeywords(words, compileOwnKeywords(ownKeywords)),
	]);
}

/** "Маникюр", "а педикюр": a service is named and nothing else is said. */
function isServiceAlone({ words, mentions }: Message, intents: readonly Intent[]): boolean {
	if (intents.length !== 1 || intents[0] !== 'question_services') return false;
	const named = new Set(mentions.flatMap(({ at }) => at));
	return (
		named.size > 0 &&
		words.every((word, index) => named.has(index) || isCommonWord(word)) &&
		words.length <= named.size + 1
	);
}

function decideWithoutWords({ text, attachments }: Message): Decision {
	if (/[👍🙏❤🥰😊😍👌💕💐🌹🤝🔥💖😘🤗]/u.test(text))
		return { intents: ['thanks'], confidence: 0.7, route: 'template', reason: 'emoji of thanks' };
	return {
		intents: ['unclear'],
		confidence: attachments.length > 0 ? 0.9 : 0.7,
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
