import { Worker } from 'node:worker_threads';

/** What a parser gave, or why it gave nothing. */
export type ParsedFile =
	| { readonly kind: 'pages'; readonly pages: readonly (readonly RawPdfItem[])[]; readonly isCut: boolean }
	| { readonly kind: 'html'; readonly html: string }
	| { readonly kind: 'failed'; readonly name: string; readonly message: string }
	| { readonly kind: 'timeout' };

/** Text, x, y, width, height. */
export type RawPdfItem = readonly [string, number, number, number, number];

export interface WorkerLimits {
	readonly timeoutMs: number;
	readonly heapMb: number;
	readonly maxPages: number;
	readonly maxChars: number;
}

/**
 * Runs in the worker as plain JavaScript, so that it needs no file of its own beside the compiled package. It only calls
 * the two libraries; what their results mean is decided outside.
 */
const WORKER_SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const { kind, library, bytes, maxPages, maxChars } = workerData;
async function pdf() {
	const { getDocumentProxy } = require(library);
	const document = await getDocumentProxy(bytes, { isEvalSupported: false, disableFontFace: true, useSystemFonts: false, stopAtErrors: false, verbosity: 0 });
	const pages = [];
	let chars = 0;
	let number = 1;
	for (; number <= document.numPages && number <= maxPages && chars <= maxChars; number += 1) {
		const page = await document.getPage(number);
		const { items } = await page.getTextContent({ includeMarkedContent: false });
		pages.push(items.filter((item) => typeof item.str === 'string' && item.str !== '').map((item) => {
			chars += item.str.length;
			return [item.str, item.transform[4], item.transform[5], item.width, item.height || Math.abs(item.transform[3])];
		}));
		page.cleanup();
	}
	return { kind: 'pages', pages, isCut: number <= document.numPages };
}
async function docx() {
	const mammoth = require(library);
	const convertImage = mammoth.images.imgElement(async () => ({ src: '' }));
	const { value } = await mammoth.convertToHtml({ buffer: Buffer.from(bytes) }, { convertImage, externalFileAccess: false });
	return { kind: 'html', html: value };
}
(kind === 'pdf' ? pdf() : docx()).catch((error) => ({
	kind: 'failed',
	name: String(error && error.name),
	message: String(error && error.message).slice(0, 200),
})).then((result) => parentPort.postMessage(result));
`;

const LIBRARIES = { pdf: 'unpdf', docx: 'mammoth' } as const;

/**
 * Parses a file in a thread of its own with limited memory and time, because a broken or hostile file must not take the
 * process with it. Never rejects.
 */
export async function parseInWorker(
	kind: 'pdf' | 'docx',
	bytes: Uint8Array,
	limits: WorkerLimits,
): Promise<ParsedFile> {
	return await new Promise((resolve) => {
		const { maxPages, maxChars } = limits;
		const worker = new Worker(WORKER_SOURCE, {
			eval: true,
			workerData: {
				kind,
				library: require.resolve(LIBRARIES[kind]),
				bytes: Uint8Array.from(bytes),
				maxPages,
				maxChars,
			},
			resourceLimits: { maxOldGenerationSizeMb: limits.heapMb },
			// Loaders of the parent (ts-node) are of no use to it.
			execArgv: [],
			stdout: true,
			stderr: true,
		});
		const settle = (result: ParsedFile): void => {
			clearTimeout(timer);
			resolve(result);
			void worker.terminate();
		};
		const timer = setTimeout(() => settle({ kind: 'timeout' }), limits.timeoutMs);
		worker.on('message', (result: ParsedFile) => settle(result));
		worker.on('error', (error) => settle({ kind: 'failed', name: error.name, message: error.message.slice(0, 200) }));
		worker.on('exit', () => settle({ kind: 'failed', name: 'Exit', message: 'the parser stopped' }));
	});
}
