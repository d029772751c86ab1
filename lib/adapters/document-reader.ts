import { sectionsOfHtml } from '../knowledge/html-sections';
import { linesOfText, sectionsOfLines } from '../knowledge/line-sections';
import { frontMatterOf, markdownSections } from '../knowledge/markdown-sections';
import { linesOfPages } from '../knowledge/pdf-lines';
import type { Section } from '../knowledge/section';
import {
	documentFormat,
	type DocumentProblemCode,
	type DocumentReader,
	type ReadDocument,
} from '../ports/document-reader';
import { inflatedPdfSize, inflatedZipSize } from './inflate-limit';
import { parseInWorker, type ParsedFile, type WorkerLimits } from './parse-in-worker';

const BYTES_PER_MB = 1_048_576;

export interface DocumentLimits extends WorkerLimits {
	readonly maxFileBytes: number;
	/** Of everything that is packed in a file, unpacked. */
	readonly maxUnpackedBytes: number;
}

export const DOCUMENT_LIMITS: DocumentLimits = {
	maxFileBytes: 20 * BYTES_PER_MB,
	maxUnpackedBytes: 200 * BYTES_PER_MB,
	maxChars: 2_000_000,
	maxPages: 1_000,
	heapMb: 512,
	timeoutMs: 60_000,
};

/** First bytes of the old container of Office files: .doc, and .docx with a password. */
const OLD_OFFICE = [0xd0, 0xcf, 0x11, 0xe0];
const PDF_MARK = '%PDF-';
/** The mark may stand behind some rubbish. */
const PDF_MARK_WITHIN = 1_024;

/** Reads .md, .txt, .pdf and .docx; PDF by unpdf and DOCX by mammoth, each in a thread with limits. */
export class FileDocumentReader implements DocumentReader {
	constructor(private readonly limits: DocumentLimits = DOCUMENT_LIMITS) {}

	async read(fileName: string, bytes: Uint8Array): Promise<ReadDocument> {
		const format = documentFormat(fileName);
		if (format === null) return refused('TRF_DOCUMENT_UNREADABLE', 'only .md, .txt, .pdf and .docx are read');
		if (bytes.length > this.limits.maxFileBytes)
			return refused(
				'TRF_DOCUMENT_TOO_LARGE',
				`${inMb(bytes.length)} MB, at most ${inMb(this.limits.maxFileBytes)} are read`,
			);
		switch (format) {
			case 'markdown': {
				const text = decodeText(bytes);
				return this.withText(format, text.length, markdownSections(text), frontMatterOf(text));
			}
			case 'text': {
				const text = decodeText(bytes);
				return this.withText(format, text.length, sectionsOfLines(linesOfText(text)), null);
			}
			case 'pdf':
				return await this.readPdf(bytes);
			case 'docx':
				return await this.readDocx(bytes);
		}
	}

	private async readPdf(bytes: Uint8Array): Promise<ReadDocument> {
		const head = Buffer.from(bytes.subarray(0, PDF_MARK_WITHIN)).toString('latin1');
		if (!head.includes(PDF_MARK)) return refused('TRF_DOCUMENT_UNREADABLE', 'it is no PDF');
		if (inflatedPdfSize(bytes, this.limits.maxUnpackedBytes).kind === 'tooLarge') return this.tooMuchInside();
		const parsed = await parseInWorker('pdf', bytes, this.limits);
		if (parsed.kind !== 'pages') return this.failed(parsed);
		if (parsed.isCut)
			return refused(
				'TRF_DOCUMENT_TOO_LARGE',
				`more than ${this.limits.maxPages} pages or ${this.limits.maxChars} characters`,
			);
		const pages = parsed.pages.map((items) =>
			items.map(([text, x, y, width, height]) => ({ text, x, y, width, height })),
		);
		const sections = sectionsOfLines(linesOfPages(pages));
		if (!hasText(sections))
			return refused(
				'TRF_DOCUMENT_NO_TEXT',
				parsed.pages.length === 0
					? 'it has no pages'
					: 'its pages hold no text, they are probably scanned pictures; recognise the text (OCR) first',
			);
		return { ok: true, format: 'pdf', sections, frontMatter: null };
	}

	private async readDocx(bytes: Uint8Array): Promise<ReadDocument> {
		if (OLD_OFFICE.every((byte, at) => bytes[at] === byte))
			return refused(
				'TRF_DOCUMENT_ENCRYPTED',
				'it has a password, or is an old .doc; save it as .docx without a password',
			);
		const inflated = inflatedZipSize(bytes, this.limits.maxUnpackedBytes);
		if (inflated.kind === 'tooLarge') return this.tooMuchInside();
		if (inflated.kind === 'broken') return refused('TRF_DOCUMENT_UNREADABLE', 'it is no DOCX, or is damaged');
		const parsed = await parseInWorker('docx', bytes, this.limits);
		return parsed.kind === 'html'
			? this.withText('docx', parsed.html.length, sectionsOfHtml(parsed.html), null)
			: this.failed(parsed);
	}

	private withText(
		format: 'markdown' | 'text' | 'docx',
		chars: number,
		sections: readonly Section[],
		frontMatter: string | null,
	): ReadDocument {
		if (chars > this.limits.maxChars)
			return refused('TRF_DOCUMENT_TOO_LARGE', `${chars} characters, at most ${this.limits.maxChars} are read`);
		if (!hasText(sections)) return refused('TRF_DOCUMENT_NO_TEXT', 'it holds no text');
		return { ok: true, format, sections, frontMatter };
	}

	private tooMuchInside(): ReadDocument {
		return refused('TRF_DOCUMENT_TOO_LARGE', `unpacked it is larger than ${inMb(this.limits.maxUnpackedBytes)} MB`);
	}

	private failed(parsed: ParsedFile): ReadDocument {
		if (parsed.kind === 'timeout')
			return refused('TRF_DOCUMENT_UNREADABLE', `reading took longer than ${this.limits.timeoutMs / 1_000} s`);
		if (parsed.kind === 'failed' && parsed.name === 'PasswordException')
			return refused('TRF_DOCUMENT_ENCRYPTED', 'it has a password; save it without one');
		return refused('TRF_DOCUMENT_UNREADABLE', 'it is damaged');
	}
}

function refused(code: DocumentProblemCode, problem: string): ReadDocument {
	return { ok: false, code, problem };
}

function hasText(sections: readonly Section[]): boolean {
	return sections.some(({ blocks }) => blocks.some(({ units }) => units.some((unit) => /[\p{L}\p{N}]/u.test(unit))));
}

/** UTF-8, UTF-16 with a byte order mark, or windows-1251, in which old programs here still write. */
function decodeText(bytes: Uint8Array): string {
	if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
	if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
	try {
		return withoutNulls(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch {
		return withoutNulls(new TextDecoder('windows-1251').decode(bytes));
	}
}

/** PostgreSQL cannot store them. */
function withoutNulls(text: string): string {
	return text.replaceAll('\u0000', '');
}

function inMb(bytes: number): string {
	return (bytes / BYTES_PER_MB).toFixed(1);
}
