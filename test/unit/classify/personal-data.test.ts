import fc from 'fast-check';

import { isIin, isKazakhIban, passesLuhn } from '../../../lib/classify/check-digits';
import { findPersonalData, isSensitive } from '../../../lib/classify/personal-data';
import { startCpuClock } from '../../support/cpu-clock';

/** An IIN of the given date with its check digit, or null when no check digit exists for the serial. */
function iinOf(yyMmDd: string, century: number, serial: number): string | null {
	const head = `${yyMmDd}${century}${String(serial).padStart(4, '0')}`;
	for (let check = 0; check <= 9; check++) if (isIin(`${head}${check}`)) return `${head}${check}`;
	return null;
}

const days = fc.record({
	year: fc.integer({ min: 0, max: 99 }),
	month: fc.integer({ min: 1, max: 12 }),
	day: fc.integer({ min: 1, max: 28 }),
	century: fc.integer({ min: 1, max: 6 }),
	serial: fc.integer({ min: 0, max: 9999 }),
});
const two = (value: number): string => String(value).padStart(2, '0');
const iins = days
	.map(({ year, month, day, century, serial }) => iinOf(`${two(year)}${two(month)}${two(day)}`, century, serial))
	.filter((iin) => iin !== null);
const separators = fc.constantFrom('', ' ', '-', '.', '  ', ' - '.trim());

describe('identity numbers', () => {
	test('are found however their digits are grouped, also right behind a word and before a phone', () => {
		fc.assert(
			fc.property(iins, separators, separators, (iin, first, second) => {
				const written = `${iin.slice(0, 6)}${first}${iin.slice(6, 7)}${second}${iin.slice(7)}`;
				for (const text of [written, `ИИН${written}`, `жсн: ${written}, рахмет`, `${written} 87015705555`])
					expect(findPersonalData(text)).toContain('iin');
			}),
		);
	});

	test('with another check digit are no identity numbers', () => {
		fc.assert(
			fc.property(iins, fc.integer({ min: 1, max: 9 }), (iin, by) => {
				const changed = `${iin.slice(0, -1)}${(Number(iin.at(-1)) + by) % 10}`;
				expect(isIin(changed)).toBe(false);
			}),
		);
	});

	test.each([
		['a business number (BIN)', '950440000123'],
		['30 February', '000230500015'],
		['29 February of a common year', '010229500010'],
		['month 13', '951301300038'],
		['day 0', '950100300038'],
		['century 7', '950101700036'],
		['too short', '95010130003'],
	])('%s is none', (_name, digits) => {
		for (let check = 0; check <= 9; check++) expect(isIin(`${digits.slice(0, -1)}${check}`)).toBe(false);
	});
});

describe('cards', () => {
	const cards = fc
		.tuple(fc.constantFrom('4400', '5169', '2200', '6262'), fc.integer({ min: 0, max: 99_999_999_999 }))
		.map(([prefix, rest]) => {
			const head = prefix + String(rest).padStart(11, '0');
			const check = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].find((digit) => passesLuhn(`${head}${digit}`)) ?? 0;
			return `${head}${check}`;
		});

	test('are found in one piece and in groups of four', () => {
		fc.assert(
			fc.property(cards, fc.constantFrom('', ' ', '-', '.', '\u00a0', '–'), (card, separator) => {
				const written = card.match(/\d{4}/gu)?.join(separator) ?? '';
				expect(findPersonalData(`карта ${written}`)).toContain('card');
			}),
		);
	});

	test.each([
		['a phone with an amount behind it', 'тел 87015705555 2 500'],
		['two phones', '87015705555 87771234567'],
		['a wrong check digit', '4111 1111 1111 1112'],
		['an order number', 'заказ №123456789012'],
		['a date with a time', '12.05.2026 15:00 - 16:30'],
		['a large amount', '7 500 000 000 000'],
	])('%s is none', (_name, text) => expect(findPersonalData(text)).not.toContain('card'));

	test('the secret on the back is card data', () => expect(findPersonalData('cvv 123')).toEqual(['card']));
});

describe('accounts, documents, phones', () => {
	test.each([
		['KZ86125KZT5004100100', ['iban']],
		['kz86 125k zt50 0410 0100', ['iban']],
		['KZ87125KZT5004100100', []],
		['уд. личности № 012 345 678', ['passport']],
		['жеке куәлік 012345678', ['passport']],
		['жеке куалик номири 012345678', ['passport']],
		['паспорт N12345678', ['passport']],
		['артикул 012345678', []],
		['8.701.570.55.55', ['phone']],
		['+7 (701) 570-55-55', ['phone']],
		['7015705555', ['phone']],
		['+996 555 123 456', ['phone']],
		['8 000 тг', []],
		['7 500 000 000', []],
	])('"%s" holds %j', (text, expected) => expect(findPersonalData(text)).toEqual(expected));

	test('the account check catches a swapped pair', () => {
		expect(isKazakhIban('KZ86125KZT5004100100')).toBe(true);
		expect(isKazakhIban('KZ68125KZT5004100100')).toBe(false);
	});

	test.each([
		[['phone'], false],
		[['iin'], true],
		[['card', 'phone'], true],
		[['iban'], true],
		[['passport'], true],
		[[], false],
	] as const)('%j is sensitive: %s', (kinds, expected) => expect(isSensitive(kinds)).toBe(expected));

	test('a very long run of digits is read in no time', () => {
		const cpuMs = startCpuClock();
		findPersonalData('1 2 '.repeat(5_000));
		expect(cpuMs()).toBeLessThan(2000);
	});
});
