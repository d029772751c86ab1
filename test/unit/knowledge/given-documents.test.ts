import { chunksOfText, parseGivenDocuments } from '../../../lib/knowledge/given-documents';

test('a document of one part keeps its id, a longer one gets an id per part', () => {
	const parsed = parseGivenDocuments([
		{ id: 'faq', title: 'Вопросы', text: '# Раз\nодин\n\n# Два\nдва' },
		{ id: 7, text: 'коротко' },
		'просто текст',
	]);
	expect(parsed).toMatchObject({
		ok: true,
		chunks: [
			{ id: 'faq#0', title: 'Вопросы › Раз', source: 'faq' },
			{ id: 'faq#1' },
			{ id: '7', title: null },
			{ id: '3#0', source: 'document 3' },
		],
	});
});

test('what has no text is named; an empty text has no chunks', () => {
	expect(parseGivenDocuments([{ title: 'x' }, { text: 5 }])).toEqual({
		ok: false,
		problems: ['documents[0].text', 'documents[1].text'],
	});
	expect(parseGivenDocuments({}).ok).toBe(false);
	expect(chunksOfText('  ', 's')).toEqual([]);
});
