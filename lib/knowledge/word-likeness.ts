import { isOneEditAway } from '../language/token-match';

const MIN_TYPO_LETTERS = 5;
const SAME_STEM_LETTERS = 5;
const LIKELY_STEM_LETTERS = 4;
/** Kazakh verbs often have three letters before the endings ("кел-ip", "кел-есiз"); in Russian three say little. */
const POSSIBLE_STEM_LETTERS = 3;

/**
 * How likely two folded words are forms of one word, 0..1, judged by their beginnings and one typing error.
 * A rule of thumb without a dictionary; calibrated together with the relevance threshold.
 */
export function wordLikeness(a: string, b: string): number {
	if (a === b) return 1;
	// Typing errors in the first letter are rare, and this test spares most of the work.
	if (a[0] !== b[0]) return 0;
	const shorter = Math.min(a.length, b.length);
	if (shorter >= MIN_TYPO_LETTERS && isOneEditAway(a, b)) return 0.9;
	let shared = 0;
	while (shared < shorter && a[shared] === b[shared]) shared += 1;
	if (shared >= SAME_STEM_LETTERS) return 1;
	if (shared >= LIKELY_STEM_LETTERS) return 0.8;
	return shared >= POSSIBLE_STEM_LETTERS ? (shorter <= LIKELY_STEM_LETTERS ? 0.6 : 0.4) : 0;
}

/** Likeness of the word of the list that is nearest to `word`; 0 for an empty list. */
export function bestLikeness(word: string, words: readonly string[]): number {
	let best = 0;
	for (const other of words) {
		best = Math.max(best, wordLikeness(word, other));
		if (best === 1) break;
	}
	return best;
}
