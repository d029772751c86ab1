import { deflateRawSync, deflateSync } from 'node:zlib';

import { Document, HeadingLevel, Packer, Paragraph, Table, TableCell, TableRow, TextRun } from 'docx';
import PdfDocument from 'pdfkit';

/** A font with Cyrillic letters, where the machine has one. */
const FONTS = [
	'/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
	'/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf',
	'/usr/share/fonts/dejavu/DejaVuSans.ttf',
];
export const PDF_FONTS: readonly string[] = FONTS;

export interface PdfLine {
	readonly text: string | readonly string[];
	readonly size?: number;
	/** Empty space before the line, points. */
	readonly gap?: number;
}

export interface PdfOptions {
	readonly font?: string;
	readonly password?: string;
	/** Printed at the bottom of each page with its number. */
	readonly footer?: string;
}

/** A PDF with a page per list of lines; a list of texts stands in columns. */
export async function makePdf(pages: readonly (readonly PdfLine[])[], options: PdfOptions = {}): Promise<Buffer> {
	const pdf = new PdfDocument({
		autoFirstPage: false,
		...(options.password === undefined ? {} : { userPassword: options.password, pdfVersion: '1.7' as const }),
	});
	const parts: Buffer[] = [];
	pdf.on('data', (part: Buffer) => parts.push(part));
	const done = new Promise((resolve) => pdf.on('end', resolve));
	if (options.font !== undefined) pdf.font(options.font);
	pages.forEach((lines, at) => {
		pdf.addPage({ margin: 50 });
		let y = 60;
		for (const { text, size = 11, gap = 0 } of lines) {
			y += gap;
			pdf.fontSize(size);
			(typeof text === 'string' ? [text] : text).forEach((cell, column) =>
				pdf.text(cell, 50 + column * 180, y, { lineBreak: false }),
			);
			y += size * 1.3;
		}
		if (options.footer !== undefined) pdf.fontSize(9).text(options.footer, 50, 720, { lineBreak: false });
		if (options.footer !== undefined) pdf.text(String(at + 1), 300, 735, { lineBreak: false });
	});
	pdf.end();
	await done;
	return Buffer.concat(parts);
}

/** A PDF page that is one picture, as a scanner makes it. */
export async function makeScannedPdf(): Promise<Buffer> {
	const pdf = new PdfDocument();
	const parts: Buffer[] = [];
	pdf.on('data', (part: Buffer) => parts.push(part));
	const done = new Promise((resolve) => pdf.on('end', resolve));
	pdf.rect(50, 50, 300, 300).fill('black');
	pdf.end();
	await done;
	return Buffer.concat(parts);
}

/** A PDF whose page is a stream of `bytes` zeros, packed a thousandfold. */
export function makePdfBomb(bytes: number): Buffer {
	const packed = deflateSync(Buffer.alloc(bytes, 0x20));
	return Buffer.concat([
		Buffer.from(
			'%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
				'3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n' +
				`4 0 obj<</Length ${packed.length}/Filter/FlateDecode>>\nstream\n`,
		),
		packed,
		Buffer.from('\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF'),
	]);
}

export interface DocxPart {
	readonly heading?: string;
	readonly text?: string;
	readonly items?: readonly string[];
	readonly rows?: readonly (readonly string[])[];
}

/** A DOCX of headings, paragraphs, bullets and tables. */
export async function makeDocx(parts: readonly DocxPart[]): Promise<Buffer> {
	const children = parts.flatMap(({ heading, text, items, rows }) => [
		...(heading === undefined ? [] : [new Paragraph({ text: heading, heading: HeadingLevel.HEADING_1 })]),
		...(text === undefined ? [] : [new Paragraph({ children: [new TextRun(text)] })]),
		...(items ?? []).map((item) => new Paragraph({ text: item, bullet: { level: 0 } })),
		...(rows === undefined
			? []
			: [
					new Table({
						rows: rows.map(
							(cells) =>
								new TableRow({ children: cells.map((cell) => new TableCell({ children: [new Paragraph(cell)] })) }),
						),
					}),
				]),
	]);
	return await Packer.toBuffer(new Document({ sections: [{ children }] }));
}

export interface ZipEntry {
	readonly name: string;
	readonly data: Buffer;
	/** What the directory says about the unpacked size; a bomb lies. */
	readonly saidBytes?: number;
}

/** A zip archive written by hand. */
export function makeZip(entries: readonly ZipEntry[]): Buffer {
	const locals: Buffer[] = [];
	const directory: Buffer[] = [];
	let offset = 0;
	for (const { name, data, saidBytes = data.length } of entries) {
		const packed = deflateRawSync(data);
		const local = Buffer.alloc(30);
		local.writeUInt32LE(0x04034b50, 0);
		local.writeUInt16LE(8, 8);
		local.writeUInt32LE(packed.length, 18);
		local.writeUInt32LE(saidBytes, 22);
		local.writeUInt16LE(name.length, 26);
		const entry = Buffer.alloc(46);
		entry.writeUInt32LE(0x02014b50, 0);
		entry.writeUInt16LE(8, 10);
		entry.writeUInt32LE(packed.length, 20);
		entry.writeUInt32LE(saidBytes, 24);
		entry.writeUInt16LE(name.length, 28);
		entry.writeUInt32LE(offset, 42);
		locals.push(local, Buffer.from(name), packed);
		directory.push(entry, Buffer.from(name));
		offset += local.length + name.length + packed.length;
	}
	const size = directory.reduce((sum, part) => sum + part.length, 0);
	const end = Buffer.alloc(22);
	end.writeUInt32LE(0x06054b50, 0);
	end.writeUInt16LE(entries.length, 8);
	end.writeUInt16LE(entries.length, 10);
	end.writeUInt32LE(size, 12);
	end.writeUInt32LE(offset, 16);
	return Buffer.concat([...locals, ...directory, end]);
}
