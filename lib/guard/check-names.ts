import { foldWords } from '../language/fold-text';
import type { GuardText, GuardTexts } from './guard-text';
import places from './places.json';
import { sameWord } from './content-words';

const QUOTED = '[«"„“]([^«»"„“”\\n]{2,60})[»"”“]';
const CAPITAL = '\\p{Lu}[\\p{L}\\p{N}&.-]{1,30}';
/** Each alternative also with a capital at its beginning. */
const flexible = (source: string): string =>
	source.replace(/(^|\|)(\p{Ll})/gu, (_, before: string, first: string) => `${before}[${first}${first.toUpperCase()}]`);

/** "салон «Мира»", "клиника Dent", "бренд Luxio": a business or brand by name. */
const BUSINESS = new RegExp(
	`(?<![\\p{L}\\p{N}])(?:${flexible(places.business)})(?: [\\p{Ll}]{3,20}){0,2}? ?(?:${QUOTED}|(${CAPITAL}(?: ${CAPITAL}){0,2}))`,
	'gu',
);
const STAFF = new RegExp(
	`(?<![\\p{L}\\p{N}])(?:${flexible(places.staff)}|${flexible(places.people)})(?: -)? (?:по имени )?(?:${QUOTED}|(${CAPITAL}(?: ${CAPITAL})?))(?![\\p{L}])`,
	'gu',
);
const LANDMARK = new RegExp(
	`(?<![\\p{L}\\p{N}])(?:${flexible(places.landmarks)}|${flexible(places.beside)})(?: [\\p{Ll}]{3,20}){0,1}? ?(?:${QUOTED}|(${CAPITAL}(?: ${CAPITAL})?))`,
	'gu',
);
/** "Tez Tour", "Wolt": a Latin word with a capital; words all in capitals ("VIP", "UV") are terms. */
const LATIN_BRAND =
	/(?<![\p{L}\p{N}@./-])((?!(?:I|We|You|The|My)(?![a-z]))[A-Z][a-z]{2,24}(?: [A-Z][a-z]{2,24}){0,2})(?![\p{L}\p{N}@/-]|\.\p{L})/gu;
const ANY_QUOTED = new RegExp(QUOTED, 'gu');
/** Quotation marks around a word to type or a button are no names. */
const TYPED_BEFORE =
	/(?:напиш|нажм|кнопк|слов|раздел|пункт|вкладк|фраз|введ|отправ|команд|ответ|код|батырма|жаз|деп)[\p{L}]* ?(?:на |в |с )?$/iu;
const KNOWN = places.known;

/**
 * Finds another business, brand, landmark or member of staff that no text of this business (and not the customer) names.
 *
 * Names are recognised by capitals and quotation marks beside a word for their kind, so that ordinary words are never
 * taken for them.
 *
 * @param names  further names that may be used: of the client, of the customer
 * @returns `foreign_name` for businesses and people, `address_not_in_facts` for landmarks
 */
export function nameViolations({ draft, source, customer }: GuardTexts, names: readonly string[]): string[] {
	const { named, landmarks } = draft.once(namesOf, readNames);
	if (named.length === 0 && landmarks.length === 0) return [];
	const words = new Set(foldWords([source.plain, customer.plain, ...names, ...KNOWN].join(' ')));
	const isForeign = (name: string): boolean =>
		foldWords(name)
			.filter((word) => word.length > 1)
			.some((word) => !words.has(word) && ![...words].some((known) => sameWord(word, known)));
	return [
		...(named.some(isForeign) ? ['foreign_name'] : []),
		...(landmarks.some(isForeign) ? ['address_not_in_facts'] : []),
	];
}

interface Names {
	/** Of businesses, brands and people. */
	readonly named: readonly string[];
	readonly landmarks: readonly string[];
}

const namesOf = new WeakMap<GuardText, Names>();

function readNames({ cased }: GuardText): Names {
	const named = [
		...cased.matchAll(BUSINESS),
		...cased.matchAll(STAFF),
		...cased.matchAll(LATIN_BRAND),
		...quotedNames(cased),
	];
	return { named: named.map(nameOf), landmarks: [...cased.matchAll(LANDMARK)].map(nameOf) };
}

function nameOf(match: RegExpExecArray): string {
	return match[1] ?? match[2] ?? '';
}

/** Names in quotation marks wherever they stand; only with a capital, because «на вы» is none. */
function quotedNames(text: string): RegExpExecArray[] {
	return [...text.matchAll(ANY_QUOTED)].filter(
		(match) =>
			/^\p{Lu}/u.test(match[1] ?? '') && !TYPED_BEFORE.test(text.slice(Math.max(0, match.index - 24), match.index)),
	);
}
