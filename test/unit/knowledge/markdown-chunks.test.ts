import fc from 'fast-check';
import { chunkMarkdown } from '../../../lib/knowledge/markdown-chunks';

const texts = (markdown: string, options = {}): string[] =>
	chunkMarkdown('a.md', markdown, options).map((chunk) => chunk.text);

test('each question of an FAQ is a chunk of its own, with the path of headings as title', () => {
	const chunks = chunkMarkdown('faq.md', '# Вопросы\n\n## Есть парковка?\n\nДа.\n\n## Есть Wi-Fi?\n\nТоже.\n');
	expect(chunks.map(({ title, text, ordinal }) => ({ title, text, ordinal }))).toEqual([
		{ title: 'Вопросы › Есть парковка?', text: 'Да.', ordinal: 0 },
		{ title: 'Вопросы › Есть Wi-Fi?', text: 'Тоже.', ordinal: 1 },
	]);
});

test.each([
	{
		name: 'comments and HTML are not knowledge',
		markdown: '<!-- секрет -->\n\nТекст <b>жирный</b>\n\n<div>x</div>\n',
		expected: ['Текст жирный'],
	},
	{ name: 'front matter is not knowledge', markdown: '---\ntag: x\n---\nТекст\n', expected: ['Текст'] },
	{ name: 'Markdown marks are taken out', markdown: '**Важно:** `код` и *курсив*', expected: ['Важно: код и курсив'] },
	{ name: 'a link keeps its address', markdown: '[сайт](https://a.kz/x)', expected: ['сайт (https://a.kz/x)'] },
	{
		name: 'a table row is one line',
		markdown: '| Услуга | Цена |\n|---|---|\n| Маникюр | 8 000 ₸ |',
		expected: ['Услуга — Цена\nМаникюр — 8 000 ₸'],
	},
	{ name: 'nested lists keep their order', markdown: '- один\n  - два\n- три', expected: ['• один\n  • два\n• три'] },
	{ name: 'quotes are text', markdown: '> цитата', expected: ['цитата'] },
	{ name: 'paragraphs stay apart', markdown: 'Орысша.\n\nҚазақша.', expected: ['Орысша.\n\nҚазақша.'] },
	{ name: 'the same text twice is kept once', markdown: '# А\n\nтекст\n\n# А\n\nтекст\n', expected: ['текст'] },
	{ name: 'Windows line ends', markdown: '# А\r\n\r\nтекст\r\n', expected: ['текст'] },
	{ name: 'an empty file', markdown: '', expected: [] },
	{ name: 'headings without text', markdown: '# А\n\n## Б\n', expected: [] },
])('$name', ({ markdown, expected }) => {
	expect(texts(markdown)).toEqual(expected);
});

test('a heading of a higher level closes the deeper ones', () => {
	const titles = chunkMarkdown('a.md', '# А\n\n### Б\n\n1\n\n## В\n\n2\n\n# Г\n\n3\n').map(({ title }) => title);
	expect(titles).toEqual(['А › Б', 'А › В', 'Г']);
});

test('a large price list is cut between rows, and every part has the header', () => {
	const rows = [...Array(60).keys()].map((at) => `| Услуга номер ${at} | ${at} 000 ₸ |`);
	const parts = texts(`| Услуга | Цена |\n|---|---|\n${rows.join('\n')}`, { targetTokens: 100 });
	expect(parts.length).toBeGreaterThan(3);
	for (const part of parts) {
		expect(part.startsWith('Услуга — Цена\n')).toBe(true);
		for (const line of part.split('\n').slice(1)) expect(line).toMatch(/^Услуга номер \d+ — \d+ 000 ₸$/);
	}
	expect(parts.flatMap((part) => part.split('\n').slice(1))).toHaveLength(60);
});

test('a table up to twice the target stays whole', () => {
	const rows = [...Array(14).keys()].map((at) => `| Услуга ${at} | ${at} 000 ₸ |`);
	expect(texts(`| Услуга | Цена |\n|---|---|\n${rows.join('\n')}`, { targetTokens: 60 })).toHaveLength(1);
});

test('a cut inside a section repeats the last sentences', () => {
	const paragraph = (at: number): string => `Предложение ${at} первое. Предложение ${at} второе.`;
	const parts = texts([1, 2, 3, 4, 5].map(paragraph).join('\n\n'), { targetTokens: 35, overlapTokens: 12 });
	expect(parts.length).toBeGreaterThan(1);
	expect(parts[1]?.startsWith('Предложение 2 второе.')).toBe(true);
});

test('the hash covers title and text', () => {
	const hashes = chunkMarkdown('a.md', '# А\n\nтекст\n\n# Б\n\nтекст\n', { hash: (text) => text }).map(
		({ contentHash }) => contentHash,
	);
	expect(hashes).toEqual(['А\nтекст', 'Б\nтекст']);
});

test('no word is lost, whatever the text and sizes', () => {
	const words = fc.array(fc.constantFrom('алма', 'нан', 'сүт', 'лак.', 'маникюр!', 'ұ'.repeat(300)), {
		minLength: 1,
		maxLength: 80,
	});
	fc.assert(
		fc.property(
			words,
			fc.integer({ min: 5, max: 80 }),
			fc.integer({ min: 0, max: 20 }),
			(given, targetTokens, overlapTokens) => {
				const joined = texts(given.join(' '), { targetTokens, overlapTokens }).join(' ');
				for (const word of new Set(given)) expect(joined).toContain(word);
			},
		),
		{ numRuns: 60 },
	);
});
