/** How a text that a model wrote in Markdown looks in a messenger. */
import type { Channel } from '../item/turn-item';

/** Longest text that is reformatted; beyond it a reply is refused anyway. */
const MAX_CHARS = 20_000;
const TABLE_RULE = /^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$/u;

/** A reply as it is sent on a channel: WhatsApp has marks for bold and struck text, the others show them as they are. */
export function formatForChannel(text: string, channel: Channel): string {
	const formatted = formatForWhatsapp(text);
	return channel === 'whatsapp' ? formatted : withoutEmphasis(formatted);
}

/**
 * Turns Markdown and simple HTML into WhatsApp's forms: `**bold**` and headings into `*bold*`, links into "text: address",
 * rows of a table and dashes into lines with "•"; code marks, quotation marks and rules are dropped.
 *
 * Idempotent; a text without any marks comes back as it is, but trimmed.
 */
export function formatForWhatsapp(text: string): string {
	if (text.length > MAX_CHARS) return text;
	const lines = text
		.replace(/\r\n?/gu, '\n')
		.replace(/<br\s*\/?>/giu, '\n')
		.replace(/<\/?(?:b|strong)>/giu, '**')
		.replace(/<\/?(?:i|em|u|p|ul|ol|span|div)>/giu, '')
		.split('\n');
	const formatted: string[] = [];
	for (const [index, line] of lines.entries()) {
		if (/^\s*```/u.test(line) || TABLE_RULE.test(line) || /^\s*(?:[-*_]\s?){3,}$/u.test(line)) continue;
		// The row above a table's rule holds the names of its columns, which a chat does not need.
		if (isTableRow(line) && TABLE_RULE.test(lines[index + 1] ?? '')) continue;
		formatted.push(inline(isTableRow(line) ? tableRow(line) : block(line)));
	}
	return formatted
		.map((line) => line.trimEnd())
		.join('\n')
		.replace(/\n{3,}/gu, '\n\n')
		.trim();
}

function isTableRow(line: string): boolean {
	return /^\s*\|.*\|\s*$/u.test(line);
}

function tableRow(line: string): string {
	const cells = line
		.trim()
		.slice(1, -1)
		.split('|')
		.map((cell) => cell.trim())
		.filter((cell) => cell !== '');
	return `• ${cells.join(' — ')}`;
}

function block(line: string): string {
	const heading = /^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$/u.exec(line);
	if (heading !== null) return `**${(heading[1] ?? '').replace(/\*\*|__/gu, '')}**`;
	return line.replace(/^\s*(?:>\s?)+/u, '').replace(/^(\s*)[-*+]\s+(?=\S)/u, '$1• ');
}

function inline(line: string): string {
	return line
		.replace(/!?\[([^\]\n]{0,300})\]\((\S{1,500}?)(?:\s+"[^"\n]{0,200}")?\)/gu, (_, label: string, address: string) =>
			linkText(label.trim(), address),
		)
		.replace(/<(https?:\/\/[^\s>]{1,500})>/gu, '$1')
		.replace(/(?<![\p{L}\p{N}])__(?=\S)([^_\n]{1,500}?)(?<=\S)__(?![\p{L}\p{N}])/gu, '*$1*')
		.replace(/\*{2,3}(?=\S)([^*\n]{1,500}?)(?<=\S)\*{2,3}/gu, '*$1*')
		.replace(/~~(?=\S)([^~\n]{1,500}?)(?<=\S)~~/gu, '~$1~')
		.replace(/\*\*/gu, '')
		.replaceAll('```', '')
		.replace(/`([^`\n]{0,500})`/gu, '$1')
		.replace(/\\([\\`*_{}[\]()#+.!|>-])/gu, '$1');
}

function linkText(label: string, address: string): string {
	const bare = (link: string): string => link.replace(/^(?:https?:\/\/|mailto:|tel:)|[ ()-]|\/$/gu, '');
	if (label !== '' && bare(label) !== bare(address)) return `${label}: ${address}`;
	return address.startsWith('http') || label === '' ? address : label;
}

function withoutEmphasis(text: string): string {
	return text
		.replace(/(?<![\p{L}\p{N}*])\*(?=\S)([^*\n]{1,500}?)(?<=\S)\*(?![\p{L}\p{N}*])/gu, '$1')
		.replace(/(?<![\p{L}\p{N}~])~(?=\S)([^~\n]{1,500}?)(?<=\S)~(?![\p{L}\p{N}~])/gu, '$1');
}
