import MarkdownIt from 'markdown-it';

type Token = MarkdownIt.Token;

/** A block that may only be cut between its units: sentences of a text, items of a list, rows of a table. */
export interface Block {
	readonly kind: 'text' | 'list' | 'table';
	readonly units: readonly string[];
}

/** The text under one heading; `headings` is the path to it, outermost first. */
export interface Section {
	readonly headings: readonly string[];
	readonly blocks: readonly Block[];
}

/** `html: true` makes HTML and comments tokens of their own, which are then left out. */
const parser = new MarkdownIt({ html: true, linkify: false, typographer: false });

/** Joins a heading path for people and for search; null when there is none. */
export function headingPath(headings: readonly string[]): string | null {
	return headings.length === 0 ? null : headings.join(' › ');
}

/** Splits a Markdown document into its sections; sections without text are left out. */
export function markdownSections(markdown: string): Section[] {
	const tokens = parser.parse(withoutFrontMatter(markdown), {});
	const sections: Section[] = [];
	let path: Array<{ level: number; text: string }> = [];
	let blocks: Block[] = [];
	const closeSection = (): void => {
		if (blocks.length > 0) sections.push({ headings: path.map(({ text }) => text), blocks });
		blocks = [];
	};
	for (let index = 0; index < tokens.length; index += 1) {
		const token = tokens[index];
		if (token === undefined) break;
		const end = closingIndex(tokens, index);
		const inner = tokens.slice(index, end + 1);
		if (token.type === 'heading_open') {
			closeSection();
			const level = Number(token.tag.slice(1));
			const text = inner.map(inlineText).join('').trim();
			path = path.filter((heading) => heading.level < level);
			if (text !== '') path.push({ level, text });
		} else {
			const block = readBlock(token, inner);
			if (block !== null && block.units.length > 0) blocks.push(block);
		}
		index = end;
	}
	closeSection();
	return sections;
}

function readBlock(token: Token, inner: readonly Token[]): Block | null {
	switch (token.type) {
		case 'table_open':
			return { kind: 'table', units: tableRows(inner) };
		case 'bullet_list_open':
		case 'ordered_list_open':
			return { kind: 'list', units: listItems(inner) };
		case 'html_block':
		case 'hr':
			return null;
		case 'fence':
		case 'code_block':
			return textBlock(token.content);
		default:
			return textBlock(
				inner
					.map(inlineText)
					.filter((text) => text !== '')
					.join('\n'),
			);
	}
}

function textBlock(text: string): Block | null {
	const trimmed = text.trim();
	return trimmed === '' ? null : { kind: 'text', units: [trimmed] };
}

/** A row reads "Маникюр — 8 000 ₸ — 60 минут": shown to customers as it is. */
function tableRows(tokens: readonly Token[]): string[] {
	const rows: string[] = [];
	let cells: string[] = [];
	for (const token of tokens) {
		if (token.type === 'tr_open') cells = [];
		else if (token.type === 'inline') cells.push(inlineText(token).trim());
		else if (token.type === 'tr_close') {
			const row = cells.filter((cell) => cell !== '').join(' — ');
			if (row !== '') rows.push(row);
		}
	}
	return rows;
}

/** Top-level items with their nested lines; an item is never torn unless it alone is larger than a chunk. */
function listItems(tokens: readonly Token[]): string[] {
	const items: string[] = [];
	let depth = 0;
	let lines: string[] = [];
	for (const token of tokens) {
		if (token.type === 'list_item_open') {
			depth += 1;
			if (depth === 1) lines = [];
		} else if (token.type === 'list_item_close') {
			depth -= 1;
			if (depth === 0 && lines.length > 0) items.push(lines.join('\n'));
		} else if (token.type === 'inline') {
			const text = inlineText(token).trim();
			if (text !== '') lines.push(`${'  '.repeat(Math.max(0, depth - 1))}• ${text}`);
		}
	}
	return items;
}

function inlineText(token: Token): string {
	if (token.type !== 'inline') return '';
	let text = '';
	let linkTarget = '';
	for (const child of token.children ?? []) {
		if (child.type === 'text' || child.type === 'code_inline') text += child.content;
		else if (child.type === 'softbreak' || child.type === 'hardbreak') text += '\n';
		else if (child.type === 'image') text += child.content;
		else if (child.type === 'link_open') linkTarget = String(child.attrGet('href') ?? '');
		else if (child.type === 'link_close') {
			if (linkTarget !== '' && !text.endsWith(linkTarget)) text += ` (${linkTarget})`;
			linkTarget = '';
		}
	}
	return text;
}

function closingIndex(tokens: readonly Token[], start: number): number {
	let depth = 0;
	for (let index = start; index < tokens.length; index += 1) {
		depth += tokens[index]?.nesting ?? 0;
		if (depth === 0) return index;
	}
	return tokens.length - 1;
}

function withoutFrontMatter(markdown: string): string {
	return markdown.replace(/^\uFEFF?---\r?\n[\s\S]*?\r?\n---\r?\n/, '');
}
