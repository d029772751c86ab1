import { isItem, wordOf, type SqlGroup, type SqlItem } from './sql-tokens';

/** A table that a query reads or writes, under the name by which its columns are called. */
export interface TableRef {
	readonly table: string;
	readonly alias: string;
}

/** `alias.client_id = right`, where nothing beside it (OR, NOT) can make it meaningless. */
export interface ClientEquality {
	/** Empty when `client_id` stands alone. */
	readonly left: string;
	/** The other side: a parameter, or another table's `client_id`. */
	readonly right: { readonly kind: 'param' } | { readonly kind: 'column'; readonly alias: string };
	/** In the ON of an inner or left join it binds only the table that is joined; null in WHERE. */
	readonly onlyFor: string | null;
}

/** One SELECT, UPDATE, DELETE or INSERT with its tables, without the queries in brackets. */
export interface QueryScope {
	readonly refs: readonly TableRef[];
	readonly equalities: readonly ClientEquality[];
	readonly inserts: readonly {
		readonly table: string;
		readonly columns: readonly SqlItem[] | null;
		readonly rest: readonly SqlItem[];
	}[];
	/** `set client_id = ...` in an UPDATE. */
	readonly movesRows: boolean;
	readonly inner: readonly SqlGroup[];
}

export const QUERY_WORDS: ReadonlySet<string> = new Set(['select', 'with', 'insert', 'update', 'delete', 'values']);
const CLAUSE_WORDS: ReadonlySet<string> = new Set([
	'select',
	'from',
	'where',
	'on',
	'group',
	'having',
	'order',
	'limit',
	'offset',
	'set',
	'values',
	'returning',
	'using',
	'for',
	'window',
	'conflict',
	'fetch',
]);
const NO_ALIAS: ReadonlySet<string> = new Set([
	...CLAUSE_WORDS,
	'join',
	'inner',
	'left',
	'right',
	'full',
	'cross',
	'natural',
	'outer',
	'union',
	'intersect',
	'except',
	'as',
	'tablesample',
	'default',
	'overriding',
	'do',
]);
/** Clauses behind whose condition a comma begins the next table. */
const TABLE_CLAUSES: ReadonlySet<string> = new Set(['from', 'on', 'columns']);
const OPERANDS_TO_LOOK_AT = 2;

/** Splits what UNION, INTERSECT and EXCEPT put together: each part has tables and conditions of its own. */
export function queryParts(items: readonly SqlItem[]): SqlItem[][] {
	const parts: SqlItem[][] = [[]];
	for (const item of items) {
		if (['union', 'intersect', 'except'].includes(wordOf(item))) parts.push([]);
		else parts[parts.length - 1]?.push(item);
	}
	return parts;
}

interface State {
	clause: string;
	expectsTable: boolean;
	join: string;
	joined: string | null;
	/** Inside brackets of a condition, where commas and words mean no tables. */
	inCondition: boolean;
}

