/** Services that a message names only together with what the conversation was about: "а без покрытия?" after "маникюр". */
import { foldWords } from '../language/fold-text';
import type { ClientPack } from './client-pack';
import type { DomainPack } from './domain-pack';
import { findServices, type ServiceMention } from './service-match';

/** A longer message says by itself what it means. */
const MAX_FOLLOW_UP_WORDS = 6;
/** Customers come back to what they asked a little earlier, not to the beginning. */
const MAX_EARLIER_MESSAGES = 5;

/** What the customer's latest earlier messages named, latest first; empty when they named nothing. */
export function lastNamedServices(
	history: readonly { readonly author: string; readonly text: string }[],
	pack: ClientPack,
	domain: DomainPack | null,
): readonly ServiceMention[] {
	const earlier = history.filter(({ author }) => author === 'user').slice(-MAX_EARLIER_MESSAGES);
	for (const { text } of [...earlier].reverse()) {
		const mentions = findServices(text, pack, domain);
		if (mentions.length > 0) return mentions;
	}
	return [];
}

/**
 * Services of a short message that names none by itself, read together with the subject of the conversation.
 *
 * @returns exact services whose names need words of this message; empty when it is no follow-up
 */
export function findFollowUpServices(
	text: string,
	history: readonly { readonly author: string; readonly text: string }[],
	pack: ClientPack,
	domain: DomainPack | null,
): readonly ServiceMention[] {
	if (foldWords(text).length > MAX_FOLLOW_UP_WORDS) return [];
	// "Бояумен қоса ше?" after the brows means them, although colouring is also a category of its own.
	if (findServices(text, pack, domain).some(({ kind }) => kind !== 'category')) return [];
	const subjects = lastNamedServices(history, pack, domain);
	const subjectKeys = new Set(
		subjects.map((subject) => (subject.kind === 'service' ? subject.service.category : subject.key)),
	);
	let found = new Map<string, ServiceMention>();
	let wordsUsed = 1;
	for (const name of subjectNames(subjects, pack)) {
		const ownWordsFrom = foldWords(name).length;
		for (const mention of findServices(`${name} ${text}`, pack, domain)) {
			const used = mention.at.filter((index) => index >= ownWordsFrom).length;
			if (mention.kind !== 'service' || used < wordsUsed || !subjectKeys.has(mention.service.category)) continue;
			if (used > wordsUsed) found = new Map();
			wordsUsed = used;
			found.set(mention.service.key, mention);
		}
	}
	return [...found.values()];
}

/** Names of the categories first: "маникюр" and not the variant that was asked about before. */
function subjectNames(subjects: readonly ServiceMention[], pack: ClientPack): readonly string[] {
	const categories = subjects.flatMap((subject) => {
		const key = subject.kind === 'service' ? subject.service.category : subject.key;
		return pack.categories.filter((category) => category.key === key).map(({ names }) => names);
	});
	const services = subjects.map((subject) => (subject.kind === 'service' ? subject.service.names : subject.names));
	return [...new Set([...categories, ...services].flatMap(({ ru, kk }) => [ru, kk]))];
}
