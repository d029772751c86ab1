import type { TurnItem } from '../item/turn-item';
import { foldWords } from '../language/fold-text';
import type { ClientPack } from '../pack/client-pack';
import type { DomainPack } from '../pack/domain-pack';
import { lastNamedServices } from '../pack/follow-up-services';
import { findServices } from '../pack/service-match';

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
	if (pack === null || foldWords(item.text).length > MAX_FOLLOW_UP_WORDS) return item.text;
	if (findServices(item.text, pack, domain).length > 0) return item.text;
	const [subject] = lastNamedServices(item.history, pack, domain);
	if (subject === undefined) return item.text;
	const names = subject.kind === 'service' ? subject.service.names : subject.names;
	return `${item.text} ${names[item.classification?.replyLanguage ?? 'ru']}`;
}
