import { foldWord, foldWords } from '../language/fold-text';
import { clauseAround, isDenied } from './clauses';
import type { GuardTexts } from './guard-text';
import { contentWords, sameWord } from './content-words';
import words from './promises.json';

const LEFT = '(?<![\\p{L}\\p{N}])';
type Kind = readonly RegExp[];
const compile = (kinds: readonly (readonly string[])[]): readonly Kind[] =>
	kinds.map((sources) => sources.map((source) => new RegExp(`${LEFT}(?:${source})`, 'u')));

const DISCOUNTS = compile(words.discount);
const RESULTS = compile(words.result);
const alone = (sources: readonly string[]): readonly RegExp[] =>
	sources.map((source) => new RegExp(`${LEFT}(?:${source})`, 'u'));
const URGENCIES = alone(words.urgency);
const BOASTS = alone(words.boasts);
const INCLUDED = new RegExp(`${LEFT}(?:${words.included})`, 'u');
/** "Только сегодня" presses a customer only where a price or an offer is named. */
const PRICE = /цен[аыуе]|скид|акци|предложен|₸|тенге|теңге|баға|жеңілдік/u;
/** Letters of a boast that a source must hold. */
const BOAST_LETTERS = 6;
const COMMON = new Set(words.common.map(foldWord));
const CONDITION = new RegExp(`${LEFT}(?:${words.conditions})`, 'u');
const QUALIFIERS = words.qualifiers.map((stem) => new RegExp(`${LEFT}(?:${stem})`, 'u'));
/** "узнаю про скидку", "уточните у администратора": nothing is promised either. */
const UNCERTAIN = new RegExp(
	`${LEFT}(?:уточн\\p{L}+|не знаю|не могу (?:обещать|гарантировать)|нет (?:точных )?(?:сведений|информации|данных)|нақтыла\\p{L}*|мәлімет(?:ім)? жоқ|білмеймі[нз])`,
	'u',
);

/** A promise to this customer, not a rule of the house. */
const PERSONAL = new RegExp(
	`${LEFT}(?:для вас|вам|сізге|сделаем|сделаю|дадим|дам|дарим|подарим|жасаймыз|жасап|береміз|беремін)(?!\\p{L})`,
	'u',
);

/** Letters of a word compared between draft and source: endings differ, the beginning does not. */
const STEM_LETTERS = 5;
const MIN_CONTENT_LETTERS = 4;

/**
 * Finds a promised discount, gift, special condition or result that the business's texts do not give.
 *
 * A promise is given when a sentence of the sources has the same kind of promise and shares a content word with the
 * draft's sentence (or the draft's sentence has no other content word).
 *
 * @returns `discount_not_in_facts`, `promise_not_in_facts`
 */
export function promiseViolations({ draft, source, customer }: GuardTexts): string[] {
	const isBroken = (kinds: readonly Kind[]): boolean =>
		draft.sentences.some(
			(sentence, index) =>
				!UNCERTAIN.test(sentence) &&
				kinds.some(
					(kind) =>
						promises(sentence, kind) &&
						!isGiven(
							sentence,
							`${sentence} ${draft.sentences[index + 1] ?? ''} ${customer.plain}`,
							kind,
							source.sentences,
						),
				),
		);
	const isBoasting = (patterns: readonly RegExp[], about?: RegExp): boolean =>
		draft.sentences.some(
			(sentence) =>
				!sentence.endsWith('?') &&
				about?.test(sentence) !== false &&
				patterns.some(
					(pattern) =>
						promises(sentence, [pattern]) && !source.sentences.some((given) => sameBoast(pattern, sentence, given)),
				),
		);
	const addsFree = draft.sentences.some((sentence) => includesMore(sentence, source.sentences));
	return [
		...(isBroken(DISCOUNTS) || isBoasting(URGENCIES, PRICE) || addsFree ? ['discount_not_in_facts'] : []),
		...(isBroken(RESULTS) || isBoasting(BOASTS) ? ['promise_not_in_facts'] : []),
	];
}