/** Reads one part of a query. */
export function readScope(part: readonly SqlItem[]): QueryScope {
	const refs: TableRef[] = [];
	const equalities: ClientEquality[] = [];
	const inserts: { table: string; columns: readonly SqlItem[] | null; rest: readonly SqlItem[] }[] = [];
	const inner: SqlGroup[] = [];
	let movesRows = false;

	const walk = (items: readonly SqlItem[], state: State, isWeak: boolean): void => {
		// An OR belongs to the clause it stands in.
		const weakFrom = (start: number): boolean => {
			for (let index = start; index < items.length; index += 1) {
				if (isItem(items[index], 'or')) return true;
				if (index > start && CLAUSE_WORDS.has(wordOf(items[index])) && !isItem(items[index - 1], 'distinct'))
					return false;
			}
			return false;
		};
		let weak = isWeak || weakFrom(0);
		for (let index = 0; index < items.length; index += 1) {
			const item = items[index];
			const word = wordOf(item);
			if (item?.kind === 'group') {
				const isCondition = state.clause === 'where' || state.clause === 'on';
				if (QUERY_WORDS.has(wordOf(item.items[0]))) inner.push(item);
				else
					walk(
						item.items,
						{ ...state, inCondition: state.inCondition || state.clause !== 'from' },
						weak || (isCondition && !isWholeCondition(items, index, index + 1)),
					);
				if (state.expectsTable) state.expectsTable = false;
				continue;
			}
			if (state.expectsTable && item?.kind === 'word' && word !== 'only' && word !== 'lateral') {
				index = readTable(items, index, state);
				continue;
			}
			const isFromOperator = word === 'from' && isItem(items[index - 1], 'distinct') && isItem(items[index - 2], 'is');
			const isLocking =
				(word === 'update' || word === 'share') &&
				(isItem(items[index - 1], 'for') || isItem(items[index - 1], 'key') || isItem(items[index - 1], 'no'));
			if (word === 'join') Object.assign(state, { clause: 'from', expectsTable: true, join: joinKind(items, index) });
			else if (word === 'update' && !isLocking)
				Object.assign(
					state,
					isItem(items[index - 1], 'do') ? { clause: 'conflict' } : { clause: 'from', expectsTable: true },
				);
			// TABLE messages is SELECT * FROM messages.
			else if (word === 'table') Object.assign(state, { clause: 'from', expectsTable: true });
			else if (word === 'into') index = readInsert(items, index);
			else if (isItem(item, ',') && !state.inCondition && TABLE_CLAUSES.has(state.clause))
				Object.assign(state, { expectsTable: true, join: '', joined: null });
			else if (CLAUSE_WORDS.has(word) && !isFromOperator) {
				const isUsingColumns = word === 'using' && state.join !== '';
				Object.assign(state, {
					clause: isUsingColumns ? 'columns' : word === 'using' ? 'from' : word,
					expectsTable: word === 'from' || (word === 'using' && !isUsingColumns),
				});
				weak = isWeak || weakFrom(index);
			} else if (word === 'client_id') readClientColumn(items, index, state, weak);
		}
	};

	const readTable = (items: readonly SqlItem[], start: number, state: State): number => {
		let index = start;
		let table = wordOf(items[index]);
		if (isItem(items[index + 1], '.')) {
			table = wordOf(items[index + 2]);
			index += 2;
		}
		state.expectsTable = false;
		if (items[index + 1]?.kind === 'group') return index;
		if (isItem(items[index + 1], 'as')) index += 1;
		const next = wordOf(items[index + 1]);
		const alias = next !== '' && !NO_ALIAS.has(next) ? next : table;
		if (alias === next && next !== table) index += 1;
		refs.push({ table, alias });
		if (state.join !== '') state.joined = alias;
		return index;
	};

	const readInsert = (items: readonly SqlItem[], into: number): number => {
		const isQualified = isItem(items[into + 2], '.');
		let index = into + (isQualified ? 3 : 1);
		const table = wordOf(items[index]);
		if (isItem(items[index + 1], 'as')) index += 2;
		else if (items[index + 1]?.kind === 'word' && !NO_ALIAS.has(wordOf(items[index + 1]))) index += 1;
		const next = items[index + 1];
		const columns = next?.kind === 'group' && !QUERY_WORDS.has(wordOf(next.items[0])) ? next.items : null;
		inserts.push({ table, columns, rest: items.slice(index + (columns === null ? 1 : 2)) });
		return columns === null ? index : index + 1;
	};

	const readClientColumn = (items: readonly SqlItem[], index: number, state: State, weak: boolean): void => {
		const left = isItem(items[index - 1], '.') ? wordOf(items[index - 2]) : '';
		const first = left === '' ? index : index - 2;
		if (state.clause === 'set' && isItem(items[index + 1], '=')) movesRows = true;
		const isOn = state.clause === 'on';
		if ((state.clause !== 'where' && !isOn) || weak) return;
		if (isOn && !['inner', 'left'].includes(state.join)) return;
		for (const right of [operandAfter(items, first, index), operandBefore(items, first, index)]) {
			if (right !== null) equalities.push({ left, right, onlyFor: isOn ? state.joined : null });
		}
	};

	walk(part, { clause: '', expectsTable: false, join: '', joined: null, inCondition: false }, false);
	return { refs, equalities, inserts, movesRows, inner };
}

function joinKind(items: readonly SqlItem[], join: number): string {
	const before = items.slice(Math.max(0, join - OPERANDS_TO_LOOK_AT), join).map(wordOf);
	return ['left', 'right', 'full', 'cross', 'natural'].find((kind) => before.includes(kind)) ?? 'inner';
}

/** What may stand before and behind a condition that every row must meet: the start, the end, AND, the next clause. */
const BEFORE_CONDITION: ReadonlySet<string> = new Set(['where', 'on', 'and']);
const BEHIND_CONDITION: ReadonlySet<string> = new Set(
	[...CLAUSE_WORDS, 'and', 'join', 'inner', 'left', 'right', 'full', 'cross', 'natural'].filter(
		(word) => word !== 'from',
	),
);

/** Whether the items from `first` to before `end` are a whole condition, and not an operand of something larger. */
function isWholeCondition(items: readonly SqlItem[], first: number, end: number): boolean {
	const [before, behind] = [items[first - 1], items[end]];
	return (
		(before === undefined || BEFORE_CONDITION.has(wordOf(before))) &&
		(behind === undefined || BEHIND_CONDITION.has(wordOf(behind)))
	);
}

type Operand = ClientEquality['right'] | null;

/** The other side of `client_id = ...`; `first` is where the column with its alias begins. */
function operandAfter(items: readonly SqlItem[], first: number, column: number): Operand {
	if (!isItem(items[column + 1], '=')) return null;
	if (items[column + 2]?.kind === 'param') {
		const end = isItem(items[column + 3], '::') ? column + 5 : column + 3;
		return isWholeCondition(items, first, end) ? { kind: 'param' } : null;
	}
	const isColumn = isItem(items[column + 3], '.') && isItem(items[column + 4], 'client_id');
	return isColumn && isWholeCondition(items, first, column + 5)
		? { kind: 'column', alias: wordOf(items[column + 2]) }
		: null;
}

/** The other side of `$1 = client_id` and `$1::uuid = client_id`. */
function operandBefore(items: readonly SqlItem[], first: number, column: number): Operand {
	if (!isItem(items[first - 1], '=')) return null;
	const param = isItem(items[first - 3], '::') ? first - 4 : first - 2;
	return items[param]?.kind === 'param' && isWholeCondition(items, param, column + 1) ? { kind: 'param' } : null;
}
