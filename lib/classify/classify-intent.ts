/**
 * Decides what a message wants, without a model and without effects: stop words, then what the keyword rules and the
 * trained classifier read, together with the services, dates and history of the message.
 */
import type { Attachment, Classification, Entities, HistoryEntry, ReplyLanguage } from '../item/turn-item';
import { detectLanguage, replyLanguage } from '../language/detect-language';
import { foldWords, normalizeText } from '../language/fold-text';
import type { ClientPack } from '../pack/client-pack';
import type { DomainPack } from '../pack/domain-pack';
import { findFollowUpServices } from '../pack/follow-up-services';
import { findServices, type ServiceMention } from '../pack/service-match';
import { findBranch, type BranchName } from './branch-match';
import { findAmountsTiyn, findDateTimes, findName } from './entities';
import { intentClassifier, signalsOf } from './intent-classifier';
import type { OwnKeywords } from './keyword-index';
import { findPersonalData, isSensitive } from './personal-data';
import { decideAtOnce, readByRules, type Decision, type Message } from './read-by-rules';
import { routeOfSensitive, UNSURE_BELOW, weighReadings } from './weigh-readings';

export { UNSURE_BELOW };

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
	/** Keywords given for this message alone; they decide, as those of the client's pack do. */
	readonly ownKeywords?: OwnKeywords;
	/** The client's branches, to recognise which one is meant; absent: none is. */
	readonly branches?: readonly BranchName[];
}

const MAX_CLASSIFIED_CHARS = 4000;

/** Classifies one turn. Total: any text, also empty or huge, gets a classification. */
export function classifyIntent(input: ClassifyInput): Classification {
	const text = normalizeText(input.text).slice(0, MAX_CLASSIFIED_CHARS);
	const words = foldWords(text);
	const continued = input.pack === null ? [] : findFollowUpServices(text, input.history, input.pack, input.domain);
	const continuesService = continued.length > 0;
	const mentions = input.pack === null || continuesService ? continued : findServices(text, input.pack, input.domain);
	const personalData = findPersonalData(text);
	const entities: Entities = {
		services: [...new Set(mentions.flatMap(serviceKeys))],
		dateTimes: findDateTimes(text),
		branch: findBranch(words, input.branches ?? []),
		amountsTiyn: findAmountsTiyn(text),
		name: findName(text),
		hasPhone: personalData.includes('phone'),
	};
	const { history, attachments, pack, domain, stopWords = [], ownKeywords = {} } = input;
	const message: Message = {
		text,
		words,
		mentions,
		continuesService,
		entities,
		history,
		attachments,
		pack,
		domain,
		stopWords,
		ownKeywords,
	};
	const sensitive = isSensitive(personalData);
	const decision = decideAtOnce(message) ?? weigh(message);
	// Digits tell the classifier nothing; a person reads such a message anyway.
	const isGuess = sensitive && decision.confidence < UNSURE_BELOW;
	const intents = isGuess ? (['question_other'] as const) : decision.intents;
	const [intent = 'unclear'] = intents;
	const services = intent === 'booking' && entities.services.length === 0 ? recentServices(input) : entities.services;
	return {
		intent,
		intents,
		confidence: decision.confidence,
		language: detectLanguage(text),
		replyLanguage: replyLanguage(text, input.previousLanguage, input.defaultLanguage),
		entities: { ...entities, services },
		route: sensitive ? routeOfSensitive(isGuess ? 'clarify' : decision.route) : decision.route,
		reason: decision.reason,
		sensitive,
	};
}

function weigh(message: Message): Decision {
	const classifier = intentClassifier(message.pack, message.domain);
	const read = (text: string) => classifier.classify(text, signalsOf(text));
	return weighReadings(message, readByRules(message), read);
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
