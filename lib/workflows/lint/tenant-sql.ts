import { isJsonObject, type WorkflowNode } from '../workflow-file';
import { isExpression } from './json-values';
import { perNode } from './lint-rule';
import { unboundParts } from './sql-binding';
import { TENANT_TABLES } from './tenant-tables';

const SQL_NODE = /\.(?:postgres|timescaleDb|crateDb|questDb|cockroachDb)(?:Tool)?$/i;
const LISTENER = 'n8n-nodes-base.postgresTrigger';
/** Placeholders that pg-promise fills in without quoting, or as names: `$1:raw`, `$1^`, `$1:name`, `$1~`. */
const OPEN_PLACEHOLDER = /\$\d+(?::(?:raw|value|name|alias)\b|[\^~#])/;
const CLIENT_COLUMN = 'client_id';
const ONE_BY_ONE = 'independently';

/** The text of a parameter that may be a resource locator. */
function textOf(parameter: unknown): string {
	const text = isJsonObject(parameter) ? parameter.value : parameter;
	return typeof text === 'string' ? text : '';
}

/** Whether a form of the Postgres node limits its rows to one client. */
function hasClientCondition({ parameters: { where, combineConditions } }: WorkflowNode): boolean {
	const rows: unknown[] = isJsonObject(where) && Array.isArray(where.values) ? where.values : [];
	const isClient = (row: unknown): boolean =>
		isJsonObject(row) &&
		row.column === CLIENT_COLUMN &&
		[undefined, 'equal', '='].includes(row.condition as string | undefined);
	return rows.some(isClient) && (combineConditions !== 'OR' || rows.length === 1);
}

/** Whether a form of the Postgres node writes the client by hand and, where it finds rows, finds them by it. */
function writesClient({ parameters: { operation, columns } }: WorkflowNode): boolean {
	if (!isJsonObject(columns) || columns.mappingMode !== 'defineBelow' || !isJsonObject(columns.value)) return false;
	const finds: unknown[] = Array.isArray(columns.matchingColumns) ? columns.matchingColumns : [];
	return CLIENT_COLUMN in columns.value && (operation === 'insert' || finds.includes(CLIENT_COLUMN));
}

function checkQuery(node: WorkflowNode, query: string, report: (message: string) => void): void {
	const { options } = node.parameters;
	if (isExpression(query) && /\{\{/.test(query))
		return report('builds SQL from an item; write a fixed query with $1, $2 and query parameters');
	if (OPEN_PLACEHOLDER.test(query))
		report('puts values into SQL as they are ($1:raw, $1:name); use $1 and name tables and columns');
	const problems = unboundParts(isExpression(query) ? query.slice(1) : query, TENANT_TABLES);
	for (const problem of problems)
		report(`${problem}; bind it to one client, or begin the query with select truffles.bind_client($1)`);
	const isBoundBySession =
		/\bbind_client\b/.test(query) && isJsonObject(options) && options.queryBatching === ONE_BY_ONE;
	if (isBoundBySession)
		report('runs each query on its own, so bind_client binds nothing; set queryBatching to "transaction"');
}

/** Row-level security is the lock; this is the sign on the door. */
export const tenantSql = perNode({
	code: 'tenant-sql',
	line: 'Every SQL statement that touches a tenant table is bound to one client: `client_id = $n` for each such table (nothing beside it with OR), a parameter for `client_id` in an INSERT, or `select truffles.bind_client($1)` at the head of the query. SQL is never put together from items.',
	check: (node, report) => {
		if (node.disabled === true) return;
		if (node.type === LISTENER && TENANT_TABLES.has(textOf(node.parameters.tableName)))
			return report('listens to the rows of all clients; let the package claim work instead');
		if (!SQL_NODE.test(node.type)) return;
		const { operation = 'insert', query } = node.parameters;
		if (operation === 'executeQuery') return checkQuery(node, typeof query === 'string' ? query : '', report);
		const table = textOf(node.parameters.table);
		if (table !== '' && isExpression(table)) return report('chooses its table by an expression; name the table');
		if (!TENANT_TABLES.has(table)) return;
		// "Delete" without a command is TRUNCATE.
		const isBound =
			operation === 'select' || (operation === 'deleteTable' && node.parameters.deleteCommand === 'delete')
				? hasClientCondition(node)
				: writesClient(node);
		if (!isBound)
			report(
				`${String(operation)} on ${table} is not bound to one client; use ${CLIENT_COLUMN} in its conditions and columns`,
			);
	},
});
