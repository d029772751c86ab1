/** Finds personal data in a text, generously: what is hidden from a model in vain costs less than what is shown. */
import { isIin, passesLuhn } from '../classify/personal-data';

export const HIDDEN_KINDS = ['PHONE', 'IIN', 'CARD', 'IBAN', 'DOCUMENT', 'EMAIL', 'CODE', 'NAME', 'NUMBER'] as const;
export type HiddenKind = (typeof HIDDEN_KINDS)[number];

export interface PersonalSpan {
	readonly start: number;
	readonly end: number;
	readonly kind: HiddenKind;
	/** The same for every spelling of the same value: `+7 701 ...` and `8701...`. */
	readonly key: string;
}

/** The shortest thing that a rule for numbers finds. */
const SOME_DIGITS = /\d\D{0,3}\d\D{0,3}\d/u;
/** Stands for what was found, so that later rules neither see it nor shift. */
const TAKEN = '\ue000';
const LETTER_OR_DIGIT = '\\p{L}\\p{N}';
/** What people put between digits. */
const BETWEEN = '[ \\t\\u00a0()\\-‐-―·_./]';

const EMAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;
const KZ_IBAN = new RegExp(
	`(?<![${LETTER_OR_DIGIT}])KZ[ \\u00a0]?\\d{2}(?:[ \\u00a0-]?[A-Z0-9]){16}(?![${LETTER_OR_DIGIT}])`,
	'giu',
);
const FOREIGN_IBAN = new RegExp(
	`(?<![${LETTER_OR_DIGIT}])[A-Z]{2}\\d{2}(?:[ \\u00a0]?[A-Z0-9]){11,30}(?![${LETTER_OR_DIGIT}])`,
	'gu',
);
const DATE =
	/(?<!\d[./-]?)(?:(\d{1,2})[./-](\d{1,2})[./-](?:(?:19|20)\d{2}|\d{2})|(?:19|20)\d{2}-(\d{2})-(\d{2}))(?![./-]?\d)/gu;
const PASSPORT = new RegExp(`(?<![${LETTER_OR_DIGIT}])[NН]\\s?№?\\s?\\d{8}(?![${LETTER_OR_DIGIT}])`, 'giu');
/** A document's number is known by the word beside it. */
const DOCUMENT =
	/(?:удостоверени\p{L}*|удв|уд\.?\s?личн\p{L}*|удост\p{L}*|udostoveren\p{L}*|kuali[kq]\p{L}*|pasport\p{L}*|паспорт\p{L}*|прав(?:а|ах)|куәлі[кг]\p{L}*|куали[кг]\p{L}*|төлқұжат\p{L}*|толкужат\p{L}*|passport|id[- ]?card)[^\d\n]{0,30}(\d(?:[ -]?\d){5,9})(?!\d)/giu;
const CODE =
	/(?:cvv2?|cvc2?|цвв|свв|пин-?\s?код\p{L}*|смс-?\s?код\p{L}*|код\p{L}*\s+из\s+смс|құпия\s?сөз\p{L}*|парол\p{L}*)[^\d\n]{0,12}(\d{3,8})(?!\d)/giu;
const SOLID_NUMBER = /(?<!\d)\+?\d{9,}/gu;
const SPACED_NUMBER = new RegExp(`(?<!\\d)\\+?\\(?\\d(?:${BETWEEN}{0,3}\\d){8,}`, 'gu');
const LONG_NUMBER = /(?<!\d)\+?\d(?:[ \u00a0()\-.]?\d){8,}/gu;

/** All personal data of a text, in the order of the text, never overlapping. `names` are those the customer gave. */
export function findPersonalSpans(text: string, names: readonly string[]): readonly PersonalSpan[] {
	const finder = new SpanFinder(text);
	if (text.includes('@')) finder.takeAll(EMAIL, 'EMAIL');
	// Most messages hold no number; the rules for numbers are the dear ones.
	if (SOME_DIGITS.test(text)) findNumbers(finder);
	for (const name of names)
		for (const [start, value] of findName(finder.left, name)) finder.take(start, value, 'NAME', name.toLowerCase());
	return finder.spans.sort((a, b) => a.start - b.start);
}

/** A text from which one kind after another is taken; what is left keeps its places. */
class SpanFinder {
	readonly spans: PersonalSpan[] = [];

	constructor(public left: string) {}

