import { foldWords } from '../language/fold-text';
import { isDenied } from './clauses';
import { sameWord } from './content-words';
import type { GuardText, GuardTexts } from './guard-text';
import places from './places.json';

const LEFT = '(?<![\\p{L}\\p{N}])';
const HOUSE = '(\\d{1,4}(?:[/-]\\d{1,4})?\\p{L}?(?!\\p{L}))';
const STREET_BEFORE = new RegExp(
	`${LEFT}(?:${places.streetBefore})\\s?([\\p{L}-]{3,30}(?:\\s[\\p{L}-]{2,30})?(?:-\\d{1,2})?)[, ]{1,3}(?:д\\.?\\s?|дом\\s|уч\\.?\\s?)?${HOUSE}`,
	'gu',
);
const STREET_AFTER = new RegExp(
	`${LEFT}([\\p{L}-]{3,30}(?:\\s[\\p{L}-]{2,30})?)\\s(?:${places.streetAfter})[, ]{1,3}(?:үй\\s|№\\s?|д\\.?\\s?|дом\\s)?${HOUSE}`,
	'gu',
);
/** "на улице Сейфуллина", "Абай даңғылында": the name alone must be known too. */
const STREET_NAME = new RegExp(
	`${LEFT}(?:ул(?:ица|ице|ицу|ицы)?\\.?|просп(?:ект\\p{L}*)?\\.?|пр-т\\p{L}*|мкр\\.?|микрорайон\\p{L}*|бульвар\\p{L}*)\\s(\\p{L}{4,30})|${LEFT}(\\p{L}{3,30}) (?:көшес|даңғыл|ықшам ?аудан)\\p{L}*`,
	'gu',
);
/** "на Абая 150", "адрес: Достык, 5": a name and a house without a word for street; needs its capital. */
const BARE_STREET =
	/(?:(?<![\p{L}])(?:[Нн]а|[Пп]о|[Аа]дрес\p{L}*|[Мм]екенжай\p{L}*|[Бб]із|[Бб]ізге|[Нн]аходимся|[Жж]дем вас|[Оо]рналасқан\p{L}*|[Пп]ереехали)[: ,]{1,3}(?:г\. ?)?(?:\p{Lu}\p{L}+, )?|(?<=, ))(\p{Lu}[\p{L}-]{2,30}(?: [\p{L}-]{2,20})?),? (?:д\. ?|дом )?(\d{1,4}(?:\/\d{1,4})?)(?![\d:]|\.\d| ?(?:₸|тг|тенге|теңге|тыс|мың|%|мин|час|сағат|года?|лет|дн|человек|[А-Яа-я]{3}))/gu;
/** A line that is nothing but a street and a house. */
const STREET_LINE =
	/(?:^|[.!?]\s|\n)(\p{Lu}[\p{L}-]{2,30}(?: [\p{L}-]{2,20})?),? (\d{1,4}(?:\/\d{1,4})?)[.!]?(?=$|\n)/gu;
const ROOM =
	/(?<![\p{L}\p{N}])(?:(\d{1,4})(?:-?(?:й|ый|ом|м|ші|шы))? ?(этаж(?:е)?|қабат\p{L}*|подъезд(?:е)?|кіреберіс\p{L}*|кабинет(?:е)?|офис(?:е)?|бутик(?:е)?)(?!\p{L})|(этаж|подъезд|офис|оф\.|кабинет|каб\.|кв\.|квартира|бутик|павильон|домофон) ?№? ?(\d{1,4}))/gu;
const ORDINALS: Readonly<Record<string, string>> = {
	перв: '1',
	втор: '2',
	трет: '3',
	четверт: '4',
	пят: '5',
	шест: '6',
	седьм: '7',
	восьм: '8',
	девят: '9',
	десят: '10',
	бірінші: '1',
	екінші: '2',
	үшінші: '3',
	төртінші: '4',
	бесінші: '5',
	алтыншы: '6',
	жетінші: '7',
	сегізінші: '8',
};
const ORDINAL_FLOOR = new RegExp(
	`(?<!\\p{L})(${Object.keys(ORDINALS).join('|')})\\p{L}* (?=этаж(?:е)?(?!\\p{L})|қабат)`,
	'gu',
);
const CITY = new RegExp(`(?<![\\p{L}-])(${places.cities.join('|')})\\p{L}*`, 'gu');
/** Words whose sentence says where the business is, or where it goes. */
const PLACE =
	/(?<!\p{L})(?:адрес|наход|располож|филиал|приезжа|приход|достав|работаем|открыт|ждем|мекенжай|орналас|бөлімше|жеткіз|келіңіз|есть|офис)\p{L}*|(?<!\p{L})(?:мы|біз) /u;

/** Titles inside many names of streets. */
const TITLES = new Set(foldWords('хан хана батыр батыра ата жолы би көшесі проспект улица біз бізге'));

