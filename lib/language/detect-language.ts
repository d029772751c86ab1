/**
 * Which language a short customer message is in, without a model.
 *
 * A trained classifier names the language; short lists of frequent words, folded, tell how strongly each language
 * speaks, because one Kazakh message in six has no Kazakh letter and some are in Latin (LANGUAGE_FACTS, November 2026).
 * Words that both languages share ("маникюр", "WhatsApp", numbers) are no evidence.
 */
import type { ReplyLanguage, TextLanguage } from '../item/turn-item';
import { foldWord, rawWords } from './fold-text';
import { spokenLanguages } from './language-classifier';
import words from './language-words.json';

export interface LanguageEvidence {
	readonly ru: number;
	readonly kk: number;
	readonly en: number;
}

const KAZAKH_LETTERS = /[әіңғүұқөһ]/u;
const KK_WORDS = new Set(words.kk.map(foldWord));
const RU_WORDS = new Set(words.ru.map(foldWord));
const EN_WORDS = new Set(words.en);
/** Endings on folded words that the other language does not share; weak evidence, for words outside the lists. */
const KK_ENDING =
	/.{3,}(?:ингиз|ингизши|ласиз|лесиз|асиз|есиз|асиздар|есиздер|аимин|еимин|дики|тики|лари|лери|ларди|лерди|дин|нин|тин|ган|ген|кан|кен|сам|сем|уге|уга|гим|ким)$/u;
const RU_ENDING =
	/.{2,}(?:ете|ите|аете|уете|ого|его|ому|ему|ими|ами|ая|яя|ою|ую|ние|ния|нию|ция|ции|ить|ать|ишь|ешь|ила|ала|ился|аюсь|юсь|ться|шие|иваю|уйте|аите)$/u;
/** Spelling that only Russian words have; seen before folding, which drops it. */
const RU_SPELLING = /(?:ться|ть$|ешь$|ишь$|щ|ъ|ё|сь$)/u;

/** Weights per language; all zero when nothing speaks for any ("маникюр", "+", emoji). */
export function languageEvidence(text: string): LanguageEvidence {
	const score = { ru: 0, kk: 0, en: 0 };
	for (const raw of rawWords(text)) {
		if (/^\p{N}+$/u.test(raw)) continue;
		if (KAZAKH_LETTERS.test(raw)) {
			score.kk += 2;
			continue;
		}
		const isLatin = /^[a-z]+$/u.test(raw);
		if (isLatin && EN_WORDS.has(raw)) score.en += 1;
		const folded = foldWord(raw);
		const isKazakh = KK_WORDS.has(folded);
		const isRussian = RU_WORDS.has(folded) && !(isLatin && folded.length < 3);
		if (isKazakh) score.kk += isRussian ? 0.25 : 1;
		if (isRussian) score.ru += isKazakh ? 0.25 : 1;
		if (isKazakh || isRussian) continue;
		if (!isLatin && RU_SPELLING.test(raw)) score.ru += 0.75;
		else if (KK_ENDING.test(folded)) score.kk += 0.5;
		else if (RU_ENDING.test(folded)) score.ru += 0.5;
	}
	return score;
}

/** Language of a text. Without any evidence: `en` for plain Latin words, otherwise `ru` (the more frequent). */
export function detectLanguage(text: string): TextLanguage {
	const words = rawWords(text).filter((word) => !/^\p{N}+$/u.test(word));
	if (words.length === 0) return 'ru';
	const [language = 'ru', other] = spokenLanguages(text);
	return other === undefined ? language : 'mixed';
}

/**
 * Language to answer in: that of this message when it says anything about language, else the conversation's, else the
 * fallback. In a mixed message the stronger language wins; a tie keeps the conversation's, and
 * at the beginning of one is answered in Kazakh: Kazakh speakers use Russian words far more often than the reverse.
 *
 * @param previous language of the last reply, null at the beginning
 */
export function replyLanguage(text: string, previous: ReplyLanguage | null, fallback: ReplyLanguage): ReplyLanguage {
	const { ru, kk, en } = languageEvidence(text);
	if (en > ru && en > kk) return previous ?? fallback;
	if (ru === 0 && kk === 0) return previous ?? fallback;
	const detected = detectLanguage(text);
	if (detected === 'ru' || detected === 'kk') return detected;
	if (ru === kk) return previous ?? (kk >= 1 ? 'kk' : fallback);
	return kk > ru ? 'kk' : 'ru';
}

/** True for a folded word of the frequent-word lists: it names nothing in particular. */
export function isCommonWord(foldedWord: string): boolean {
	return KK_WORDS.has(foldedWord) || RU_WORDS.has(foldedWord);
}