/** A boast is given when a source holds the same words. */
function sameBoast(pattern: RegExp, sentence: string, given: string): boolean {
	return given.includes((pattern.exec(sentence)?.[0] ?? '').slice(0, BOAST_LETTERS));
}

/** "Снятие входит в цену": some sentence of the sources has to tie the same things together. */
function includesMore(sentence: string, sources: readonly string[]): boolean {
	const match = INCLUDED.exec(sentence);
	if (match === null || isDenied(sentence, match.index) || sentence.endsWith('?') || UNCERTAIN.test(sentence))
		return false;
	const words = [...new Set(contentWords(clauseAround(sentence, match.index).replace(INCLUDED, ' ')).folded)];
	if (words.length === 0) return false;
	const comparable = sources.filter((source) => isKazakh(source) === isKazakh(sentence));
	if (comparable.length === 0) return false;
	return !comparable.some((source) => {
		const theirs = contentWords(source).folded;
		const shared = words.filter((word) => theirs.some((other) => sameWord(word, other))).length;
		return shared >= 2 || (shared === 1 && INCLUDED.test(source));
	});
}

/** True when a sentence promises, without denying it in the same clause and without asking about it. */
function promises(sentence: string, kind: Kind): boolean {
	return kind.some((pattern) => {
		const match = pattern.exec(sentence);
		// "без побочных эффектов" is a promise though it denies something.
		return (
			match !== null &&
			(/^(?:без|никаких|не|противопоказаний) ?|^ауыртпай/u.test(match[0]) || !isDenied(sentence, match.index))
		);
	});
}

/**
 * A source gives a promise when it makes the same kind about the same thing, for the same people and not on a condition
 * that the draft leaves out. A promise that the sources make in the other language only cannot be compared by its words.
 */
function isGiven(sentence: string, near: string, kind: Kind, sources: readonly string[]): boolean {
	const own = contentStems(sentence, kind);
	const given = sources.flatMap((source, index) => (promises(source, kind) ? [{ source, index }] : []));
	// A figure beside the promise ("от 8 000", "7 дней") tells its condition too; figures have checks of their own.
	const isConditional = CONDITION.test(near) || /\d(?![\d.,]* ?(?:%|процент|пайыз))/u.test(sentence);
	const inLanguage = given.filter(({ source }) => isKazakh(source) === isKazakh(sentence));
	const comparable = inLanguage.length > 0 ? inLanguage : given;
	return comparable.some(({ source, index }) => {
		if (!isConditional && CONDITION.test(clauseAround(source, promiseAt(source, kind)))) return false;
		if (inLanguage.length === 0) return sharesName(sentence, source) || !PERSONAL.test(sentence);
		if (QUALIFIERS.some((qualifier) => qualifier.test(sentence) && !qualifier.test(source))) return false;
		if (own.size === 0) return true;
		const theirs = contentStems(source, kind);
		// A bare "скидка 10%" takes its subject from the heading or sentence beside it.
		const near =
			theirs.size > 0 ? theirs : contentStems(`${sources[index - 1] ?? ''} ${sources[index + 1] ?? ''}`, kind);
		return [...own].some((stem) => near.has(stem));
	});
}

/** Names of services that both languages share, or that the price words put into one form. */
function sharesName(sentence: string, source: string): boolean {
	const theirs = contentWords(source).folded;
	return contentWords(sentence).folded.some((word) => theirs.includes(word));
}

function promiseAt(source: string, kind: Kind): number {
	return Math.max(0, ...kind.map((pattern) => pattern.exec(source)?.index ?? 0));
}

function isKazakh(sentence: string): boolean {
	return /[әіңғүұқөһ]/u.test(sentence);
}

function contentStems(text: string, kind: Kind): Set<string> {
	const rest = kind.reduce((left, pattern) => left.replace(new RegExp(pattern.source, 'gu'), ' '), text);
	return new Set(
		foldWords(rest)
			.filter((word) => word.length >= MIN_CONTENT_LETTERS && /\p{L}/u.test(word) && !COMMON.has(word))
			.map((word) => word.slice(0, STEM_LETTERS)),
	);
}
