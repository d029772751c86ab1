import { existsSync } from 'node:fs';

import { DOCUMENT_LIMITS, FileDocumentReader } from '../../../lib/adapters/document-reader';
import type { Section } from '../../../lib/knowledge/section';
import type { ReadDocument } from '../../../lib/ports/document-reader';
import { makeDocx, makePdf, makePdfBomb, makeScannedPdf, makeZip, PDF_FONTS } from '../../support/documents';

jest.setTimeout(60_000);

const MB = 1_048_576;
const reader = new FileDocumentReader();
const small = new FileDocumentReader({ ...DOCUMENT_LIMITS, maxUnpackedBytes: 4 * MB, maxChars: 5_000, maxPages: 2 });

function sectionsOf(result: ReadDocument): readonly Section[] {
	if (!result.ok) throw new Error(`${result.code} ${result.problem}`);
	return result.sections;
}

describe('text files', () => {
	test.each([
		{ name: 'UTF-8', bytes: Buffer.from('Есть парковка?\nДа, во дворе.') },
		{ name: 'UTF-8 with a mark', bytes: Buffer.from('\uFEFFЕсть парковка?\r\nДа, во дворе.') },
		{ name: 'UTF-16', bytes: Buffer.from('\uFEFFЕсть парковка?\nДа, во дворе.', 'utf16le') },
		{
			name: 'windows-1251',
			bytes: Buffer.from([
				0xc5, 0xf1, 0xf2, 0xfc, 0x20, 0xef, 0xe0, 0xf0, 0xea, 0xee, 0xe2, 0xea, 0xe0, 0x3f, 0x0a, 0xc4, 0xe0, 0x2c,
				0x20, 0xe2, 0xee, 0x20, 0xe4, 0xe2, 0xee, 0xf0, 0xe5, 0x2e,
			]),
		},
	])('a question in $name is the heading of its answer', async ({ bytes }) => {
		expect(sectionsOf(await reader.read('faq.txt', bytes))).toEqual([
			{ headings: ['Есть парковка?'], blocks: [{ kind: 'text', units: ['Да, во дворе.'] }] },
		]);
	});

	test('a price list keeps one entry a line, columns stay rows with their header', async () => {
		const text = 'ЦЕНЫ\n\nМаникюр 8000\nПедикюр 9000\n\nУслуга\tЦена\nСтрижка\t5000\nУкладка\t6000\n';
		expect(sectionsOf(await reader.read('price.TXT', Buffer.from(text)))).toEqual([
			{
				headings: ['ЦЕНЫ'],
				blocks: [
					{ kind: 'list', units: ['Маникюр 8000', 'Педикюр 9000'] },
					{ kind: 'table', units: ['Услуга — Цена', 'Стрижка — 5000', 'Укладка — 6000'], hasHeader: true },
				],
			},
		]);
	});

	test('front matter comes apart from the text', async () => {
		const result = await reader.read('faq.md', Buffer.from('---\ntype: faq\n---\n# Вопрос\n\nОтвет\n'));
		expect(result).toMatchObject({ ok: true, format: 'markdown', frontMatter: 'type: faq' });
	});
});

describe('PDF', () => {
	test('larger letters are headings, columns are rows, page numbers and footers are left out', async () => {
		const page = (name: string): { text: string | string[]; size?: number; gap?: number }[] => [
			{ text: `About ${name}`, size: 18 },
			{ text: 'We work every day.', gap: 8 },
			{ text: 'Come without an appoint-' },
			{ text: 'ment if you like.' },
			{ text: ['Service', 'Price'], gap: 20 },
			{ text: ['Manicure', '8 000'] },
			{ text: ['Pedicure', '9 000'] },
		];
		const pdf = await makePdf([page('one'), page('two'), page('three')], { footer: 'Salon, 2026' });
		const sections = sectionsOf(await reader.read('about.pdf', pdf));
		expect(sections.map(({ headings }) => headings)).toEqual([['About one'], ['About two'], ['About three']]);
		expect(sections[0]?.blocks).toEqual([
			{ kind: 'text', units: ['We work every day. Come without an appointment if you like.'] },
			{ kind: 'table', units: ['Service — Price', 'Manicure — 8 000', 'Pedicure — 9 000'], hasHeader: true },
		]);
	});

	const font = PDF_FONTS.find((file) => existsSync(file));
	(font === undefined ? test.skip : test)('Russian and Kazakh letters arrive', async () => {
		const pdf = await makePdf([[{ text: 'Қанша тұрады?' }, { text: 'Маникюр стоит 8 000 ₸.' }]], { font: font ?? '' });
		expect(sectionsOf(await reader.read('p.pdf', pdf))).toMatchObject([
			{ headings: ['Қанша тұрады?'], blocks: [{ units: ['Маникюр стоит 8 000 ₸.'] }] },
		]);
	});

	test.each([
		{ name: 'no PDF at all', make: async () => Buffer.from('<html>'), code: 'TRF_DOCUMENT_UNREADABLE' },
		{
			name: 'a cut file',
			make: async () => (await makePdf([[{ text: 'x' }]])).subarray(0, 300),
			code: 'TRF_DOCUMENT_UNREADABLE',
		},
		{
			name: 'rubbish behind the mark',
			make: async () => Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(5_000, 7)]),
			code: 'TRF_DOCUMENT_UNREADABLE',
		},
		{ name: 'an empty file', make: async () => Buffer.alloc(0), code: 'TRF_DOCUMENT_UNREADABLE' },
		{
			name: 'a password',
			make: async () => await makePdf([[{ text: 'x' }]], { password: 'secret' }),
			code: 'TRF_DOCUMENT_ENCRYPTED',
		},
		{ name: 'a scan', make: makeScannedPdf, code: 'TRF_DOCUMENT_NO_TEXT' },
		{ name: 'an empty page', make: async () => await makePdf([[]]), code: 'TRF_DOCUMENT_NO_TEXT' },
		{ name: 'a bomb', make: async () => makePdfBomb(64 * MB), code: 'TRF_DOCUMENT_TOO_LARGE' },
		{
			name: 'too many pages',
			make: async () => await makePdf([[{ text: 'a' }], [{ text: 'b' }], [{ text: 'c' }]]),
			code: 'TRF_DOCUMENT_TOO_LARGE',
		},
	])('$name gives $code', async ({ make, code }) => {
		expect(await small.read('x.pdf', await make())).toMatchObject({ ok: false, code });
	});

	test('a parser that hangs is stopped', async () => {
		const hasty = new FileDocumentReader({ ...DOCUMENT_LIMITS, timeoutMs: 1 });
		expect(await hasty.read('x.pdf', await makePdf([[{ text: 'x' }]]))).toMatchObject({
			ok: false,
			code: 'TRF_DOCUMENT_UNREADABLE',
			problem: 'reading took longer than 0.001 s',
		});
	});
});