	take(start: number, value: string, kind: HiddenKind, key: string): void {
		this.spans.push({ start, end: start + value.length, kind, key: `${kind}:${key}` });
		this.cover(start, value, TAKEN);
	}

	/** Takes every match, or one group of it, which must stand at its end. */
	takeAll(pattern: RegExp, kind: HiddenKind, group = 0): void {
		for (const match of this.left.matchAll(pattern)) {
			const value = match[group] ?? '';
			this.take(match.index + match[0].lastIndexOf(value), value, kind, withoutMarks(value));
		}
	}

	cover(start: number, value: string, letter: string): void {
		this.left = this.left.slice(0, start) + letter.repeat(value.length) + this.left.slice(start + value.length);
	}
}

function findNumbers(finder: SpanFinder): void {
	finder.takeAll(KZ_IBAN, 'IBAN');
	for (const match of finder.left.matchAll(FOREIGN_IBAN))
		if (isIban(match[0])) finder.take(match.index, match[0], 'IBAN', withoutMarks(match[0]));
	finder.takeAll(CODE, 'CODE', 1);
	for (const match of finder.left.matchAll(DATE)) if (isDate(match)) finder.cover(match.index, match[0], 'x');
	for (const pattern of [SOLID_NUMBER, SPACED_NUMBER]) {
		for (const match of finder.left.matchAll(pattern)) {
			const kind = kindOfNumber(match[0]);
			if (kind !== null) finder.take(match.index, match[0], kind, numberKey(match[0], kind));
		}
	}
	finder.takeAll(DOCUMENT, 'DOCUMENT', 1);
	finder.takeAll(PASSPORT, 'DOCUMENT');
	finder.takeAll(LONG_NUMBER, 'NUMBER');
}

function kindOfNumber(written: string): HiddenKind | null {
	const digits = written.replace(/\D/gu, '');
	if (digits.length === 12 && isIin(digits)) return 'IIN';
	if (/^\s*\+/u.test(written) && digits.length >= 10 && digits.length <= 15) return 'PHONE';
	if (digits.length === 11 && /^[78]/u.test(digits)) return 'PHONE';
	if (digits.length === 10 && digits.startsWith('7')) return 'PHONE';
	if (digits.length >= 13 && digits.length <= 19 && (digits.length === 16 || passesLuhn(digits))) return 'CARD';
	return null;
}

function numberKey(written: string, kind: HiddenKind): string {
	const digits = written.replace(/\D/gu, '');
	return kind === 'PHONE' && digits.length === 11 && /^[78]/u.test(digits) ? digits.slice(1) : digits;
}

/**
 * Places of a name and of its forms: as given in any case of letters, and with another ending only when it is written
 * with a capital, so that "Света" does not take "свет".
 */
function findName(text: string, name: string): ReadonlyArray<readonly [number, string]> {
	const trimmed = name.trim();
	if ([...trimmed].length < 2) return [];
	const exact = new RegExp(`(?<![${LETTER_OR_DIGIT}])${escaped(trimmed)}(?![${LETTER_OR_DIGIT}])`, 'giu');
	const stem = trimmed.length > 3 ? trimmed.replace(/[аеёиоуыэюяйьіәөүұ]$/iu, '') : trimmed;
	const inflected = new RegExp(
		`(?<![${LETTER_OR_DIGIT}])${escaped(stem.charAt(0).toUpperCase() + stem.slice(1))}\\p{Ll}{0,5}(?![${LETTER_OR_DIGIT}])`,
		'gu',
	);
	const found = new Map<number, string>();
	for (const pattern of [exact, inflected])
		for (const match of text.matchAll(pattern)) found.set(match.index, match[0]);
	return [...found];
}

function isDate(match: RegExpMatchArray): boolean {
	const month = Number(match[2] ?? match[3]);
	const day = Number(match[1] ?? match[4]);
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/** Modulo-97 check of an account number (ISO 13616). */
function isIban(written: string): boolean {
	const iban = withoutMarks(written).toUpperCase();
	const digits = (iban.slice(4) + iban.slice(0, 4)).replace(/[A-Z]/gu, (letter) => String(letter.charCodeAt(0) - 55));
	return BigInt(digits) % 97n === 1n;
}

function withoutMarks(value: string): string {
	return value.replace(/[\s\u00a0()\-–—/]/gu, '').toLowerCase();
}

function escaped(value: string): string {
	return value.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&');
}
