import { foldWords } from '../language/fold-text';
import { sentencesOf } from './plain-text';

const LEFT = '(?<![\\p{L}\\p{N}])';

/** Words that promise money off. The same stem must stand in the business's texts, about the same thing. */
const PROMISES: readonly RegExp[] = [
	new RegExp(`${LEFT}(?:скидк|скидоч|дисконт|жеңілдік|женилдик)\\p{L}*`, 'u'),
	new RegExp(`${LEFT}(?:бесплатн|даром|безвозмездн|тегін|тегин|за наш счет)\\p{L}*`, 'u'),
	new RegExp(`${LEFT}(?:в подарок|подарим|подарю|подарочн|сыйға|сыйлық|сыйлай)\\p{L}*`, 'u'),
	new RegExp(`${LEFT}(?:акци[яиюей]|бонус|кешбэк|кэшбэк|промокод)\\p{L}*`, 'u'),
	new RegExp(
		`${LEFT}(?:пол-?цены|вдвое дешевле|в два раза дешевле|дешевле (?:на|для вас)|уступлю|уступим|жарты(?:лай)? баға)\\p{L}*`,
		'u',
	),
	new RegExp(`${LEFT}(?:рассрочк|бөліп төлеу)\\p{L}*`, 'u'),
];
/** "скидок нет", "без скидки", "не предоставляем", "жеңілдік жоқ": telling that there is none promises nothing. */
const DENIAL = new RegExp(
	`${LEFT}(?:нет|не|без|никак\\p{L}*|жоқ|емес|\\p{L}+м(?:айды|ейді|аймыз|ейміз))(?![\\p{L}\\p{N}])`,
	'u',
);
/** "узнаю про скидку", "уточните у администратора": nothing is promised either. */
const UNCERTAIN = new RegExp(
	`${LEFT}(?:уточн\\p{L}+|не знаю|нет (?:точных )?(?:сведений|информации|данных)|нақтыла\\p{L}*|мәлімет(?:ім)? жоқ)`,
	'u',
);

/** Letters of a word compared between draft and source: endings differ, the beginning does not. */
const STEM_LETTERS = 5;
const MIN_CONTENT_LETTERS = 4;

/**
 * Finds a promised discount, gift or free service that the business's texts do not give.
 *
 * A promise is given when a sentence of the sources has the same kind of promise and shares a content word with the
 * draft's sentence (or the draft's sentence has no other content word).
 *
 * @param draft   plain text (see `plainText`)
 * @param sources plain texts of facts and retrieved chunks
 * @returns `['discount_not_in_facts']` or an empty list
 */
export function discountViolations(draft: string, sources: readonly string[]): string[] {
	const sourceSentences = sources.flatMap(sentencesOf);
	for (const sentence of sentencesOf(draft)) {
		if (UNCERTAIN.test(sentence)) continue;
		for (const promise of PROMISES) {
			const match = promise.exec(sentence);
			if (match === null || isDenied(sentence, match)) continue;
			const given = sourceSentences.filter((source) => {
				const said = promise.exec(source);
				return said !== null && !isDenied(source, said);
			});
			if (!given.some((source) => sharesContent(sentence, source, promise))) return ['discount_not_in_facts'];
		}
	}
	return [];
}

/** Only a denial in the promise's own clause counts: "не переживайте, скидка есть" is a promise. */
function isDenied(sentence: string, match: RegExpExecArray): boolean {
	const start = Math.max(...[',', ';', ' - ', ' но ', ' а '].map((mark) => sentence.lastIndexOf(mark, match.index)));
	const rest = sentence.slice(match.index);
	const ends = [',', ';', ' но ', ' а '].map((mark) => rest.indexOf(mark)).filter((at) => at >= 0);
	const clause = sentence.slice(
		Math.max(0, start),
		match.index + (ends.length === 0 ? rest.length : Math.min(...ends)),
	);
	return DENIAL.test(clause);
}

function sharesContent(sentence: string, source: string, promise: RegExp): boolean {
	const own = contentStems(sentence, promise);
	if (own.size === 0) return true;
	const theirs = contentStems(source, promise);
	return [...own].some((stem) => theirs.has(stem));
}

function contentStems(text: string, promise: RegExp): Set<string> {
	const rest = text.replace(new RegExp(promise.source, 'gu'), ' ');
	return new Set(
		foldWords(rest)
			.filter((word) => word.length >= MIN_CONTENT_LETTERS && /\p{L}/u.test(word))
			.map((word) => word.slice(0, STEM_LETTERS)),
	);
}

const STREET_BEFORE = new RegExp(
	`${LEFT}(?:ул\\.?|улиц\\p{L}*|просп\\p{L}*\\.?|пр-т\\p{L}*|пр\\.|мкр\\.?|микрорайон\\p{L}*|бульвар\\p{L}*|переул\\p{L}*)\\s+([\\p{L}-]{3,}(?:\\s[\\p{L}-]{4,})?)[, ]+(?:д\\.?\\s?|дом\\s)?(\\d+\\p{L}?)`,
	'gu',
);
const STREET_AFTER = new RegExp(
	`${LEFT}([\\p{L}-]{3,})\\s(?:көшес\\p{L}*|даңғыл\\p{L}*|ықшамаудан\\p{L}*|шағынаудан\\p{L}*)[, ]+(\\d+\\p{L}?)`,
	'gu',
);

/** Least letters of a street's name that are compared: "Абай көшесі" and "ул. Абая" are one street. */
const MIN_STREET_LETTERS = 3;

/** True when the draft names a street and house that no source names. */
export function inventedAddress(draft: string, sources: readonly string[]): boolean {
	const known = sources.map((text) => ({ words: foldWords(text), text }));
	return [...draft.matchAll(STREET_BEFORE), ...draft.matchAll(STREET_AFTER)].some(([, street = '', house = '']) => {
		const wanted = foldWords(street).map((word) =>
			word.slice(0, Math.max(MIN_STREET_LETTERS, Math.min(STEM_LETTERS, word.length - 1))),
		);
		const number = new RegExp(`(?<![\\p{L}\\p{N}])${house}(?![\\p{L}\\p{N}])`, 'u');
		return !known.some(
			({ words, text }) => wanted.every((part) => words.some((word) => word.startsWith(part))) && number.test(text),
		);
	});
}
