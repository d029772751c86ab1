/**
 * Whether a message reads as a finished request, so that the burst need not wait long for a next part.
 * Without the client's packs, because it runs before the client's settings are loaded.
 */
import { findKeywords, keywordIndex } from '../classify/keyword-index';
import type { Intent } from '../item/turn-item';
import { foldWords, normalizeText } from './fold-text';

/** Intents whose keyword alone completes a message of at least two words. */
const COMPLETE: ReadonlySet<Intent> = new Set<Intent>([
	'question_hours',
	'question_address',
	'ask_human',
	'complaint',
	'reschedule_cancel',
	'farewell',
	'payment',
]);

/**
 * True for a text that ends a thought: a question mark, or enough words with a recognised request.
 * A greeting, a lone word and a text that breaks off ("и", ",", "…") are fragments.
 */
export function isCompleteQuestion(text: string): boolean {
	const clean = normalizeText(text);
	const words = foldWords(clean);
	if (
		words.length === 0 ||
		/(?:[,:;–—-]|\.\.\.|…)$/u.test(clean) ||
		/^(?:и|а|или|но|что|жане|мен|в|на|с|у)$/u.test(words.at(-1) ?? '')
	)
		return false;
	if (/[?？]\s*(?:\p{Extended_Pictographic}|[)\s!?])*$/u.test(clean)) return words.length >= 2;
	const hits = findKeywords(words, keywordIndex(null, null));
	if ([...hits.keys()].some((intent) => COMPLETE.has(intent))) return words.length >= 2;
	return words.length >= 3 && (hits.has('question_price') || hits.has('booking') || hits.has('question_other'));
}
