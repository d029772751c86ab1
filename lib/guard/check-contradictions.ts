import { clausesOf, deniesSomething, UNCERTAIN } from './clauses';
import { contentWords, sameWord } from './content-words';
import type { GuardText, GuardTexts } from './guard-text';
import terms from './terms.json';

const word = (source: string): RegExp => new RegExp(`(?<![\\p{L}\\p{N}])(?:${source})`, 'u');
/** "парковки нет", "не нужна": existence itself is denied, not some detail. */
const DENIES_EXISTENCE = word(terms.deniesExistence);
/** "депозит не возвращается". */
const DENIES_VERB = /(?<!\p{L})не \p{L}{4,}/u;
const CONDITIONAL = word(terms.conditional);
const PAYING = word(terms.paying);
const WAYS = terms.waysOfPaying.map(({ draft, source }) => ({ draft: word(draft), source: word(`(?:${source})`) }));
/** Promises have a check of their own; "скидок нет" beside a birthday's discount is no contradiction. */
const PROMISED = word(terms.promised);

/** A denial of more words than this is about a detail that a draft may tell differently. */
const MAX_DENIED_WORDS = 3;

/**
 * Finds what the sources deny and the draft affirms ("есть парковка"), or the reverse, and ways of paying that no source
 * names. Only short, plain clauses are compared, and only when no source says what the draft says.
 *
 * @returns `contradicts_facts`, `payment_way_not_in_facts`
 */
export function contradictionViolations(texts: GuardTexts): string[] {
	return [
		...(contradicts(texts) ? ['contradicts_facts'] : []),
		...(inventsOffer(texts) ? ['offer_not_in_facts'] : []),
		...(inventsWayOfPaying(texts) ? ['payment_way_not_in_facts'] : []),
	];
}

function contradicts({ draft, source }: GuardTexts): boolean {
	const told = draft.once(toldClauses, readTold);
	if (told.length === 0) return false;
	const parts = source.gather(statements, readStatements).map(({ value }) => value);
	const given = parts.flatMap(({ clauses }) => clauses);
	const denials = parts.flatMap((part) => part.denials);
	return told.some(({ clause, words, denies }) => {
		if (words.length === 0) return false;
		if (!denies) {
			return denials.some((denied) => holds(words, denied) && !given.some((other) => affirms(other, denied)));
		}
		const isPlain = DENIES_EXISTENCE.test(clause) || (words.length > 1 && DENIES_VERB.test(clause));
		if (!isPlain || PROMISED.test(clause) || words.length > MAX_DENIED_WORDS) return false;
		return (
			given.some((other) => affirms(other, words)) &&
			!given.some((other) => deniesSomething(other) && words.some((one) => holds(wordsOf(other), [one])))
		);
	});
}

/** A clause in which a draft states something. */
interface ToldClause {
	readonly clause: string;
	readonly words: readonly string[];
	readonly denies: boolean;
}

const toldClauses = new WeakMap<GuardText, readonly ToldClause[]>();

function readTold({ sentences }: GuardText): readonly ToldClause[] {
	return sentences
		.filter((sentence) => !sentence.endsWith('?') && !UNCERTAIN.test(sentence) && !CONDITIONAL.test(sentence))
		.flatMap(clausesOf)
		.map((clause) => ({ clause, words: wordsOf(clause), denies: deniesSomething(clause) }));
}

interface Statements {
	readonly clauses: readonly string[];
	/** Telling words of the short clauses that deny something. */
	readonly denials: ReadonlyArray<readonly string[]>;
}

const statements = new WeakMap<GuardText, Statements>();

function readStatements({ sentences }: GuardText): Statements {
	const clauses = sentences.filter((sentence) => !sentence.endsWith('?')).flatMap(clausesOf);
	const denials = clauses
		.filter((clause) => deniesSomething(clause) && !CONDITIONAL.test(clause))
		.map(wordsOf)
		.filter((words) => words.length > 0 && words.length <= MAX_DENIED_WORDS);
	return { clauses, denials };
}

/** True when a clause of the sources says something positive with all these words. */
function affirms(clause: string, words: readonly string[]): boolean {
	return !deniesSomething(clause) && holds(wordsOf(clause), words);
}

function holds(words: readonly string[], wanted: readonly string[]): boolean {
	return wanted.every((one) => words.some((other) => sameWord(one, other)));
}

const OFFER = word(terms.offer);
const MAX_OFFER_WORDS = 3;
/** With hardly any facts nothing can be said about what is missing in them. */
const MIN_SOURCE_CHARS = 60;

const ONLY = word('(?:только|лишь|исключительно|тек|ғана)(?!\\p{L})');

const GENERIC = new Set(terms.generic.flatMap((written) => contentWords(written).folded));

function wordsOf(clause: string): readonly string[] {
	return [...new Set(contentWords(clause).folded)].filter((one) => !GENERIC.has(one) && !/^\d/u.test(one));
}

function inventsWayOfPaying({ draft, source }: GuardTexts): boolean {
	return draft.sentences.some(
		(sentence) =>
			PAYING.test(sentence) &&
			!sentence.endsWith('?') &&
			!UNCERTAIN.test(sentence) &&
			!deniesSomething(sentence) &&
			(WAYS.some((way) => way.draft.test(sentence) && !way.source.test(source.plain)) ||
				(ONLY.test(sentence) && namesOneWayOfSeveral(sentence, source.plain))),
	);
}

/**
 * True when the draft says that the business has or does something that no text of it mentions with any word.
 * Compared within one language only: "парковка" and "тұрақ" share no letters.
 */
function inventsOffer({ draft, source }: GuardTexts): boolean {
	if (source.plain.length < MIN_SOURCE_CHARS) return false;
	let known: ReadonlySet<string> | null = null;
	return draft.sentences.some((sentence) => {
		if (sentence.endsWith('?') || UNCERTAIN.test(sentence) || CONDITIONAL.test(sentence) || deniesSomething(sentence))
			return false;
		if (isKazakh(sentence) !== isKazakh(source.plain)) return false;
		return clausesOf(sentence).some((clause) => {
			if (!OFFER.test(clause)) return false;
			const words = wordsOf(clause);
			if (words.length === 0 || words.length > MAX_OFFER_WORDS) return false;
			known ??= new Set(wordsOf(source.plain));
			return !words.some(
				(one) => known !== null && (known.has(one) || [...known].some((other) => sameWord(one, other))),
			);
		});
	});
}

function isKazakh(text: string): boolean {
	return (text.match(/[әіңғүұқөһ]/gu) ?? []).length > text.length / 60;
}

/** "Только наличными" where the business takes more than that. */
function namesOneWayOfSeveral(sentence: string, source: string): boolean {
	const told = WAYS.filter((way) => way.draft.test(sentence)).length;
	return told > 0 && WAYS.filter((way) => way.source.test(source)).length > told;
}
