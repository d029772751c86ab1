import { findKeywords, keywordIndex } from '../classify/keyword-index';
import { FACT_INTENTS } from '../classify/settle-conflicts';
import type { TurnItem } from '../item/turn-item';
import { foldWords } from '../language/fold-text';
import type { ClientPack } from '../pack/client-pack';
import type { DomainPack } from '../pack/domain-pack';
import { lastNamedServices } from '../pack/follow-up-services';
import { findServices, type ServiceMention } from '../pack/service-match';

/** A longer question names what it is about. */
const MAX_FOLLOW_UP_WORDS = 7;

/**
 * What to search for in a turn: the customer's words, and for a short question that names no service ("и на сколько
 * его хватает?") the service the conversation was about.
 */
export function queryOfTurn(
	item: Pick<TurnItem, 'text' | 'history' | 'classification'>,
	pack: ClientPack | null,
	domain: DomainPack | null,
): string {
	if (pack === null) return item.text;
	const open = openQuestion(item);
	if (open !== null) {
		const mentions = findServices(item.text, pack, domain).map((mention) => nameOf(mention, item));
		return [open, ...mentions].join(' ');
	}
	// A doubt about the price is about the price, whatever it was called before.
	if (item.classification?.intents[0] === 'objection') return item.text;
	if (foldWords(item.text).length > MAX_FOLLOW_UP_WORDS || findServices(item.text, pack, domain).length > 0)
		return item.text;
	const [subject] = lastNamedServices(item.history, pack, domain);
	if (subject === undefined) return item.text;
	return `${item.text} ${nameOf(subject, item)}`;
}

function nameOf(mention: ServiceMention, item: Pick<TurnItem, 'classification'>): string {
	const names = mention.kind === 'service' ? mention.service.names : mention.names;
	return names[item.classification?.replyLanguage ?? 'ru'];
}

/** "Сколько стоит шугаринг ног, и больно ли это?": the part that the facts do not answer; null when there is no such part. */
function openQuestion({ text, classification }: Pick<TurnItem, 'text' | 'classification'>): string | null {
	const intents = classification?.intents ?? [];
	if (!intents.includes('question_other') || !intents.some((intent) => FACT_INTENTS.has(intent))) return null;
	const parts = text
		.split(/[,.;!?\n]+|(?<!\p{L})(?:и|а также|және|әрі)(?!\p{L})/u)
		.filter((part) => foldWords(part).length > 1);
	const open = parts.filter(
		(part) =>
			![...findKeywords(foldWords(part), keywordIndex(null, null)).keys()].some((intent) => FACT_INTENTS.has(intent)),
	);
	return open.length > 0 && open.length < parts.length ? open.join(' ').trim() : null;
}
