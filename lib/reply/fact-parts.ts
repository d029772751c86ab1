/** Answers to the fact questions of one message, each made from the client pack alone. */
import { DateTime } from 'luxon';

import { findKeywords, keywordIndex } from '../classify/keyword-index';
import { hasFacet } from '../classify/question-facets';
import type { Intent, ReplyLanguage, TurnItem } from '../item/turn-item';
import { isCommonWord } from '../language/detect-language';
import { foldWords } from '../language/fold-text';
import type { ClientPack } from '../pack/client-pack';
import type { DomainPack } from '../pack/domain-pack';
import { findFollowUpServices, lastNamedServices } from '../pack/follow-up-services';
import { findServices, type ServiceMention } from '../pack/service-match';
import { text } from '../texts/text-catalogue';
import { askedDays } from './asked-days';
import { hoursText } from './hours-text';
import { formatPrice } from './money-text';
import {
	categoriesText,
	durationLine,
	listText,
	missingText,
	oneServiceText,
	overviewText,
	priceLine,
} from './service-text';

export interface FactContext {
	readonly pack: ClientPack;
	readonly domain: DomainPack | null;
	readonly now: Date;
	readonly language: ReplyLanguage;
}

export interface FactPart {
	readonly intent: Intent;
	readonly text: string;
	/** Sentence that may close the whole reply; only the last one is used. */
	readonly closing: string | null;
}

/** Parts in the order price/services, hours, address, payment, objection; empty when nothing can be answered from facts. */
export function buildFactParts(item: TurnItem, context: FactContext): readonly FactPart[] {
	const intents = item.classification?.intents ?? [];
	const words = foldWords(item.text);
	const { pack, language } = context;
	const parts: FactPart[] = [];
	if (intents.includes('question_price') || intents.includes('question_services'))
		parts.push(servicesPart(item, words, context));
	if (intents.includes('question_hours')) {
		const question = {
			now: context.now,
			zone: item.client.timeZone,
			days: [
				...askedDays(words, context.now, item.client.timeZone),
				...namedHolidays(words, pack, context.now, item.client.timeZone),
			],
			asksNow: hasFacet(words, 'now'),
		};
		parts.push({ intent: 'question_hours', text: hoursText(pack, language, question), closing: null });
	}
	if (intents.includes('question_address')) {
		const sentences = [
			text(language, 'address', { address: pack.address[language] }),
			...(pack.directions === undefined ? [] : [pack.directions[language]]),
		];
		parts.push({ intent: 'question_address', text: sentences.join(' '), closing: null });
	}
	if (intents.includes('payment'))
		parts.push({
			intent: 'payment',
			text: text(language, 'payment', { payment: pack.payment[language] }),
			closing: null,
		});
	if (intents.includes('objection')) parts.push(objectionPart(item, words, context));
	return parts;
}

/** Days ahead of the pack's coming holidays that the message calls by name and not by date. */
function namedHolidays(words: readonly string[], pack: ClientPack, now: Date, zone: string): readonly number[] {
	if (words.some((word) => /^\p{N}+$/u.test(word))) return [];
	const today = DateTime.fromJSDate(now, { zone }).startOf('day');
	return (pack.holidays ?? []).flatMap((holiday) => {
		const isNamed = [holiday.name.ru, holiday.name.kk].some((name) =>
			foldWords(name).every((part) => words.some((word) => word.startsWith(part.slice(0, HOLIDAY_STEM)))),
		);
		const daysAhead = Math.round(DateTime.fromISO(holiday.date, { zone }).diff(today, 'days').days);
		return isNamed && daysAhead >= 0 ? [daysAhead] : [];
	});
}

const HOLIDAY_STEM = 6;

