/**
 * Personal data in a message, recognised with check digits where they exist, so that an order number is not taken for
 * an identity number. Only kinds are returned, never the data.
 */
import { isIin, isKazakhIban, passesLuhn } from './check-digits';

export { isIin, passesLuhn } from './check-digits';

export type PersonalDataKind = 'iin' | 'card' | 'iban' | 'phone' | 'passport';

/** Digits with at most two marks between two of them, as people group numbers. */
const DIGIT_RUN = /\d(?:[\s\-‐-―.·/_]{0,2}\d){11,}/gu;
const IBAN = /(?<![\p{L}\p{N}])KZ(?:[\s\-‐-―]?[A-Z0-9]){18}(?![\p{L}\p{N}])/giu;
const SEPARATOR = '[\\s\\-‐-―.()/]{0,3}';
/** Kazakh and Russian numbers with +7 or 8, and Kazakh mobile numbers without any prefix. */
const PHONE = new RegExp(
	`(?<![\\p{L}\\p{N}+])(?:(?:\\+?7|8)${SEPARATOR}[79]\\d{2}|\\(?7(?:0[0-8]|47|5[01]|6[0-4]|7[15678])\\)?)` +
		`${SEPARATOR}\\d{3}${SEPARATOR}\\d{2}${SEPARATOR}\\d{2}(?!\\p{N})`,
	'u',
);
/** Any other country: a plus, a country code, ten to thirteen digits. */
const FOREIGN_PHONE = /(?<![\p{L}\p{N}])\+[1-9]\d{0,2}(?:[\s\-‐-―.()]{0,3}\d){9,11}(?!\p{N})/u;
/** Kazakh identity cards have nine digits, passports a letter N and eight; without a check digit the word must stand near. */
const DOCUMENT =
	/(?:удостоверен|удост?в?\.?\s*(?:лич|№)|уд\.?\s?личн|паспорт|passport|pasport|ку[әа]л[іи]к|төлқұжат|толкужат|udostoveren|kuali[kq])[^\d\n]{0,30}(?:[NnНн]\s?\d{8}|\d{3}[\s-]?\d{3}[\s-]?\d{2,3})(?!\d)/iu;
/** The secret of a card, by its name. */
const CARD_SECRET = /(?<![\p{L}\p{N}])(?:cvv2?|cvc2?|цвв|свв)(?![\p{L}\p{N}])\D{0,12}\d{3,4}(?!\d)/iu;

/** Kinds of personal data in the text, each once. */
export function findPersonalData(text: string): readonly PersonalDataKind[] {
	const source = text.normalize('NFKC');
	const found = new Set<PersonalDataKind>();
	for (const [run] of source.matchAll(DIGIT_RUN)) {
		for (const { digits, sizes } of spans(run.split(/\D+/u))) {
			if (isIin(digits)) found.add('iin');
			if (isCardGrouping(sizes) && isCard(digits)) found.add('card');
		}
	}
	if (CARD_SECRET.test(source)) found.add('card');
	for (const [iban] of source.matchAll(IBAN)) if (isKazakhIban(iban.replace(/[^A-Z0-9]/giu, ''))) found.add('iban');
	if (PHONE.test(source) || FOREIGN_PHONE.test(source)) found.add('phone');
	if (DOCUMENT.test(source)) found.add('passport');
	return [...found];
}

/** True for kinds that no foreign model may see. A phone number alone is usual in a booking and is not one of them. */
export function isSensitive(kinds: readonly PersonalDataKind[]): boolean {
	return kinds.some((kind) => kind !== 'phone');
}

const MIN_DIGITS = 12;
const MAX_CARD_DIGITS = 19;

interface Span {
	readonly digits: string;
	readonly sizes: readonly number[];
}

/** Neighbouring groups read as one number: an identity number may stand right before a phone. */
function spans(groups: readonly string[]): readonly Span[] {
	const found: Span[] = [];
	for (let from = 0; from < groups.length; from++) {
		let digits = '';
		const sizes: number[] = [];
		for (let at = from; at < groups.length; at++) {
			const group = groups[at] ?? '';
			if (digits.length + group.length > MAX_CARD_DIGITS) break;
			digits += group;
			sizes.push(group.length);
			if (digits.length >= MIN_DIGITS) found.push({ digits, sizes: [...sizes] });
		}
	}
	return found;
}

/** Written at once, digit by digit, or in the groups that stand on cards: not an amount after a phone. */
function isCardGrouping(sizes: readonly number[]): boolean {
	if (sizes.length === 1 || sizes.every((size) => size === 1)) return true;
	const [first] = sizes;
	if (sizes.join() === '4,6,5' || sizes.join() === '8,8') return true;
	return first === 4 && sizes.length >= 4 && sizes.slice(0, -1).every((size) => size === 4) && (sizes.at(-1) ?? 0) <= 4;
}

/** First digits of payment networks; 0, 1, 7 and 8 belong to none that is used here. */
function isCard(digits: string): boolean {
	return /^[2-69]/u.test(digits) && passesLuhn(digits);
}
