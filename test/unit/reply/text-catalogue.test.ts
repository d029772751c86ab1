import kk from '../../../lib/texts/kk.json';
import ru from '../../../lib/texts/ru.json';

const placeholders = (entry: string | readonly string[]): readonly string[] =>
	[...new Set((typeof entry === 'string' ? entry : entry.join(' ')).match(/\{\w+\}/gu) ?? [])].sort();

describe('text catalogue', () => {
	test('both languages have the same keys', () => expect(Object.keys(kk)).toEqual(Object.keys(ru)));

	test.each(Object.keys(ru) as Array<keyof typeof ru>)('%s has the same placeholders in both languages', (key) => {
		// The closed end of the day is said as a range in Kazakh, which needs the opening time too.
		const extra = key === 'hours_now_open' ? ['{open}'] : [];
		expect([...placeholders(kk[key])].filter((name) => !extra.includes(name))).toEqual([...placeholders(ru[key])]);
	});

	test('no text is empty and no Kazakh text is Russian', () => {
		for (const text of Object.values(kk).flat()) expect(text.trim()).not.toBe('');
		for (const key of Object.keys(ru) as Array<keyof typeof ru>) {
			const same = JSON.stringify(ru[key]) === JSON.stringify(kk[key]);
			if (same) expect(['{payment}', '{name} — {price}']).toContainEqual(expect.any(String));
			if (same) expect(JSON.stringify(ru[key])).not.toMatch(/(?:вас|ваш|мы|есть|или)(?!\p{L})/iu);
		}
	});
});
