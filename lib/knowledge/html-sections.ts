import type { Section } from './section';
import { SectionBuilder } from './section-builder';

const TOKENS = /<(\/?)([a-z][a-z0-9]*)\b[^>]*>|([^<]+)/giu;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
const CELL_SEPARATOR = ' — ';

/**
 * Sections of the simple HTML that a converter of word processor files gives: headings, paragraphs, lists and tables.
 * Not for pages of the web: scripts and styles are taken for text.
 */
export function sectionsOfHtml(html: string): readonly Section[] {
	const reader = new HtmlReader();
	for (const [, closing, tag, text] of html.matchAll(TOKENS)) {
		if (text !== undefined) reader.text(decodeEntities(text));
		else if (closing === '/') reader.close((tag ?? '').toLowerCase());
		else reader.open((tag ?? '').toLowerCase());
	}
	return reader.finish();
}

class HtmlReader {
	private readonly builder = new SectionBuilder();
	private written = '';
	private rows: string[] = [];
	private cells: string[] = [];
	private items: string[] = [];
	private lines: string[] = [];
	private tableDepth = 0;
	private listDepth = 0;

	text(text: string): void {
		this.written += text;
	}

	open(tag: string): void {
		if (tag === 'br') this.written += '\n';
		if (tag === 'table') {
			if (this.tableDepth === 0) this.flush();
			this.tableDepth += 1;
		} else if (this.tableDepth > 0) {
			return;
		} else if (tag === 'ul' || tag === 'ol') {
			if (this.listDepth === 0) this.flush();
			else this.line();
			this.listDepth += 1;
		} else if (tag === 'li') {
			this.line();
		}
	}

	close(tag: string): void {
		if (this.tableDepth > 0) this.closeInTable(tag);
		else if (this.listDepth > 0) this.closeInList(tag);
		else if (/^h[1-6]$/u.test(tag)) this.builder.heading(Number(tag.slice(1)), this.take());
		else if (tag === 'p') this.flush();
	}

	finish(): readonly Section[] {
		this.flush();
		return this.builder.finish();
	}

	private closeInTable(tag: string): void {
		if (tag === 'p') this.written += ' ';
		if (this.tableDepth > 1 && tag !== 'table') return;
		if (tag === 'td' || tag === 'th') {
			this.cells.push(this.take());
		} else if (tag === 'tr') {
			const row = this.cells.filter((cell) => cell !== '').join(CELL_SEPARATOR);
			if (row !== '') this.rows.push(row);
			this.cells = [];
		} else if (tag === 'table') {
			this.tableDepth -= 1;
			if (this.tableDepth > 0) return;
			this.builder.block({ kind: 'table', units: this.rows, hasHeader: !/\p{N}/u.test(this.rows[0] ?? '') });
			this.rows = [];
		}
	}

	private closeInList(tag: string): void {
		if (tag === 'p') this.written += ' ';
		else if (tag === 'li') {
			this.line();
			if (this.listDepth > 1) return;
			if (this.lines.length > 0) this.items.push(this.lines.join('\n'));
			this.lines = [];
		} else if (tag === 'ul' || tag === 'ol') {
			this.listDepth -= 1;
			if (this.listDepth > 0) return;
			this.builder.block({ kind: 'list', units: this.items });
			this.items = [];
		}
	}

	/** Ends a line of a list item; nested items are lines of the outer one. */
	private line(): void {
		const text = this.take();
		if (text !== '') this.lines.push(`${'  '.repeat(Math.max(0, this.listDepth - 1))}• ${text}`);
	}

	private flush(): void {
		const text = this.take();
		if (text !== '') this.builder.block({ kind: 'text', units: [text] });
	}

	private take(): string {
		const text = this.written
			.replace(/[^\S\n]+/gu, ' ')
			.replace(/ ?\n ?/gu, '\n')
			.trim();
		this.written = '';
		return text;
	}
}

function decodeEntities(text: string): string {
	return text.replace(
		/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/giu,
		(whole, decimal, hex, name: string | undefined) => {
			if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
			const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
			return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
		},
	);
}
