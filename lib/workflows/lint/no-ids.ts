import type { WorkflowNode } from '../workflow-file';
import { isExpression, type JsonLeaf } from './json-values';
import { literalsOf } from './literal-texts';
import { perNode } from './lint-rule';
import { EXECUTE_WORKFLOW } from './node-kinds';

/** A row's or node's UUID, a Telegram group, a Google file. */
const IDS = [
	/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/i,
	/(?<!\d)-100\d{10}(?!\d)/,
	/(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{33,44}(?![\w-])/,
];
const ID_NAME = /(?:[a-z]I[dD]|_id|[sS]lug)$/;

function isId({ path, name, value }: JsonLeaf, node: WorkflowNode): boolean {
	// n8n numbers the rows of its own forms (assignments, conditions) with UUIDs called "id".
	if (name === 'id' && /\.\d+\.id$/.test(path)) return false;
	if (node.type === EXECUTE_WORKFLOW && path.startsWith('parameters.workflowId.')) return false;
	const text = String(value);
	if (ID_NAME.test(name) && text !== '' && !isExpression(text)) return true;
	if (name === 'value' && !isExpression(text) && /(?:[iI]d|Slug)\.value$/.test(path) && text !== '') return true;
	return IDS.some((pattern) => pattern.test(text));
}

/** An id means something in one installation, for one business, only. */
export const noIds = perNode({
	code: 'no-ids',
	line: 'No ids as literals: no UUIDs of rows, chats, files or calendars, no `...Id` or `...slug` parameter with a fixed value (calls name a file stem instead): an id means something in one installation, for one business, only.',
	check: (node, report) => {
		for (const leaf of literalsOf(node))
			if (isId(leaf, node))
				report(`${leaf.path} holds an id; take it from the item, from settings or from a credential`);
	},
});
