/** Prices, durations and lists of services in words; nothing here names a price that the pack does not hold. */
import type { ReplyLanguage } from '../item/turn-item';
import type { ClientPack, PackService } from '../pack/client-pack';
import type { ServiceMention } from '../pack/service-match';
import { text } from '../texts/text-catalogue';
import { formatDuration, formatPrice, priceFrom } from './money-text';

/** "Маникюр с гель-лаком — 8 000 ₸, по времени 1 ч 30 мин." and the service's note. */
export function oneServiceText(service: PackService, language: ReplyLanguage): string {
	const values = {
		name: service.names[language],
		price: formatPrice(service, language),
		duration: formatDuration(service.durationMinutes, language),
	};
	return [text(language, 'price_one', values), ...(service.note === undefined ? [] : [service.note[language]])].join(
		' ',
	);
}

/** "• Маникюр с гель-лаком — 8 000 ₸" */
export function priceLine(service: PackService, language: ReplyLanguage): string {
	return text(language, 'price_list_line', { name: service.names[language], price: formatPrice(service, language) });
}

/** "• Маникюр с гель-лаком — 1 ч 30 мин" */
export function durationLine(service: PackService, language: ReplyLanguage): string {
	return text(language, 'duration_list_line', {
		name: service.names[language],
		duration: formatDuration(service.durationMinutes, language),
	});
}

/** Lines for several mentions: services as lines, categories with a title over theirs. */
export function listText(
	mentions: readonly ServiceMention[],
	language: ReplyLanguage,
	line: (service: PackService, language: ReplyLanguage) => string,
): string {
	const blocks: string[] = [];
	const single = mentions.flatMap((mention) => (mention.kind === 'service' ? [line(mention.service, language)] : []));
	if (single.length > 0) blocks.push(single.join('\n'));
	for (const mention of mentions) {
		if (mention.kind !== 'category') continue;
		blocks.push(
			[
				text(language, 'price_list_title', { category: mention.names[language] }),
				...mention.services.map((service) => line(service, language)),
			].join('\n'),
		);
	}
	return blocks.join('\n');
}

/** The whole price list by category with the lowest price of each. */
export function overviewText(pack: ClientPack, language: ReplyLanguage): string {
	const lines = pack.categories.flatMap((category) => {
		const services = pack.services.filter((service) => service.category === category.key);
		const lowest = Math.min(...services.map((service) => service.priceFromTiyn));
		if (services.length === 0) return [];
		return [text(language, 'price_list_line', { name: category.names[language], price: priceFrom(lowest, language) })];
	});
	return [text(language, 'price_overview_title'), ...lines, text(language, 'price_overview_question')].join('\n');
}

/** "У нас есть: маникюр, педикюр, …." */
export function categoriesText(pack: ClientPack, language: ReplyLanguage): string {
	const offered = pack.categories.filter((category) =>
		pack.services.some((service) => service.category === category.key),
	);
	return text(language, 'service_list', {
		names: offered.map((category) => category.names[language].toLowerCase()).join(', '),
	});
}

/** Honest sentence about services that the pack does not hold; empty when none is missing. */
export function missingText(mentions: readonly ServiceMention[], language: ReplyLanguage): string {
	const names = mentions.flatMap((mention) => (mention.kind === 'missing' ? [mention.names[language]] : []));
	const [only] = names;
	if (only === undefined) return '';
	return names.length === 1
		? text(language, 'service_missing', { name: only })
		: text(language, 'service_missing_many', { names: names.join(', ') });
}

/** Service keys as people say them: a whole category is named once. */
export function serviceNames(
	keys: readonly string[],
	pack: ClientPack | null,
	language: ReplyLanguage,
): readonly string[] {
	if (pack === null) return keys;
	const names = new Set<string>();
	for (const key of keys) {
		const service = pack.services.find((candidate) => candidate.key === key);
		if (service === undefined) continue;
		const siblings = pack.services.filter((candidate) => candidate.category === service.category);
		const isWholeCategory = siblings.length > 1 && siblings.every((sibling) => keys.includes(sibling.key));
		const category = pack.categories.find((candidate) => candidate.key === service.category);
		names.add(isWholeCategory && category !== undefined ? category.names[language] : service.names[language]);
	}
	return [...names];
}
