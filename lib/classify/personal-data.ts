/**
 * Personal data in a message, recognised with check digits where they exist, so that an order number is not taken for
 * an identity number. Only kinds are returned, never the data.
 */
export type PersonalDataKind = 'iin' | 'card' | 'iban' | 'phone' | 'passport';

const DIGIT_RUN = /(?<![\p{L}\p{N}])\d(?:[\s\-–.]?\d){11,18}(?!\p{N})/gu;
const IBAN_KZ = /(?<![\p{L}\p{N}])KZ\d{2}[A-Z0-9]{16}(?![\p{L}\p{N}])/giu;
const PHONE = /(?<![\p{L}\p{N}])(?:\+?7|8)[\s\-(]{0,2}7\d{2}[\s\-)]{0,2}\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\p{N})/u;
/** Kazakh identity cards have nine digits, passports a letter N and eight; without a check digit the word must stand near. */
const DOCUMENT = /(?:удостоверени|паспорт|жеке куәлік|куәлік|төлқұжат)\D{0,30}(?:N?\d{8,9})(?!\d)/iu;

/** Kinds of personal data in the text, each once. */
export function findPersonalData(text: string): readonly PersonalDataKind[] {
	const found = new Set<PersonalDataKind>();
	for (const [run] of text.matchAll(DIGIT_RUN)) {
		const digits = run.replace(/\D/gu, '');
		if (digits.length === 12 && isIin(digits)) found.add('iin');
		if (digits.length >= 13 && passesLuhn(digits)) found.add('card');
	}
	for (const [iban] of text.replace(/(?<=[A-Z0-9]) (?=[A-Z0-9]{4})/giu, '').matchAll(IBAN_KZ))
		if (isIban(iban)) found.add('iban');
	if (PHONE.test(text)) found.add('phone');
	if (DOCUMENT.test(text)) found.add('passport');
	return [...found];
}

/** True for kinds that no foreign model may see. A phone number alone is usual in a booking and is not one of them. */
export function isSensitive(kinds: readonly PersonalDataKind[]): boolean {
	return kinds.some((kind) => kind !== 'phone');
}

const IIN_WEIGHTS_1 = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const IIN_WEIGHTS_2 = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];

/**
 * Checks a Kazakh individual identification number: date of birth, century digit, check digit.
 * Rule: weights 1..11 modulo 11; a remainder of 10 is computed again with the shifted weights, 10 again is invalid.
 */
export function isIin(digits: string): boolean {
	if (!/^\d{12}$/u.test(digits)) return false;
	const month = Number(digits.slice(2, 4));
	const day = Number(digits.slice(4, 6));
	const century = Number(digits[6]);
	if (month < 1 || month > 12 || day < 1 || day > 31 || century > 6) return false;
	const remainder = (weights: readonly number[]): number =>
		weights.reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0) % 11;
	const first = remainder(IIN_WEIGHTS_1);
	const check = first === 10 ? remainder(IIN_WEIGHTS_2) : first;
	return check !== 10 && check === Number(digits[11]);
}

/** Luhn's check for payment cards (ISO/IEC 7812-1). A run of one repeated digit is not a card. */
export function passesLuhn(digits: string): boolean {
	if (!/^\d{13,19}$/u.test(digits) || /^(\d)\1+$/u.test(digits)) return false;
	let sum = 0;
	for (let i = 0; i < digits.length; i++) {
		const digit = Number(digits[digits.length - 1 - i]);
		const doubled = i % 2 === 1 ? digit * 2 : digit;
		sum += doubled > 9 ? doubled - 9 : doubled;
	}
	return sum % 10 === 0;
}

/** Modulo-97 check of an account number (ISO 13616). */
function isIban(iban: string): boolean {
	const upper = iban.toUpperCase();
	const digits = (upper.slice(4) + upper.slice(0, 4)).replace(/[A-Z]/gu, (letter) => String(letter.charCodeAt(0) - 55));
	return BigInt(digits) % 97n === 1n;
}
