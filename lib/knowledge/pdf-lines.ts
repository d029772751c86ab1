import type { TextLine } from './line-sections';

/** A piece of text as a PDF page places it; lengths in points, y grows upwards. */
export interface PdfItem {
	readonly text: string;
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

interface Line {
	readonly cells: string[];
	readonly y: number;
	readonly height: number;
}

/** Shares of the letters' height. */
const SAME_LINE = 0.5;
const WORD_GAP = 0.15;
const COLUMN_GAP = 1.4;
const PARAGRAPH_GAP = 1.75;
const HEADING_HEIGHT = 1.15;
/** A line at the edge that stands on more than this share of the pages is a header or footer. */
const REPEATED_SHARE = 0.5;
const MIN_PAGES_FOR_REPEATED = 3;
/** So many lines at the top and at the bottom of a page may be headers and footers. */
const EDGE_LINES = 2;

/**
 * Puts the pieces of a PDF's pages together into lines: pieces at one height, columns where the gap is wide, headings
 * where the letters are larger than those of the text. Page numbers, headers and footers are left out. Text that runs
 * in several columns side by side is read across, as in a table.
 */
export function linesOfPages(pages: readonly (readonly PdfItem[])[]): readonly TextLine[] {
	const pageLines = withoutRunningLines(pages.map(linesOfPage));
	const all = pageLines.flat();
	const body = commonHeight(all);
	const levels = [
		...new Set(all.map(({ height }) => Math.round(height)).filter((height) => height >= body * HEADING_HEIGHT)),
	].sort((a, b) => b - a);
	return pageLines.flatMap((lines) =>
		lines.map((line, at) => {
			const level = levels.indexOf(Math.round(line.height)) + 1;
			const above = lines[at - 1];
			return {
				cells: line.cells,
				headingLevel: level === 0 ? null : level,
				startsParagraph: above !== undefined && above.y - line.y > PARAGRAPH_GAP * Math.max(line.height, body),
			};
		}),
	);
}

function linesOfPage(items: readonly PdfItem[]): Line[] {
	const rows: PdfItem[][] = [];
	const visible = items.filter(({ text }) => text.trim() !== '');
	for (const item of [...visible].sort((a, b) => b.y - a.y || a.x - b.x)) {
		const row = rows[rows.length - 1];
		const first = row?.[0];
		if (
			row !== undefined &&
			first !== undefined &&
			Math.abs(first.y - item.y) <= SAME_LINE * Math.max(first.height, item.height)
		)
			row.push(item);
		else rows.push([item]);
	}
	return rows.map((row) => ({
		cells: cellsOf([...row].sort((a, b) => a.x - b.x)),
		y: row[0]?.y ?? 0,
		height: Math.max(...row.map(({ height }) => height)),
	}));
}

function cellsOf(row: readonly PdfItem[]): string[] {
	const cells: string[] = [];
	let end = Number.NEGATIVE_INFINITY;
	for (const { text, x, width, height } of row) {
		const gap = x - end;
		const last = cells.length - 1;
		if (last < 0 || gap > COLUMN_GAP * height) cells.push(text);
		else cells[last] = `${cells[last] ?? ''}${gap > WORD_GAP * height ? ' ' : ''}${text}`;
		end = x + width;
	}
	return cells.map((cell) => cell.replace(/\s+/gu, ' ').trim()).filter((cell) => cell !== '');
}

function withoutRunningLines(pages: readonly Line[][]): Line[][] {
	const edges = new Map<string, number>();
	for (const lines of pages) {
		const ends = [...lines.slice(0, EDGE_LINES), ...lines.slice(-EDGE_LINES)];
		for (const text of new Set(ends.map(textOf))) edges.set(text, (edges.get(text) ?? 0) + 1);
	}
	const isRunning = (line: Line): boolean =>
		/^[\p{N}\s/–-]{1,9}$/u.test(textOf(line)) ||
		(pages.length >= MIN_PAGES_FOR_REPEATED && (edges.get(textOf(line)) ?? 0) > pages.length * REPEATED_SHARE);
	return pages.map((lines) => {
		const runsAt = (at: number): boolean => {
			const line = lines[at];
			return line !== undefined && isRunning(line);
		};
		let from = 0;
		while (from < EDGE_LINES && from < lines.length - 1 && runsAt(from)) from += 1;
		let to = lines.length;
		while (to > lines.length - EDGE_LINES && to > from + 1 && runsAt(to - 1)) to -= 1;
		return lines.slice(from, to);
	});
}

/** The height in which most letters are written. */
function commonHeight(lines: readonly Line[]): number {
	const letters = new Map<number, number>();
	for (const line of lines) {
		const height = Math.round(line.height);
		letters.set(height, (letters.get(height) ?? 0) + textOf(line).length);
	}
	return [...letters].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

function textOf(line: Line): string {
	return line.cells.join(' ');
}
