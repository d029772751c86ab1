import type { ReplyLanguage } from '../item/turn-item';
import { languageEvidence } from '../language/detect-language';
import type { GuardTexts } from './guard-text';

export interface FormLimits {
	/** Longest reply; messengers fold longer texts. */
	readonly maxChars?: number;
	/** Most sentences of running text; lines of a list and lines with a price do not count. */
	readonly maxSentences?: number;
}

const DEFAULT_MAX_CHARS = 1_500;
const DEFAULT_MAX_SENTENCES = 14;
/** Evidence that a text must give for the wrong language, and how much stronger it must be than for the right one. */
const MIN_EVIDENCE = 3;
const MIN_RATIO = 3;
const MIN_WORDS = 4;

/**
 * Whether a draft is a short message in the language asked for.
 *
 * @param written  as it is sent
 * @param language null: any language will do
 * @returns `wrong_language`, `too_long`
 */
export function formViolations(
	written: string,
	texts: GuardTexts,
	language: ReplyLanguage | null,
	limits: FormLimits,
): string[] {
	return [
		...(language !== null && isOtherLanguage(texts, language) ? ['wrong_language'] : []),
		...(written.length > (limits.maxChars ?? DEFAULT_MAX_CHARS) ||
		runningSentences(texts) > (limits.maxSentences ?? DEFAULT_MAX_SENTENCES)
			? ['too_long']
			: []),
	];
}

/** Names of services and quotations are left out: "Қызмет: «Маникюр с покрытием»" is Kazakh. */
function isOtherLanguage({ draft, source }: GuardTexts, language: ReplyLanguage): boolean {
	const text = draft.quantities.rest
		.split('\n')
		.filter((line) => !/^\s*(?:[•–-]|\d{1,2}[.)])/u.test(line))
		.join('\n')
		.replace(/[«"][^»"\n]{1,80}[»"]/gu, ' ');
	if ((text.match(/\p{L}{2,}/gu) ?? []).length < MIN_WORDS) return false;
	const evidence = languageEvidence(text);
	const wanted = evidence[language];
	const other = language === 'ru' ? evidence.kk : evidence.ru;
	if (other >= MIN_EVIDENCE && other >= wanted * MIN_RATIO) return true;
	const latin = (text.match(/\p{Script=Latin}{2,}/gu) ?? []).filter((word) => !source.plain.includes(word));
	const cyrillic = text.match(/\p{Script=Cyrillic}{2,}/gu) ?? [];
	return latin.length >= MIN_WORDS && latin.length > cyrillic.length * 2;
}

function runningSentences({ draft }: GuardTexts): number {
	return draft.sentences.filter(
		(sentence) =>
			!/^(?:[•–-]|\d{1,2}[.)])/u.test(sentence) &&
			!/₸|тг|тенге|теңге/u.test(sentence) &&
			/\p{L}{2}.*\p{L}{2}/u.test(sentence),
	).length;
}
