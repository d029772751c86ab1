import MarkdownIt from 'markdown-it';

import type { Block, Section } from './section';
import { SectionBuilder } from './section-builder';

type Token = MarkdownIt.Token;

/** `html: true` makes HTML and comments tokens of their own, which are then left out. */
const parser = new MarkdownIt({ html: true, linkify: false, typographer: false });

/** Splits a Markdown document into its sections; sections without text are left out. */
export function markdownSections(markdown: string): readonly Section[] {
	const tokens = parser.parse(withoutFrontMatter(markdown), {});
	const builder = new SectionBuilder();
	for (let index = 0; index < tokens.length; index += 1) {
		const token = tokens[index];
		if (token === undefined) break;
		const end = closingIndex(tokens, index);
		const inner = tokens.slice(index, end + 1);
		if (token.type === 'heading_open') {
			builder.heading(Number(token.tag.slice(1)), inner.map(inlineText).join(''));
		} else {
			const block = readBlock(token, inner);
			if (block !== null) builder.block(block);
		}
		index = end;
	}
	return builder.finish();
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

const FRONT_MATTER = /^\uFEFF?---[^\S\n]*\r?\n([\s\S]*?)(?:^|\r?\n)---[^\S\n]*(?:\r?\n|$)/u;

/** The text between the `---` lines at the beginning of a document; null when there is none. */
export function frontMatterOf(markdown: string): string | null {
	return FRONT_MATTER.exec(markdown)?.[1] ?? null;
}

function withoutFrontMatter(markdown: string): string {
	return markdown.replace(FRONT_MATTER, '');
}
