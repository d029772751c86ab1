/**
 * The trained part of language detection: which languages carry meaning in a message. A message in two languages is an
 * example of both, so "mixed" needs no label of its own.
 */
import { trainClassifier, type LabelledMessage, type LocalClassifier } from '../classify/local-classifier';
import { packClassifier, unpackClassifier, type PackedClassifier } from '../classify/packed-classifier';
import { foldWord, rawWords } from './fold-text';
import model from './language-model.json';
import words from './language-words.json';
import { remembered } from './remembered';

export type SpokenLanguage = 'ru' | 'kk' | 'en';

const KAZAKH_LETTERS = /[әіңғүұқөһ]/u;
const KAZAKH_TO_RUSSIAN: Readonly<Record<string, string>> = {
	ә: 'а',
	і: 'и',
	ң: 'н',
	ғ: 'г',
	ү: 'у',
	ұ: 'у',
	қ: 'к',
	ө: 'о',
	һ: 'х',
};
/** Endings and letters that Russian words have and Kazakh ones hardly. */
const RUSSIAN_SPELLING = /(?:ться|ть$|ешь$|ишь$|щ|ъ|ё|сь$|ого$|его$|ами$|ями$|ете$|ите$|ую$|ая$|ые$|ый$|ой$)/u;
const KK_WORDS = new Set(words.kk.map(foldWord));
const RU_WORDS = new Set(words.ru.map(foldWord));
const EN_WORDS = new Set(words.en);
/** Counts above this say nothing more. */
const MAX_COUNT = 3;
/** From this probability on a language carries meaning beside another one; measured by cross-validation, November 2026. */
const CARRIES_FROM = 0.45;

/** A turn asks for the language of its text twice, and each turn for that of the reply before. */
const REMEMBERED_TEXTS = 200;
const MAX_REMEMBERED_CHARS = 1_000;

let unpacked: LocalClassifier | null = null;

/** Languages of a text that holds words, the stronger one first; two of them only when both carry meaning. */
export const spokenLanguages: (text: string) => readonly SpokenLanguage[] = remembered(
	readLanguages,
	REMEMBERED_TEXTS,
	MAX_REMEMBERED_CHARS,
);

function readLanguages(text: string): readonly SpokenLanguage[] {
	unpacked ??= unpackClassifier(model);
	const ranked = unpacked.classify(text, languageSignals(text));
	const [first] = ranked;
	if (first?.label === 'en') return ['en'];
	const both = ranked
		.filter((entry) => entry.label === 'ru' || entry.label === 'kk')
		.sort((a, b) => b.present - a.present);
	const [stronger, weaker] = both;
	const languages = stronger === undefined ? ['ru'] : [stronger.label];
	if (weaker !== undefined && weaker.present >= CARRIES_FROM) languages.push(weaker.label);
	return languages as readonly SpokenLanguage[];
}

/** Messages to train on: `language` is ru, kk, en or mixed (Russian and Kazakh). */
export function trainLanguages(
	examples: readonly { readonly text: string; readonly language: string }[],
): PackedClassifier {
	const messages = examples.flatMap(({ text, language }) => {
		const labels = language === 'mixed' ? ['kk', 'ru'] : [language];
		const spellings = language === 'kk' ? [...new Set([text, withoutKazakhLetters(text)])] : [text];
		return spellings.map((spelling): LabelledMessage => ({
			text: spelling,
			labels,
			signals: languageSignals(spelling),
		}));
	});
	return packClassifier(trainClassifier(messages));
}

/** As people without a Kazakh keyboard type it. */
function withoutKazakhLetters(text: string): string {
	return text.toLowerCase().replace(/[әіңғүұқөһ]/gu, (letter) => KAZAKH_TO_RUSSIAN[letter] ?? letter);
}

/** What the spelling says, which folding drops, and which frequent words occur. */
function languageSignals(text: string): readonly string[] {
	const raw = rawWords(text).filter((word) => !/\p{N}/u.test(word));
	const folded = raw.map(foldWord);
	const count = (holds: (word: string, folded: string) => boolean): number =>
		raw.filter((word, index) => holds(word, folded[index] ?? '')).length;
	const isKazakh = (word: string): boolean => KAZAKH_LETTERS.test(word);
	const isRussianWord = (word: string, fold: string): boolean =>
		RU_WORDS.has(fold) && !KK_WORDS.has(fold) && !/^[a-z]{1,2}$/u.test(word);
	const kazakh = count(isKazakh);
	const russian = count(isRussianWord);
	const latin = count((word) => /^[a-z]+$/u.test(word));
	return [
		...upTo('letters', kazakh),
		...upTo(
			'kazakh',
			count((_, fold) => KK_WORDS.has(fold) && !RU_WORDS.has(fold)),
		),
		...upTo('russian', russian),
		...upTo(
			'spelling',
			count((word) => RUSSIAN_SPELLING.test(word) && !isKazakh(word)),
		),
		...upTo(
			'english',
			count((word) => EN_WORDS.has(word)),
		),
		...(latin === 0 ? [] : [latin === raw.length ? 'latin' : 'latin-in-cyrillic']),
		...(kazakh > 0 && russian > 0 ? ['letters+russian'] : []),
		...(kazakh > 0 && kazakh === raw.length ? ['only-letters'] : []),
		...(latin === 0 && kazakh === 0 ? ['no-letters'] : []),
	];
}

function upTo(name: string, count: number): readonly string[] {
	return Array.from({ length: Math.min(MAX_COUNT, count) }, (_, index) => `${name}:${index + 1}`);
}
