import { readFileSync } from 'node:fs';
import path from 'node:path';
import { checkReply } from '../../../lib/guard/check-reply';
import { chunkMarkdown } from '../../../lib/knowledge/markdown-chunks';

const FOLDER = path.resolve(__dirname, '../../../demo/demo_salon');
const chunks = ['faq.md', 'rules.md', 'objections.md', 'services.md'].flatMap((file) =>
	chunkMarkdown(file, readFileSync(path.join(FOLDER, file), 'utf8')),
);
const verdict = (draft: string, retrieved: string[]) =>
	checkReply({ draft, language: null, facts: [], retrieved, customerText: '', claims: {}, rewrites: 0 }).violations;

test.each(chunks.map((chunk) => [chunk.title, chunk] as const))("the salon's own words pass: %s", (_, chunk) => {
	expect(verdict(chunk.text.slice(0, 1_500), [`${chunk.title ?? ''}\n${chunk.text}`])).toEqual([]);
});

test('the same words with nothing behind them are stopped wherever they hold a figure', () => {
	const withFigures = chunks.filter((chunk) => /\d ₸|\d{1,2}:\d{2}|\d [0-9]{3}/u.test(chunk.text));
	expect(withFigures.length).toBeGreaterThan(5);
	for (const chunk of withFigures) expect(verdict(chunk.text.slice(0, 1_500), [])).not.toEqual([]);
});
