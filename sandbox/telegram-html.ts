/**
 * Telegram's HTML parse mode: tags become entities, and anything unusual is refused with Telegram's words.
 *
 * Source: Bot API, "Formatting options", HTML style. Offsets in errors are bytes of UTF-8, offsets of entities
 * are UTF-16 units, as in Telegram.
 */

export interface TextEntity {
	readonly type: string;
	readonly offset: number;
	readonly length: number;
	readonly url?: string;
	readonly language?: string;
}

export type ParsedText =
	| { readonly ok: true; readonly text: string; readonly entities: readonly TextEntity[] }
	/** `problem` follows "Bad Request: can't parse entities: ". */
	| { readonly ok: false; readonly problem: string };

const ENTITY_OF_TAG: Readonly<Record<string, string>> = {
	b: 'bold',
	strong: 'bold',
	i: 'italic',
	em: 'italic',
	u: 'underline',
	ins: 'underline',
	s: 'strikethrough',
	strike: 'strikethrough',
	del: 'strikethrough',
	span: 'spoiler',
	'tg-spoiler': 'spoiler',
	'tg-emoji': 'custom_emoji',
	a: 'text_link',
	code: 'code',
	pre: 'pre',
	blockquote: 'blockquote',
};

const NAMED_CHARACTERS: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };

interface OpenTag {
	readonly name: string;
	readonly start: number;
	readonly attributes: ReadonlyMap<string, string>;
}

/** Parses a text in Telegram's HTML style. */
export function parseTelegramHtml(source: string): ParsedText {
	const open: OpenTag[] = [];
	const entities: TextEntity[] = [];
	let text = '';
	let at = 0;
	const bytesAt = (index: number) => Buffer.byteLength(source.slice(0, index));
	const refuse = (problem: string): ParsedText => ({ ok: false, problem });

	while (at < source.length) {
		const character = source[at] as string;
		if (character === '&') {
			const decoded = decodeCharacter(source.slice(at, at + 12));
			text += decoded.text;
			at += decoded.length;
			continue;
		}
		if (character !== '<') {
			text += character;
			at += 1;
			continue;
		}
		const tagStart = at;
		const close = findTagEnd(source, at + 1);
		const isEnd = source[at + 1] === '/';
		if (close === -1) return refuse(`Unclosed ${isEnd ? 'end' : 'start'} tag at byte offset ${bytesAt(tagStart)}`);
		const inside = source.slice(at + (isEnd ? 2 : 1), close);
		at = close + 1;
		if (isEnd) {
			const name = inside.trim().toLowerCase();
			const last = open.pop();
			if (last === undefined) return refuse(`Unexpected end tag at byte offset ${bytesAt(tagStart)}`);
			if (name !== '' && name !== last.name) {
				return refuse(
					`Unmatched end tag at byte offset ${bytesAt(tagStart)}, expected "</${last.name}>", found "</${name}>"`,
				);
			}
			if (text.length > last.start) entities.push(entityOf(last, text));
			continue;
		}
		const name = (/^[^\s>]*/.exec(inside)?.[0] ?? '').toLowerCase();
		if (ENTITY_OF_TAG[name] === undefined) {
			return refuse(`Unsupported start tag "${name}" at byte offset ${bytesAt(tagStart)}`);
		}
		const attributes = parseAttributes(inside.slice(name.length));
		if (name === 'span' && attributes.get('class') !== 'tg-spoiler') {
			return refuse(`Tag "span" must have class "tg-spoiler" at byte offset ${bytesAt(tagStart)}`);
		}
		open.push({ name, start: text.length, attributes });
	}
	const unclosed = open.pop();
	if (unclosed !== undefined) return refuse(`Can't find end tag corresponding to start tag "${unclosed.name}"`);
	return { ok: true, ...trimText(text, entities) };
}

/** Telegram strips white space around a message; entities move with it, and those left empty vanish. */
export function trimText(text: string, entities: readonly TextEntity[]): { text: string; entities: TextEntity[] } {
	const trimmed = text.trim();
	const shift = text.indexOf(trimmed);
	const moved = entities
		.map((entity) => {
			const start = Math.max(0, entity.offset - shift);
			const end = Math.min(trimmed.length, entity.offset + entity.length - shift);
			return { ...entity, offset: start, length: end - start };
		})
		.filter((entity) => entity.length > 0)
		.sort((a, b) => a.offset - b.offset || b.length - a.length);
	return { text: trimmed, entities: moved };
}

function entityOf(tag: OpenTag, text: string): TextEntity {
	const base = { offset: tag.start, length: text.length - tag.start };
	if (tag.name !== 'a') return { type: ENTITY_OF_TAG[tag.name] as string, ...base };
	// A link without an address takes its own text for it, as in Telegram.
	return { type: 'text_link', ...base, url: tag.attributes.get('href') ?? text.slice(tag.start) };
}

/** The index of the `>` that ends the tag, skipping quoted attribute values; -1 when there is none. */
function findTagEnd(source: string, from: number): number {
	let quote: string | null = null;
	for (let index = from; index < source.length; index += 1) {
		const character = source[index] as string;
		if (quote !== null) {
			if (character === quote) quote = null;
		} else if ((character === '"' || character === "'") && source[index - 1] === '=') quote = character;
		else if (character === '>') return index;
	}
	return -1;
}

function parseAttributes(source: string): Map<string, string> {
	const attributes = new Map<string, string>();
	for (const match of source.matchAll(/([a-zA-Z-]+)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)) {
		const raw = match[2] ?? match[3] ?? match[4] ?? '';
		attributes.set(
			(match[1] as string).toLowerCase(),
			raw.replace(/&[#\w]+;/g, (entity) => decodeCharacter(entity).text),
		);
	}
	return attributes;
}

/** Decodes one character reference at the start of `source`; an unknown one stays as written. */
function decodeCharacter(source: string): { text: string; length: number } {
	const match = /^&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(lt|gt|amp|quot));/i.exec(source);
	if (match === null) return { text: '&', length: 1 };
	const code =
		match[1] !== undefined ? Number(match[1]) : match[2] !== undefined ? Number.parseInt(match[2], 16) : null;
	if (code === null)
		return { text: NAMED_CHARACTERS[(match[3] as string).toLowerCase()] ?? '&', length: match[0].length };
	if (code === 0 || code > 0x10ffff) return { text: '&', length: 1 };
	return { text: String.fromCodePoint(code), length: match[0].length };
}