function servicesPart(item: TurnItem, words: readonly string[], context: FactContext): FactPart {
	const { pack, language } = context;
	const intent: Intent =
		item.classification?.intents.includes('question_price') === true ? 'question_price' : 'question_services';
	const continued = findFollowUpServices(item.text, item.history, pack, context.domain);
	const named = continued.length > 0 ? continued : findServices(item.text, pack, context.domain);
	const unknown = named.length === 0 && intent === 'question_price' && unknownObject(words);
	if (unknown)
		return {
			intent,
			text: [text(language, 'service_unknown'), categoriesText(pack, language)].join(' '),
			closing: text(language, 'offer_manager'),
		};
	const mentions = named.length > 0 ? named : lastNamedServices(item.history, pack, context.domain);
	if (mentions.length === 0) {
		if (intent === 'question_price') return { intent, text: overviewText(pack, language), closing: null };
		return { intent, text: categoriesText(pack, language), closing: text(language, 'price_overview_question') };
	}
	const offered = mentions.filter((mention) => mention.kind !== 'missing');
	const missing = missingText(mentions, language);
	if (offered.length === 0) return { intent, text: missing, closing: text(language, 'offer_manager') };
	const answer =
		hasFacet(words, 'duration') && intent === 'question_services'
			? durationText(offered, language)
			: priceText(offered, language);
	const yes =
		intent === 'question_services' && hasFacet(words, 'existence') && missing === '' && !hasFacet(words, 'duration')
			? text(language, 'service_yes')
			: '';
	const onlyServices = offered.every((mention) => mention.kind === 'service');
	const closing = missing !== '' ? 'offer_manager' : onlyServices ? 'price_booking_offer' : 'price_question_which';
	const isList = offered.length > 1 || !onlyServices;
	const lead = [yes, missing].filter((sentence) => sentence !== '').join(' ');
	return {
		intent,
		text: [lead, answer].filter((part) => part !== '').join(isList ? '\n' : ' '),
		closing: text(language, closing),
	};
}

function priceText(offered: readonly ServiceMention[], language: ReplyLanguage): string {
	const [only] = offered;
	if (offered.length === 1 && only?.kind === 'service') return oneServiceText(only.service, language);
	return listText(offered, language, priceLine);
}

function durationText(offered: readonly ServiceMention[], language: ReplyLanguage): string {
	const [only] = offered;
	if (offered.length === 1 && only?.kind === 'service') return oneServiceText(only.service, language);
	return listText(offered, language, durationLine);
}

const MIN_OBJECT_LETTERS = 4;
/** Words around a price question that are not the name of a service. */
const GENERIC = new Set(
	foldWords(
		'услуга услуги услуг услугу процедура процедуры процедур процедуру примерно приблизительно вместе полностью салон салоне прейскурант прайслист список листа девушки девочки уважаемые интересует интересуют интересно узнать знать уточнить подсказать ориентировочно сейчас работа работы скиньте вышлите отправьте пришлите можете актуальный актуальные ваши всего итого қызмет қызметтер қызметтің қызметіңіз қызметтеріңіз салонда сіздерде білейін деп білсек айтып жіберіп толық барлық шамамен price list manicure please your service services кызметтер подробнее полный расскажите выйдет обойдется',
	),
);

/** True when the question names something that is neither a known service nor a usual word: we must not guess its price. */
function unknownObject(words: readonly string[]): boolean {
	const used = new Set([...findKeywords(words, keywordIndex(null, null)).values()].flatMap((hit) => hit.at));
	return words.some(
		(word, index) =>
			!used.has(index) &&
			word.length >= MIN_OBJECT_LETTERS &&
			!/\p{N}/u.test(word) &&
			!isCommonWord(word) &&
			!GENERIC.has(word),
	);
}

function objectionPart(item: TurnItem, words: readonly string[], context: FactContext): FactPart {
	const { pack, language } = context;
	if (words.some((word) => /^(?:подума|ойлан)/u.test(word)))
		return { intent: 'objection', text: text(language, 'objection_think'), closing: null };
	const named = findServices(item.text, pack, context.domain);
	const [mention] = named.length > 0 ? named : lastNamedServices(item.history, pack, context.domain);
	const categoryKey = mention?.kind === 'service' ? mention.service.category : mention?.key;
	const services = pack.services.filter((service) => service.category === categoryKey && service.priceFromTiyn > 0);
	const category = pack.categories.find((candidate) => candidate.key === categoryKey);
	const cheapest = [...services].sort((a, b) => a.priceFromTiyn - b.priceFromTiyn)[0];
	if (cheapest === undefined || category === undefined)
		return { intent: 'objection', text: text(language, 'objection_price_general'), closing: null };
	const values = {
		category: category.names[language],
		name: cheapest.names[language],
		price: formatPrice(cheapest, language),
	};
	return {
		intent: 'objection',
		text: text(language, 'objection_price', values),
		closing: text(language, 'offer_manager'),
	};
}
