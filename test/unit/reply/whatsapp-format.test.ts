import { formatForChannel, formatForWhatsapp } from '../../../lib/reply/whatsapp-format';
import { startCpuClock } from '../../support/cpu-clock';

const CASES = [
	{ name: 'two stars become one', given: 'Цена **8 000 ₸**, ждём!', expected: 'Цена *8 000 ₸*, ждём!' },
	{ name: 'underscores too', given: '__Важно__: предоплата', expected: '*Важно*: предоплата' },
	{ name: 'underscores inside a name stay', given: 'Наш @salon__mira__kz', expected: 'Наш @salon__mira__kz' },
	{ name: 'a heading is a bold line', given: '## Маникюр\nОт 5 000 ₸', expected: '*Маникюр*\nОт 5 000 ₸' },
	{ name: 'a bold heading is not doubly bold', given: '# **Цены**', expected: '*Цены*' },
	{ name: 'dashes become dots', given: '- Маникюр\n* Педикюр\n+ Брови', expected: '• Маникюр\n• Педикюр\n• Брови' },
	{ name: 'numbers stay', given: '1. Маникюр\n2. Педикюр', expected: '1. Маникюр\n2. Педикюр' },
	{
		name: 'a link is its text and its address',
		given: 'Запись [на сайте](https://mira.kz/book).',
		expected: 'Запись на сайте: https://mira.kz/book.',
	},
	{
		name: 'a link that is its own text is said once',
		given: '[mira.kz](https://mira.kz/)',
		expected: 'https://mira.kz/',
	},
	{ name: 'a phone link is a phone', given: '[+7 700](tel:+7700)', expected: '+7 700' },
	{
		name: 'a table is a list without the names of its columns',
		given: 'Цены:\n\n| Услуга | Цена |\n|---|---:|\n| Маникюр | 5 000 ₸ |\n| Педикюр | 7 000 ₸ |',
		expected: 'Цены:\n\n• Маникюр — 5 000 ₸\n• Педикюр — 7 000 ₸',
	},
	{ name: 'code marks go', given: '```\nМаникюр\n```\nи `педикюр`', expected: 'Маникюр\nи педикюр' },
	{ name: 'quotes and rules go', given: '> Здравствуйте\n\n---\n\nЖдём', expected: 'Здравствуйте\n\nЖдём' },
	{ name: 'struck text', given: '~~10 000~~ 8 000', expected: '~10 000~ 8 000' },
	{ name: 'escapes go', given: 'Цена 5\\*', expected: 'Цена 5*' },
	{ name: 'HTML breaks and bold', given: '<b>Цена</b><br>8 000', expected: '*Цена*\n8 000' },
	{ name: 'empty lines are at most one', given: ' А\n\n\n\nБ  \n', expected: 'А\n\nБ' },
	{ name: 'plain text is left alone', given: 'Маникюр — 8 000 ₸, 5*3', expected: 'Маникюр — 8 000 ₸, 5*3' },
	{ name: 'an unclosed mark goes', given: '**Цена 8 000', expected: 'Цена 8 000' },
] as const;

test.each(CASES)('$name', ({ given, expected }) => {
	expect(formatForWhatsapp(given)).toBe(expected);
});

test.each(CASES)('a second time changes nothing: $name', ({ expected }) => {
	expect(formatForWhatsapp(expected)).toBe(expected);
});

test('channels that show stars as stars get none', () => {
	expect(formatForChannel('Цена **8 000 ₸**', 'whatsapp')).toBe('Цена *8 000 ₸*');
	expect(formatForChannel('Цена **8 000 ₸**', 'telegram')).toBe('Цена 8 000 ₸');
});

test('hostile text of 20 kB is formatted in milliseconds', () => {
	const cpuMs = startCpuClock();
	for (const piece of ['**', '[', '](', '`', '|', '#', '> ', '__a', '~~ ', '<b>'])
		formatForWhatsapp(piece.repeat(20_000 / piece.length));
	expect(cpuMs()).toBeLessThan(1_000);
});
