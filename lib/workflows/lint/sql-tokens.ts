/** Just enough of PostgreSQL's lexical rules to tell words from texts and to see brackets. */

export interface SqlToken {
	/** `word`: identifier or keyword in lower case (quoted ones as they are); `param`: $1; `text`: a literal; `mark`: anything else. */
	readonly kind: 'word' | 'param' | 'text' | 'mark';
	readonly text: string;
}

/** A pair of brackets and what is in it; the statement as a whole is one too. */
export interface SqlGroup {
	readonly kind: 'group';
	readonly items: readonly SqlItem[];
}

export type SqlItem = SqlToken | SqlGroup;

const TOKEN =
	/(?<skip>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|(?<dollar>\$(?<tag>[A-Za-z_]*)\$[\s\S]*?\$\k<tag>\$)|(?<param>\$\d+)|(?<escaped>[eE]'(?:[^'\\]|\\.|'')*')|(?<text>'(?:[^']|'')*')|"(?<quoted>(?:[^"]|"")*)"|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<mark>::|<>|!=|<=|>=|[\s\S])/gu;

function tokenize(sql: string): SqlToken[] {
	const tokens: SqlToken[] = [];
	for (const { groups = {} } of sql.matchAll(TOKEN)) {
		const { dollar, param, escaped, text, quoted, word, mark } = groups;
		if (param !== undefined) tokens.push({ kind: 'param', text: param });
		else if (word !== undefined) tokens.push({ kind: 'word', text: word.toLowerCase() });
		else if (quoted !== undefined) tokens.push({ kind: 'word', text: quoted });
		else if (dollar !== undefined || escaped !== undefined || text !== undefined)
			tokens.push({ kind: 'text', text: dollar ?? escaped ?? text ?? '' });
		else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
	}
	return tokens;
}

/** The statements of a query, each as a tree of brackets; empty statements are left out. */
export function readStatements(sql: string): SqlGroup[] {
	const stack: SqlItem[][] = [[]];
	const statements: SqlGroup[] = [];
	const top = (): SqlItem[] => stack[stack.length - 1] ?? [];
	const close = (): void => {
		const items = stack.pop() ?? [];
		top().push({ kind: 'group', items });
	};
	const end = (): void => {
		while (stack.length > 1) close();
		const items = stack[0] ?? [];
		if (items.length > 0) statements.push({ kind: 'group', items });
		stack[0] = [];
	};
	for (const token of tokenize(sql)) {
		if (token.kind === 'mark' && token.text === '(') stack.push([]);
		else if (token.kind === 'mark' && token.text === ')') {
			if (stack.length > 1) close();
		} else if (token.kind === 'mark' && token.text === ';') end();
		else top().push(token);
	}
	end();
	return statements;
}

/** Whether an item is this word (lower case) or mark. */
export function isItem(item: SqlItem | undefined, text: string): boolean {
	return item !== undefined && item.kind !== 'group' && item.kind !== 'text' && item.text === text;
}

/** The word that an item is, or an empty text. */
export function wordOf(item: SqlItem | undefined): string {
	return item?.kind === 'word' ? item.text : '';
}

/** The items between commas. */
export function splitByComma(items: readonly SqlItem[]): SqlItem[][] {
	const parts: SqlItem[][] = [[]];
	for (const item of items) {
		if (isItem(item, ',')) parts.push([]);
		else parts[parts.length - 1]?.push(item);
	}
	return parts;
}
