/** Check digits of numbers that identify a person, a card or an account. */

const IIN_WEIGHTS_1 = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const IIN_WEIGHTS_2 = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];
/** Seventh digit of an IIN: century of birth and sex. */
const CENTURIES: Readonly<Record<string, number>> = {
	'1': 1800,
	'2': 1800,
	'3': 1900,
	'4': 1900,
	'5': 2000,
	'6': 2000,
};
/** The century of numbers with a 0, given to foreigners, is not told; a leap year lets every date pass. */
const UNKNOWN_CENTURY_YEAR = 2000;

/**
 * Checks a Kazakh individual identification number: a date of birth that exists, century digit, check digit.
 * A business number (BIN) has 4 to 6 where the day begins, so it is none.
 * Rule: weights 1..11 modulo 11; a remainder of 10 is computed again with the shifted weights, 10 again is invalid.
 */
export function isIin(digits: string): boolean {
	if (!/^\d{6}[0-6]\d{5}$/u.test(digits)) return false;
	const century = CENTURIES[digits[6] ?? ''];
	const year = century === undefined ? UNKNOWN_CENTURY_YEAR : century + Number(digits.slice(0, 2));
	if (!isDate(year, Number(digits.slice(2, 4)), Number(digits.slice(4, 6)))) return false;
	const remainder = (weights: readonly number[]): number =>
		weights.reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0) % 11;
	const first = remainder(IIN_WEIGHTS_1);
	const check = first === 10 ? remainder(IIN_WEIGHTS_2) : first;
	return check !== 10 && check === Number(digits[11]);
}

function isDate(year: number, month: number, day: number): boolean {
	if (month < 1 || month > 12 || day < 1) return false;
	return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
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

/** Kazakh account number of 20 signs, modulo-97 check (ISO 13616); no separators, either case. */
export function isKazakhIban(iban: string): boolean {
	const upper = iban.toUpperCase();
	if (!/^KZ\d{2}[A-Z0-9]{16}$/u.test(upper)) return false;
	const digits = (upper.slice(4) + upper.slice(0, 4)).replace(/[A-Z]/gu, (letter) => String(letter.charCodeAt(0) - 55));
	return BigInt(digits) % 97n === 1n;
}
