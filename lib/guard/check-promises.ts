import { foldWord, foldWords } from '../language/fold-text';
import { isDenied } from './clauses';
import type { GuardTexts } from './guard-text';
import words from './promises.json';

const LEFT = '(?<![\\p{L}\\p{N}])';
type Kind = readonly RegExp[];
const compile = (kinds: readonly (readonly string[])[]): readonly Kind[] =>
	kinds.map((sources) => sources.map((source) => new RegExp(`${LEFT}(?:${source})`, 'u')));

const DISCOUNTS = compile(words.discount);
const RESULTS = compile(words.result);
const COMMON = new Set(words.common.map(foldWord));
/** "узнаю про скидку", "уточните у администратора": nothing is promised either. */
const UNCERTAIN = new RegExp(
	`${LEFT}(?:уточн\\p{L}+|не знаю|не могу (?:обещать|гарантировать)|нет (?:точных )?(?:сведений|информации|данных)|нақтыла\\p{L}*|мәлімет(?:ім)? жоқ|білмеймі[нз])`,
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
export function promiseViolations({ draft, source }: GuardTexts): string[] {
	const isBroken = (kinds: readonly Kind[]): boolean =>
		draft.sentences.some(
			(sentence) =>
				!UNCERTAIN.test(sentence) &&
				kinds.some((kind) => promises(sentence, kind) && !isGiven(sentence, kind, source.sentences)),
		);
	return [
		...(isBroken(DISCOUNTS) ? ['discount_not_in_facts'] : []),
		...(isBroken(RESULTS) ? ['promise_not_in_facts'] : []),
	];
}

/** True when a sentence promises, without denying it in the same clause and without asking about it. */
function promises(sentence: string, kind: Kind): boolean {
	return kind.some((pattern) => {
		const match = pattern.exec(sentence);
		// "без побочных эффектов" is a promise though it denies something.
		return match !== null && (/^(?:без|никаких) /u.test(match[0]) || !isDenied(sentence, match.index));
	});
}

function isGiven(sentence: string, kind: Kind, sources: readonly string[]): boolean {
	const own = contentStems(sentence, kind);
	return sources.some((source, index) => {
		if (!promises(source, kind)) return false;
		if (own.size === 0) return true;
		const theirs = contentStems(source, kind);
		// A bare "скидка 10%" takes its subject from the heading or sentence beside it.
		const near =
			theirs.size > 0 ? theirs : contentStems(`${sources[index - 1] ?? ''} ${sources[index + 1] ?? ''}`, kind);
		return [...own].some((stem) => near.has(stem));
	});
}

function contentStems(text: string, kind: Kind): Set<string> {
	const rest = kind.reduce((left, pattern) => left.replace(new RegExp(pattern.source, 'gu'), ' '), text);
	return new Set(
		foldWords(rest)
			.filter((word) => word.length >= MIN_CONTENT_LETTERS && /\p{L}/u.test(word) && !COMMON.has(word))
			.map((word) => word.slice(0, STEM_LETTERS)),
	);
}
