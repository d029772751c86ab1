import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { formatPrice } from '../../../lib/reply/money-text';
import { BEAUTY, SALON, SALON_DIR } from '../classify/demo-salon';

const markdown = (file: string): string => readFileSync(join(SALON_DIR, file), 'utf8');

describe("the demo salon's Markdown and pack say the same", () => {
	const rows = [...markdown('services.md').matchAll(/^\| (.+?) \| (.+?) \| ([^|]*\d[^|]*) \| (\d+) \|$/gmu)].map(
		([, ru, kk, price, minutes]) => ({ ru, kk, price, minutes: Number(minutes) }),
	);

	test("every service stands in services.md with the pack's names, price and duration", () => {
		const expected = SALON.services.map((service) => ({
			ru: service.names.ru,
			kk: service.names.kk,
			price: formatPrice(service, 'ru')
				.replace(/\u00A0₸/u, '')
				.replace(/\u00A0/gu, ' '),
			minutes: service.durationMinutes,
		}));
		const byName = (a: { ru?: string }, b: { ru?: string }): number => (a.ru ?? '').localeCompare(b.ru ?? '');
		expect([...rows].sort(byName)).toEqual([...expected].sort(byName));
	});

	test('the rules in rules.md are those of the pack', () => {
		for (const rule of SALON.rules) {
			expect(markdown('rules.md')).toContain(rule.text.ru);
			expect(markdown('rules.md')).toContain(rule.text.kk);
		}
	});

	test('the FAQ has at least 20 entries, each with a Russian and a Kazakh paragraph', () => {
		const entries = markdown('faq.md').split(/^## /gmu).slice(1);
		expect(entries.length).toBeGreaterThanOrEqual(20);
		for (const entry of entries) {
			const [title = '', ru = '', kk = ''] = entry.trim().split(/\n\n/u);
			expect(title).toMatch(/\? \/ .+\?/u);
			expect(ru).not.toMatch(/[әіңғүұқөһ]/iu);
			expect(kk).toMatch(/[әіңғүұқөһ]/iu);
		}
	});

	test('the demo is marked as fictitious and its domain pack holds no prices', () => {
		expect(SALON.fictitious).toBe(true);
		expect(JSON.stringify(BEAUTY)).not.toMatch(/\d\s?(?:₸|тг|тенге)/u);
	});
});
