/** What a short message that only continues the conversation asks: "а без покрытия?", "жексенбі күні ше?". */
import type { HistoryEntry, Intent } from '../item/turn-item';
import { foldWords } from '../language/fold-text';
import { findKeywords, keywordIndex } from './keyword-index';
import { hasFacet } from './question-facets';

/** A longer message says by itself what it asks. */
const MAX_WORDS = 6;
/** "А ...", "и ...", Kazakh "ал ..." and a closing "... ше?". */
const CONTINUES = new Set(['а', 'и', 'ал', 'ше', 'а если', 'еще', 'тагы']);
const REPEATED: readonly Intent[] = ['question_price', 'question_hours', 'question_address', 'question_services'];

export interface FollowUpInput {
	readonly words: readonly string[];
	readonly history: readonly HistoryEntry[];
	/** The message names a service only together with the one before. */
	readonly continuesService: boolean;
	/** A day or date is named. */
	readonly namesDay: boolean;
}

/**
 * The question that is asked again about something else; null when the message is no follow-up.
 *
 * A service continues a question about a price (or about services), a day one about the opening hours.
 */
export function followUpIntent({ words, history, continuesService, namesDay }: FollowUpInput): Intent | null {
	if (words.length === 0 || words.length > MAX_WORDS) return null;
	if (hasFacet(words, 'about') || hasFacet(words, 'lasting') || hasFacet(words, 'duration')) return null;
	const asked = lastAsked(history);
	if (continuesService) return asked === 'question_price' ? 'question_price' : 'question_services';
	const isMarked = CONTINUES.has(words[0] ?? '') || CONTINUES.has(words.at(-1) ?? '');
	return isMarked && namesDay && asked === 'question_hours' ? 'question_hours' : null;
}

/** What the customer's previous message asked of the facts; null when it asked none of them. */
export function lastAsked(history: readonly HistoryEntry[]): Intent | null {
	const last = [...history].reverse().find(({ author }) => author === 'user');
	if (last === undefined) return null;
	const words = foldWords(last.text);
	const hits = findKeywords(words, keywordIndex(null, null));
	const asked = REPEATED.find((intent) => hits.has(intent)) ?? null;
	const asksNumber = words.some((word) => /^(?:скол|скок|канша|неше)/u.test(word));
	const aboutTime = (['duration', 'lasting', 'untilWhen'] as const).some((facet) => hasFacet(words, facet));
	return asksNumber && !aboutTime && asked !== 'question_address' ? 'question_price' : asked;
}
