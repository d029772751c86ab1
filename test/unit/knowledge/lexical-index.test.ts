import { buildLexicalIndex, type IndexableChunk, type LexicalIndex } from '../../../lib/knowledge/lexical-index';
import { LexicalIndexCache } from '../../../lib/knowledge/lexical-index-cache';
import { chunkSparseVector, querySparseVector } from '../../../lib/knowledge/sparse-vector';
import { chunkAllowed, type StoredChunk } from '../../../lib/knowledge/knowledge-store';
import { startCpuClock } from '../../support/cpu-clock';

const CHUNKS: IndexableChunk[] = [
	{ id: 'parking', title: 'Есть ли парковка? / Тұрақ бар ма?', text: 'Во дворе бесплатно. Аулада тегін.' },
	{ id: 'lashes', title: 'Наращивание ресниц', text: 'Кірпік ұзарту. Держится три недели.' },
	{ id: 'keratin', title: 'Кератин', text: 'Трое суток не мойте голову.' },
];
const top = (query: string, synonyms: string[][] = []): string | null =>
	buildLexicalIndex(CHUNKS, synonyms).search(query, 3).hits[0]?.chunk.id ?? null;

test.each([
	{ name: 'another ending', query: 'парковки', id: 'parking' },
	{ name: 'a typing error', query: 'паркавка есть?', id: 'parking' },
	{ name: 'Latin letters', query: 'parkovka', id: 'parking' },
	{ name: 'Kazakh', query: 'тұрақ', id: 'parking' },
	{ name: 'Kazakh with Russian letters', query: 'турак бар ма', id: 'parking' },
	{ name: 'capitals and marks', query: 'РЕСНИЦЫ!!!', id: 'lashes' },
	{ name: 'something else', query: 'пицца с доставкой', id: null },
	{ name: 'nothing', query: '', id: null },
	{ name: 'emoji', query: '😀😀', id: null },
])('$name: "$query"', ({ query, id }) => {
	expect(top(query)).toBe(id);
});

test('a synonym finds what the customer named otherwise', () => {
	expect(top('стоянка')).toBeNull();
	expect(top('стоянка', [['парковка', 'стоянка']])).toBe('parking');
	expect(top('стоянку ищу', [['парковка', 'стоянка']])).toBe('parking');
});

test('filters apply before the limit', () => {
	const many = [...Array(50).keys()].map((at) => ({ id: `x${at}`, title: null, text: 'парковка' }));
	const result = buildLexicalIndex([...many, { id: 'own', title: null, text: 'парковка для гостей салона' }]).search(
		'парковка',
		1,
		({ id }) => id === 'own',
	);
	expect(result.hits.map(({ chunk }) => chunk.id)).toEqual(['own']);
});

test('the question of an FAQ entry without a title is taken from the beginning of its text', () => {
	const joined = [
		{ id: 'price', title: null, text: 'Сколько стоит доставка? Доставка заказа по городу бесплатная от пяти тысяч.' },
		{
			id: 'time',
			title: null,
			text: 'Когда привезут заказ? Доставка по городу занимает час, доставка в пригород два часа.',
		},
	];
	expect(buildLexicalIndex(joined).rank('когда привезут', 1)[0]?.chunk.id).toBe('time');
});

test('a ranking goes on where an answer is refused', () => {
	const index = buildLexicalIndex(CHUNKS);
	expect(index.search('ремонт парусных яхт с доставкой', 3).nothingRelevant).toBe(true);
	expect(index.rank('ремонт парковочных яхт с доставкой', 3)[0]?.chunk.id).toBe('parking');
});

test('relevance says the same for given chunks, and nothing for unknown ones', () => {
	const index = buildLexicalIndex(CHUNKS);
	const [best] = index.rank('парковка', 1);
	expect(index.relevanceOf('парковка', ['parking', 'unknown'])).toEqual([best?.relevance, 0]);
	expect(best?.relevance).toBeGreaterThan(index.relevanceBar);
});

test('an empty knowledge finds nothing', () => {
	expect(buildLexicalIndex([]).search('парковка', 3)).toEqual({ hits: [], nothingRelevant: true });
});

