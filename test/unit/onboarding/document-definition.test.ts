import { countTokens } from '../../../lib/knowledge/count-tokens';
import { parseDocumentMeta, type DocumentMetaYaml } from '../../../lib/knowledge/document-meta';
import { defineDocuments, type FolderDocument } from '../../../lib/onboarding/document-definition';

const CONTEXT = {
	timeZone: 'Asia/Almaty',
	branches: [
		{ key: 'main', knowledgeTag: null },
		{ key: 'north', knowledgeTag: 'north_side' },
	],
};
const EMPTY = { kind: null, knowledgeTag: null, language: null, validFrom: null, validTo: null };

interface Row {
	readonly name: string;
	readonly frontMatter: unknown;
	readonly entry?: DocumentMetaYaml;
	readonly expected: unknown;
}
test.each<Row>([
	{ name: 'nothing is said', frontMatter: null, expected: { ok: true, meta: EMPTY } },
	{
		name: "days begin in the business's own zone, and the last day belongs to the period",
		frontMatter: { valid_from: '2026-01-01', valid_to: '2026-12-31' },
		expected: {
			ok: true,
			meta: {
				...EMPTY,
				validFrom: new Date('2025-12-31T19:00:00Z'),
				validTo: new Date('2026-12-31T19:00:00Z'),
			},
		},
	},
	{
		name: 'a branch by its key',
		frontMatter: { branch: 'north', type: 'price_list', language: 'kk' },
		expected: { ok: true, meta: { ...EMPTY, kind: 'price_list', knowledgeTag: 'north_side', language: 'kk' } },
	},
	{
		name: 'a branch by its tag, and client.yaml wins',
		frontMatter: { branch: 'north_side', type: 'faq' },
		entry: { type: 'rules' },
		expected: { ok: true, meta: { ...EMPTY, kind: 'rules', knowledgeTag: 'north_side' } },
	},
	{
		name: 'a branch without a tag',
		frontMatter: { branch: 'main' },
		expected: { ok: false, problems: ['branch "main" has no knowledge_tag, so a document cannot belong to it alone'] },
	},
	{
		name: 'an unknown branch and a day that is none, together',
		frontMatter: { branch: 'south', valid_to: '2026-02-30' },
		expected: {
			ok: false,
			problems: ['there is no branch "south"; known: main, north', 'valid_to: "2026-02-30" is no day of the calendar'],
		},
	},
	{
		name: 'an end before the beginning',
		frontMatter: { valid_from: '2026-02-02', valid_to: '2026-02-01' },
		expected: { ok: false, problems: ['valid_to is before valid_from'] },
	},
	{
		name: 'an unknown key',
		frontMatter: { valid_untill: '2026-02-02' },
		expected: {
			ok: false,
			problems: ['front matter: unknown key "valid_untill"; known: branch, type, language, valid_from, valid_to'],
		},
	},
	{
		name: 'front matter that is a list',
		frontMatter: ['x'],
		expected: { ok: false, problems: ['front matter: must be object'] },
	},
])('what is said about a document: $name', ({ frontMatter, entry, expected }) => {
	expect(parseDocumentMeta(frontMatter, entry ?? null, CONTEXT)).toEqual(expected);
});

const markdown = (path: string, text: string): FolderDocument => ({ path, text });
const define = (
	documents: readonly FolderDocument[],
	entries: readonly (DocumentMetaYaml & { path: string })[] = [],
): ReturnType<typeof defineDocuments> =>
	defineDocuments(documents, entries, CONTEXT, { sha256Hex: (text) => text, targetTokens: 50, overlapTokens: 20 });

test('the same chunk in two documents is kept once; for another branch it is another chunk', () => {
	const twice = [markdown('a.md', '# А\n\nтекст\n\n# Б\n\nеще'), markdown('b.md', '# А\n\nтекст')];
	const same = define(twice);
	expect(same.repeatedChunks).toBe(1);
	expect(same.documents.map(({ chunks }) => chunks.length)).toEqual([2, 0]);
	const apart = define(twice, [{ path: 'b.md', branch: 'north' }]);
	expect(apart.repeatedChunks).toBe(0);
	expect(apart.documents[1]).toMatchObject({ knowledgeTag: 'north_side', kind: 'markdown' });
});

test('what is said changes the hash, the text alone does not tell', () => {
	const plain = define([markdown('a.md', 'текст')]).documents[0];
	const tagged = define([markdown('a.md', 'текст')], [{ path: 'a.md', type: 'faq' }]).documents[0];
	expect(tagged?.contentHash).toBe(plain?.contentHash);
	expect(tagged?.chunksHash).not.toBe(plain?.chunksHash);
});

test('problems of all documents come together', () => {
	expect(
		define(
			[markdown('empty.md', '<!-- x -->'), markdown('a.md', 'текст')],
			[{ path: 'a.md', branch: 'nowhere' }, { path: 'gone.pdf' }],
		).problems,
	).toEqual([
		'client.yaml: client/documents: there is no document "gone.pdf" in the folder',
		'empty.md: holds no text',
		'a.md: there is no branch "nowhere"; known: main, north',
	]);
});

test('a chunk has at most the tokens asked for, in any language', () => {
	const text = [...Array(30).keys()]
		.map((at) => `Шашты бояу үшін ${at} күн бұрын жазылу керек. Окрашивание ${at} занимает три часа.`)
		.join(' ');
	const [document] = define([markdown('a.md', text)]).documents;
	expect(document?.chunks.length).toBeGreaterThan(10);
	// The joints between sentences cost a token here and there.
	for (const { text: chunk } of document?.chunks ?? []) expect(countTokens(chunk)).toBeLessThanOrEqual(52);
});
