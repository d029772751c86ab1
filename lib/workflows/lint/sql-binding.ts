import { queryParts, QUERY_WORDS, readScope, type QueryScope } from './sql-scope';
import { isItem, readStatements, splitByComma, wordOf, type SqlGroup, type SqlItem } from './sql-tokens';

/**
 * What in a query touches a tenant table without being bound to one client; empty when all is bound.
 *
 * Bound means: each tenant table has `client_id = $n` in WHERE (or in the ON of its own join), directly or through another
 * bound table, with no OR or NOT that undoes it; an INSERT gives `client_id` a parameter. Or the query begins with
 * `select truffles.bind_client($n)`, and row-level security does the rest. What cannot be read counts as unbound:
 * better a silencing with a reason than a row of another business.
 */
export function unboundParts(sql: string, tenantTables: ReadonlySet<string>): string[] {
	const statements = readStatements(sql);
	const [first] = statements;
	if (first !== undefined && bindsClient(first)) return [];
	return statements.flatMap((statement) => {
		const head = firstWord(statement);
		if (QUERY_WORDS.has(head)) return unboundInQuery(statement.items, tenantTables, new Set());
		const named = namedTables(statement, tenantTables);
		return named.length === 0 ? [] : [`"${head}" touches ${named.join(', ')} of all clients`];
	});
}

function firstWord(group: SqlGroup): string {
	const [item] = group.items;
	return item?.kind === 'group' ? firstWord(item) : wordOf(item);
}

/** `select truffles.bind_client($1)`, and nothing else in the statement. */
function bindsClient({ items }: SqlGroup): boolean {
	const [select, schema, dot, name, args, ...more] = items;
	const isCall =
		isItem(select, 'select') && isItem(schema, 'truffles') && isItem(dot, '.') && isItem(name, 'bind_client');
	return isCall && args?.kind === 'group' && args.items[0]?.kind === 'param' && more.length === 0;
}

/** Tenant tables that a statement names anywhere, texts (bodies of DO) included. */
function namedTables(group: SqlGroup, tenantTables: ReadonlySet<string>): string[] {
	const words = group.items.flatMap((item): string[] => {
		if (item.kind === 'group') return namedTables(item, tenantTables);
		return item.kind === 'text' ? item.text.toLowerCase().split(/[^a-z_]+/) : [item.text];
	});
	return [...new Set(words.filter((word) => tenantTables.has(word)))];
}

function unboundInQuery(
	items: readonly SqlItem[],
	tenantTables: ReadonlySet<string>,
	outer: ReadonlySet<string>,
): string[] {
	return queryParts(items).flatMap((part) => {
		const only = part.length === 1 ? part[0] : undefined;
		if (only?.kind === 'group') return unboundInQuery(only.items, tenantTables, outer);
		const scope = readScope(part);
		const bound = boundAliases(scope, outer);
		const problems = scope.refs
			.filter(({ table, alias }) => tenantTables.has(table) && !bound.has(alias))
			.map(({ table, alias }) => `${table}${alias === table ? '' : ` (${alias})`} has no client_id = $n`);
		if (scope.movesRows) problems.push('client_id is changed, so rows move to another client');
		for (const insert of scope.inserts) {
			if (tenantTables.has(insert.table) && !insertsClient(insert, bound))
				problems.push(`insert into ${insert.table} gives client_id no parameter`);
		}
		return [...problems, ...scope.inner.flatMap((group) => unboundInQuery(group.items, tenantTables, bound))];
	});
}

/** Aliases whose client is given by a parameter, directly or through another alias. */
function boundAliases({ refs, equalities }: QueryScope, outer: ReadonlySet<string>): Set<string> {
	const bound = new Set(outer);
	const inScope = new Set(refs.map((ref) => ref.alias));
	for (const alias of inScope) bound.delete(alias);
	const single = refs.length === 1 ? refs[0]?.alias : undefined;
	const add = (alias: string | undefined, onlyFor: string | null): boolean => {
		if (alias === undefined || alias === '' || bound.has(alias) || (onlyFor !== null && onlyFor !== alias))
			return false;
		bound.add(alias);
		return true;
	};
	for (let isGrowing = true; isGrowing;) {
		isGrowing = false;
		for (const { left, right, onlyFor } of equalities) {
			const alias = left === '' ? single : left;
			if (right.kind === 'param' || bound.has(right.alias)) isGrowing = add(alias, onlyFor) || isGrowing;
			if (right.kind === 'column' && alias !== undefined && bound.has(alias) && inScope.has(right.alias))
				isGrowing = add(right.alias, onlyFor) || isGrowing;
		}
	}
	return bound;
}

/** Whether every row that an INSERT writes gets its `client_id` from a parameter or from a bound table. */
function insertsClient({ columns, rest }: QueryScope['inserts'][number], bound: ReadonlySet<string>): boolean {
	const index = splitByComma(columns ?? []).findIndex(
		(column) => column.length === 1 && isItem(column[0], 'client_id'),
	);
	if (index === -1) return false;
	const isGiven = (item: readonly SqlItem[] | undefined): boolean => {
		const [head, second, third] = item ?? [];
		if (head?.kind === 'param') return second === undefined || isItem(second, '::');
		return isItem(second, '.') && isItem(third, 'client_id') && bound.has(wordOf(head));
	};
	const at = rest.findIndex((item) => ['values', 'select'].includes(wordOf(item)));
	if (at === -1) return false;
	if (isItem(rest[at], 'select')) {
		const end = rest.findIndex((item, position) => position > at && isItem(item, 'from'));
		return isGiven(splitByComma(rest.slice(at + 1, end === -1 ? undefined : end))[index]);
	}
	const rows: SqlGroup[] = [];
	for (const item of rest.slice(at + 1)) {
		if (item.kind === 'group') rows.push(item);
		else if (!isItem(item, ',')) break;
	}
	return rows.length > 0 && rows.every((row) => isGiven(splitByComma(row.items)[index]));
}