test('fifty documents of five chunks answer in under 10 ms', () => {
	const words =
		'маникюр педикюр стрижка окрашивание ресницы брови кератин укладка макияж шугаринг мастер запись оплата время правила отмена парковка адрес'.split(
			' ',
		);
	const chunks = [...Array(250).keys()].map((at) => ({
		id: String(at),
		title: words[at % words.length] ?? '',
		text: [...Array(80).keys()].map((word) => words[(at * 7 + word * word) % words.length]).join(' '),
	}));
	const index = buildLexicalIndex(chunks);
	index.search('сколько держится окрашивание', 4);
	const cpuMs = startCpuClock();
	for (let round = 0; round < 20; round += 1) index.search('можно ли перенести запись на маникюр и стрижку', 4);
	expect(cpuMs() / 20).toBeLessThan(10);
});

describe('the cache of indexes', () => {
	const build = (size: number) => async (): Promise<LexicalIndex<IndexableChunk>> =>
		buildLexicalIndex([...Array(size).keys()].map((at) => ({ id: String(at), title: null, text: 'x' })));

	test('a new version of the knowledge is read, an old one is not read again', async () => {
		const cache = new LexicalIndexCache<IndexableChunk>();
		const one = await cache.get('a', 1, build(1));
		expect(await cache.get('a', 1, build(9))).toBe(one);
		expect((await cache.get('a', 2, build(2))).size).toBe(2);
	});

	test('one client never gets the index of another', async () => {
		const cache = new LexicalIndexCache<IndexableChunk>();
		await cache.get('a', 1, build(1));
		expect((await cache.get('b', 1, build(2))).size).toBe(2);
	});

	test('the client used longest ago makes room', async () => {
		const cache = new LexicalIndexCache<IndexableChunk>(10);
		await cache.get('a', 1, build(4));
		await cache.get('b', 1, build(4));
		await cache.get('a', 1, build(9));
		await cache.get('c', 1, build(4));
		expect(cache.clients).toBe(2);
		expect((await cache.get('a', 1, build(9))).size).toBe(4);
	});

	test('two searches at once build one index', async () => {
		const cache = new LexicalIndexCache<IndexableChunk>();
		let builds = 0;
		const counted = async (): Promise<LexicalIndex<IndexableChunk>> => {
			builds += 1;
			return await build(1)();
		};
		await Promise.all([cache.get('a', 1, counted), cache.get('a', 1, counted)]);
		expect(builds).toBe(1);
	});

	test('a failed build is tried again', async () => {
		const cache = new LexicalIndexCache<IndexableChunk>();
		await expect(cache.get('a', 1, async () => await Promise.reject(new Error('down')))).rejects.toThrow('down');
		expect((await cache.get('a', 1, build(3))).size).toBe(3);
	});
});

describe('who may see a chunk', () => {
	const chunk = (over: Partial<StoredChunk>): StoredChunk => ({
		id: '1',
		title: null,
		text: '',
		source: 'a.md',
		documentKind: 'markdown',
		knowledgeTag: null,
		language: null,
		validFrom: null,
		validTo: null,
		...over,
	});
	const now = new Date('2026-11-21T10:00:00Z');

	test.each([
		{ name: 'no tag: every branch', chunk: chunk({}), branchTag: 'north', allowed: true },
		{ name: 'own tag', chunk: chunk({ knowledgeTag: 'north' }), branchTag: 'north', allowed: true },
		{ name: "another branch's tag", chunk: chunk({ knowledgeTag: 'south' }), branchTag: 'north', allowed: false },
		{ name: 'a tag, and no branch is known', chunk: chunk({ knowledgeTag: 'south' }), branchTag: null, allowed: false },
		{ name: 'valid from this instant', chunk: chunk({ validFrom: now }), branchTag: null, allowed: true },
		{ name: 'valid until this instant', chunk: chunk({ validTo: now }), branchTag: null, allowed: false },
		{
			name: 'not yet valid',
			chunk: chunk({ validFrom: new Date(now.getTime() + 1) }),
			branchTag: null,
			allowed: false,
		},
	])('$name', ({ chunk: given, branchTag, allowed }) => {
		expect(chunkAllowed(given, { branchTag, now })).toBe(allowed);
	});
});

test('a sparse vector has sorted, unique indexes, and a query shares them with its chunk', () => {
	const chunk = chunkSparseVector('Парковка', 'Парковка во дворе, парковка бесплатная');
	expect([...chunk.indices]).toEqual([...new Set(chunk.indices)].sort((a, b) => a - b));
	expect(chunk.values).toHaveLength(chunk.indices.length);
	const query = querySparseVector('parkovka');
	expect(query.indices.every((index) => chunk.indices.includes(index))).toBe(true);
	expect(querySparseVector('кератин').indices.some((index) => chunk.indices.includes(index))).toBe(false);
});