/** Words beside "улица" that name none: "на улице есть парковка". */
const GENERAL = new Set(
	foldWords(
		'есть рядом можно стоит находится города вход парковка тоже прямо тихой соседней центральной одной этой нашей жарық сол осы бір',
	),
);

/** Letters of a street's name that are compared: "Абай көшесі" and "ул. Абая" are one street. */
const MIN_STREET_LETTERS = 3;
const STEM_LETTERS = 5;
/** A house stands this near behind its street. */
const HOUSE_WITHIN_CHARS = 40;

/** Places that a text names. */
interface Places {
	/** The text they were read from: its floors are in digits. */
	readonly text: string;
	readonly streets: readonly House[];
	readonly streetNames: readonly string[];
	readonly rooms: readonly string[];
	readonly cities: ReadonlyArray<{ readonly city: string; readonly at: number }>;
}

const inDigits = new WeakMap<GuardText, string>();
const placesOf = new WeakMap<GuardText, Places>();

/**
 * Finds a street with house, a floor, an office or a city that neither the sources nor the customer name.
 *
 * @returns `['address_not_in_facts']` or an empty list
 */
export function addressViolations({ draft, source, customer }: GuardTexts): string[] {
	const told = draft.once(placesOf, readPlaces);
	const known = source
		.gather(inDigits, ({ plain }) => floorsInDigits(plain))
		.map(({ value }) => value)
		.join('\n\n');
	const isInvented =
		told.streets.some(({ street, house }) => !hasHouse(known, street, house)) ||
		told.streetNames.some((name) => !foldWords(known).some((word) => sameWord(word, name))) ||
		told.rooms.some((room) => !rooms(known).includes(room)) ||
		told.cities.some(
			({ city, at }) =>
				!known.includes(city) &&
				!customer.plain.includes(city) &&
				PLACE.test(sentence(told.text, at)) &&
				!isDenied(told.text, at),
		);
	return isInvented ? ['address_not_in_facts'] : [];
}

function readPlaces({ plain, cased }: GuardText): Places {
	const text = floorsInDigits(plain);
	return {
		text,
		streets: streetsOf(text, cased),
		streetNames: streetNames(text),
		rooms: rooms(text),
		cities: cities(text),
	};
}

function streetNames(text: string): string[] {
	return [...text.matchAll(STREET_NAME)]
		.flatMap((match) => foldWords(match[1] ?? match[2] ?? ''))
		.filter((name) => !TITLES.has(name) && !GENERAL.has(name));
}

interface House {
	readonly street: string;
	readonly house: string;
}

function streetsOf(plain: string, cased: string): House[] {
	const marked = [...plain.matchAll(STREET_BEFORE), ...plain.matchAll(STREET_AFTER)];
	const bare = [...cased.matchAll(BARE_STREET), ...cased.matchAll(STREET_LINE)];
	return [...marked, ...bare].map(([, street = '', house = '']) => ({
		street: street.toLowerCase(),
		house: house.toLowerCase(),
	}));
}

function hasHouse(source: string, street: string, house: string): boolean {
	// A word beside the name may have been taken with it ("біз Абай көшесі"), so one of the words has to be known.
	const parts = foldWords(street)
		.filter((word) => word.length >= MIN_STREET_LETTERS && !TITLES.has(word))
		.map((word) => word.slice(0, Math.max(MIN_STREET_LETTERS, Math.min(STEM_LETTERS, word.length - 1))));
	const number = new RegExp(`(?<![\\p{L}\\p{N}])${house.replace('/', '\\/')}(?![\\p{L}\\p{N}])`, 'gu');
	return [...source.matchAll(number)].some(({ index }) => {
		const near = foldWords(source.slice(Math.max(0, index - HOUSE_WITHIN_CHARS), index));
		return parts.length === 0 || parts.some((part) => near.some((word) => word.startsWith(part)));
	});
}

function floorsInDigits(text: string): string {
	return text.replace(ORDINAL_FLOOR, (_, ordinal: string) => `${ORDINALS[ordinal] ?? ''} `);
}

/** "этаж 2", "офис 305" in one spelling. */
function rooms(text: string): string[] {
	return [...text.matchAll(ROOM)].map(([, before, kindAfter, kindBefore, after]) => {
		const kind = (kindAfter ?? kindBefore ?? '').slice(0, 3);
		return `${kind === 'қаб' ? 'эта' : kind} ${before ?? after ?? ''}`;
	});
}

function cities(text: string): Array<{ city: string; at: number }> {
	return [...text.matchAll(CITY)].map((match) => ({ city: match[1] ?? '', at: match.index }));
}

function sentence(text: string, at: number): string {
	const start = Math.max(text.lastIndexOf('\n', at), text.lastIndexOf('. ', at)) + 1;
	const end = text.indexOf('. ', at);
	return text.slice(start, end < 0 ? text.length : end);
}
