/**
 * Keyword patterns over folded words.
 *
 * A pattern is one or more words; `*` at a word's end means "and whatever ending follows". Words of a pattern must
 * appear in order, at most two other words apart ("сколько у вас стоит" matches "сколько стоит").
 * One typing error is forgiven in long words.
 */
import { isCommonWord } from './detect-language';
import { foldWord } from './fold-text';

export interface PatternWord {
	readonly stem: string;
	readonly isPrefix: boolean;
}

export interface Pattern {
	/** As written, for explanations. */
	readonly source: string;
	readonly words: readonly PatternWord[];
}

export interface PatternHit {
	/** Indexes of the words that matched. */
	readonly at: readonly number[];
	/** True when every word matched without forgiving a typing error. */
	readonly exact: boolean;
}

const MAX_GAP_WORDS = 2;
/** Shorter words have too many neighbours at one edit ("цена"/"сцена"). */
const MIN_FUZZY_WORD = 5;
const MIN_FUZZY_PREFIX = 6;
/** Short stems of keywords meet other words at one edit ("наразы" and "наращивание"). */
const MIN_FUZZY_KEYWORD_PREFIX = 7;

/** Compiles a pattern; an empty source gives a pattern that matches nothing. */
export function compilePattern(source: string): Pattern {
	const words = source
		.trim()
		.split(/[\s\-–/]+/u)
		.map((word) => ({ stem: foldWord(word.replace(/[^\p{L}\p{N}]/gu, '')), isPrefix: word.endsWith('*') }))
		.filter((word) => word.stem !== '');
	return { source, words };
}

/** First place where the pattern occurs among folded words, or null. */
export function findPattern(words: readonly string[], pattern: Pattern): PatternHit | null {
	const first = pattern.words[0];
	if (first === undefined) return null;
	for (let start = 0; start < words.length; start++) {
		if (!sharesInitial(words[start], first)) continue;
		const hit = matchFrom(words, pattern, start);
		if (hit !== null) return hit;
	}
	return null;
}

/** False for words that `matchWord` never takes for one another: of the thousands of pairs in a message only few are left. */
function sharesInitial(word: string | undefined, { stem }: PatternWord): boolean {
	return word?.charCodeAt(0) === stem.charCodeAt(0);
}

function matchFrom(words: readonly string[], pattern: Pattern, start: number): PatternHit | null {
	const at: number[] = [];
	let exact = true;
	let from = start;
	for (const [index, wanted] of pattern.words.entries()) {
		const last = index === 0 ? start : Math.min(words.length - 1, from + MAX_GAP_WORDS);
		let found = -1;
		for (let i = from; i <= last && found < 0; i++) {
			const quality = matchWord(words[i] ?? '', wanted, MIN_FUZZY_KEYWORD_PREFIX);
			if (quality === 'none') continue;
			found = i;
			exact &&= quality === 'exact';
		}
		if (found < 0) return null;
		at.push(found);
		from = found + 1;
	}
	return { at, exact };
}

/**
 * How well one folded word fits one pattern word. A frequent word of either language is never taken for a typing error
 * of another ("почем" is not "почему").
 *
 * @param minFuzzyPrefix letters a stem needs before one typing error in it is forgiven
 */
export function matchWord(
	word: string,
	wanted: PatternWord,
	minFuzzyPrefix = MIN_FUZZY_PREFIX,
): 'exact' | 'typo' | 'none' {
	const { stem, isPrefix } = wanted;
	if (word === stem || (isPrefix && word.startsWith(stem))) return 'exact';
	if (word[0] !== stem[0] || stem.length < (isPrefix ? minFuzzyPrefix : MIN_FUZZY_WORD)) return 'none';
	if (/\p{N}/u.test(word) || isCommonWord(word)) return 'none';
	if (!isPrefix) return isOneEditAway(word, stem) ? 'typo' : 'none';
	for (const length of [stem.length, stem.length + 1, stem.length - 1]) {
		if (word.length >= length && isOneEditAway(word.slice(0, length), stem)) return 'typo';
	}
	return 'none';
}

/** True when one letter inserted, lost, replaced or swapped with its neighbour turns `a` into `b` (or they are equal). */
export function isOneEditAway(a: string, b: string): boolean {
	if (a === b) return true;
	if (Math.abs(a.length - b.length) > 1) return false;
	let start = 0;
	while (start < a.length && start < b.length && a[start] === b[start]) start++;
	let endA = a.length;
	let endB = b.length;
	while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
		endA--;
		endB--;
	}
	const restA = a.slice(start, endA);
	const restB = b.slice(start, endB);
	if (restA.length <= 1 && restB.length <= 1) return true;
	return restA.length === 2 && restB.length === 2 && restA[0] === restB[1] && restA[1] === restB[0];
}