describe('DOCX', () => {
	test('headings, paragraphs, lists and tables', async () => {
		const docx = await makeDocx([
			{ heading: 'Цены & скидки', text: 'Оплата <картой> или наличными.' },
			{ items: ['Пенсионерам 10 %', 'Студентам 5 %'] },
			{
				rows: [
					['Услуга', 'Цена'],
					['Маникюр', '8 000 ₸'],
					['', ''],
				],
			},
		]);
		expect(sectionsOf(await reader.read('price.docx', docx))).toEqual([
			{
				headings: ['Цены & скидки'],
				blocks: [
					{ kind: 'text', units: ['Оплата <картой> или наличными.'] },
					{ kind: 'list', units: ['• Пенсионерам 10 %', '• Студентам 5 %'] },
					{ kind: 'table', units: ['Услуга — Цена', 'Маникюр — 8 000 ₸'], hasHeader: true },
				],
			},
		]);
	});

	test.each([
		{ name: 'no zip', make: async () => Buffer.from('hello'), code: 'TRF_DOCUMENT_UNREADABLE' },
		{ name: 'an empty file', make: async () => Buffer.alloc(0), code: 'TRF_DOCUMENT_UNREADABLE' },
		{
			name: 'a zip that is no document',
			make: async () => makeZip([{ name: 'a.txt', data: Buffer.from('x') }]),
			code: 'TRF_DOCUMENT_UNREADABLE',
		},
		{
			name: 'a cut file',
			make: async () => (await makeDocx([{ text: 'x' }])).subarray(0, 500),
			code: 'TRF_DOCUMENT_UNREADABLE',
		},
		{
			name: 'an old .doc or a password',
			make: async () => Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
			code: 'TRF_DOCUMENT_ENCRYPTED',
		},
		{ name: 'no text', make: async () => await makeDocx([{ text: ' ' }]), code: 'TRF_DOCUMENT_NO_TEXT' },
		{
			name: 'a bomb that lies about its size',
			make: async () => makeZip([{ name: 'word/document.xml', data: Buffer.alloc(64 * MB, 0x20), saidBytes: 100 }]),
			code: 'TRF_DOCUMENT_TOO_LARGE',
		},
		{
			name: 'many small bombs',
			make: async () =>
				makeZip([...Array(8).keys()].map((at) => ({ name: `${at}.xml`, data: Buffer.alloc(MB, 0x20) }))),
			code: 'TRF_DOCUMENT_TOO_LARGE',
		},
		{
			name: 'too much text',
			make: async () => await makeDocx([{ text: 'слово '.repeat(2_000) }]),
			code: 'TRF_DOCUMENT_TOO_LARGE',
		},
	])('$name gives $code', async ({ make, code }) => {
		expect(await small.read('x.docx', await make())).toMatchObject({ ok: false, code });
	});
});

test.each([
	{ name: 'notes.txt', bytes: Buffer.alloc(21 * MB), code: 'TRF_DOCUMENT_TOO_LARGE' },
	{ name: 'empty.txt', bytes: Buffer.from(' \n\n'), code: 'TRF_DOCUMENT_NO_TEXT' },
	{ name: 'empty.md', bytes: Buffer.from('<!-- nothing -->'), code: 'TRF_DOCUMENT_NO_TEXT' },
	{ name: 'table.xlsx', bytes: Buffer.from('x'), code: 'TRF_DOCUMENT_UNREADABLE' },
])('$name gives $code', async ({ name, bytes, code }) => {
	expect(await reader.read(name, bytes)).toMatchObject({ ok: false, code });
});
