import { retrievalFigures, type QueryRun } from '../../../lib/eval/retrieval-figures';
import { parseJudgements, readSetText } from '../../../lib/eval/retrieval-set';

const asObject = (text: string): Record<string, Record<string, number>> =>
	Object.fromEntries(
		[...parseJudgements(text, 'qrels.tsv').byQuery].map(([query, judged]) => [query, Object.fromEntries(judged)]),
	);

test.each([
	{ name: 'three columns', text: 'q1\td1\t1\nq1\td2\t0\n', expected: { q1: { d1: 1, d2: 0 } } },
	{ name: "TREC's four columns", text: 'q1\t0\td1\t2\n', expected: { q1: { d1: 2 } } },
	{ name: 'spaces instead of tabs', text: 'q1 0 d1 1', expected: { q1: { d1: 1 } } },
	{ name: 'a header', text: 'query-id\tcorpus-id\tscore\nq1\td1\t1', expected: { q1: { d1: 1 } } },
	{
		name: 'byte order mark and Windows line ends',
		text: '\uFEFFq1\td1\t1\r\n\r\nq2\td1\t1\r\n',
		expected: { q1: { d1: 1 }, q2: { d1: 1 } },
	},
	{ name: 'ids of digits', text: '17\t4\t1', expected: { 17: { 4: 1 } } },
	{ name: 'ids with spaces, between tabs', text: 'q 1\td 1\t1', expected: { 'q 1': { 'd 1': 1 } } },
	{ name: 'the same pair twice', text: 'q1\td1\t1\nq1\td1\t3', expected: { q1: { d1: 3 } } },
])('judgements: $name', ({ text, expected }) => {
	expect(asObject(text)).toEqual(expected);
	expect(parseJudgements(text, 'qrels.tsv').problems).toEqual([]);
});

test('what is no judgement is named with its line', () => {
	expect(parseJudgements('q1\td1\t1\nq1\td1\nq1\td1\tyes', 'qrels.tsv').problems).toEqual([
		'qrels.tsv:2: three columns are expected: query, document, degree',
		'qrels.tsv:3: three columns are expected: query, document, degree',
	]);
	expect(parseJudgements('', 'qrels.tsv').problems).toEqual(['qrels.tsv: holds no judgements']);
});

test.each([
	{ value: { id: 'd1', text: 'т' }, expected: { row: { id: 'd1', title: null, text: 'т' } } },
	{ value: { _id: 7, text: '', title: ' ' }, expected: { row: { id: '7', title: null, text: '' } } },
	{ value: { id: 'd1', text: 'т', title: 'з' }, expected: { row: { id: 'd1', title: 'з', text: 'т' } } },
	{ value: { text: 'т' }, expected: { problem: '"id" must be a text or a number' } },
	{ value: { id: 'd1' }, expected: { problem: '"text" must be a text' } },
	{ value: { id: 'd1', text: 'т', title: 5 }, expected: { problem: '"title" must be a text' } },
	{ value: [], expected: { problem: 'is no JSON object' } },
])('a line of the corpus: $value', ({ value, expected }) => {
	expect(readSetText(value)).toEqual(expected);
});

test('rankings are measured also where the engine refuses, and refusals by themselves', () => {
	const run = (over: Partial<QueryRun>): QueryRun => ({
		ranking: ['d1'],
		nothingRelevant: false,
		bestDenseScore: null,
		milliseconds: 1,
		...over,
	});
	const judgements = new Map([['d1', 1]]);
	const figures = retrievalFigures(
		[
			{ ...run({ nothingRelevant: true, milliseconds: 3 }), judgements },
			{ ...run({}), judgements },
		],
		[run({ nothingRelevant: true }), run({}), run({})],
	);
	expect(figures.metrics['recall@1']).toBe(1);
	expect(figures.nothingRelevant.wronglyRefused).toMatchObject({ share: 0.5, count: 1, of: 2 });
	expect(figures.nothingRelevant.rightlyRefused).toMatchObject({ count: 1, of: 3 });
	expect(figures.queryMs).toEqual({ median: 1, p95: 3 });
	expect(figures.denseBarFor95).toBeNull();
	expect(retrievalFigures([{ ...run({ bestDenseScore: 0.7 }), judgements }], []).denseBarFor95).toBe(0.7);
});
