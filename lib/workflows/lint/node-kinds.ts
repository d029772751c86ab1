import type { WorkflowNode } from '../workflow-file';

/** What the linter knows about node types by their names. */

export const STICKY = 'n8n-nodes-base.stickyNote';
export const EXECUTE_WORKFLOW = 'n8n-nodes-base.executeWorkflow';
export const CALLED_TRIGGER = 'n8n-nodes-base.executeWorkflowTrigger';
export const ERROR_TRIGGER = 'n8n-nodes-base.errorTrigger';
export const HTTP_REQUEST = 'n8n-nodes-base.httpRequest';

const OUR_PREFIX = 'n8n-nodes-truffles.';
const BASE_PREFIX = 'n8n-nodes-base.';

/** Node types of n8n-nodes-base that neither call anything nor fail for a reason outside the workflow. */
const IN_PROCESS_TYPES: ReadonlySet<string> = new Set(
	[
		'aggregate',
		'code',
		'compareDatasets',
		'compression',
		'convertToFile',
		'crypto',
		'dateTime',
		'editImage',
		'extractFromFile',
		'filter',
		'html',
		'if',
		'itemLists',
		'jwt',
		'limit',
		'markdown',
		'merge',
		'noOp',
		'removeDuplicates',
		'renameKeys',
		'respondToWebhook',
		'set',
		'sort',
		'splitInBatches',
		'splitOut',
		'stickyNote',
		'stopAndError',
		'summarize',
		'switch',
		'wait',
		'xml',
	].map((name) => BASE_PREFIX + name),
);

const TRIGGERS_BY_OTHER_NAMES: ReadonlySet<string> = new Set(
	['webhook', 'cron', 'interval', 'emailReadImap', 'start'].map((name) => BASE_PREFIX + name),
);

/** A node type of our package, without the prefix; null for all others. */
export function trufflesType(node: WorkflowNode): string | null {
	return node.type.startsWith(OUR_PREFIX) ? node.type.slice(OUR_PREFIX.length) : null;
}

/** Node types that start an execution: nothing leads into them, and n8n gives them no error output. */
export function isTrigger(node: WorkflowNode): boolean {
	return /Trigger$/.test(node.type) || TRIGGERS_BY_OTHER_NAMES.has(node.type);
}

/** A node that does something, as opposed to a sticky. */
export function isStep(node: WorkflowNode): boolean {
	return node.type !== STICKY;
}

/** Whether a node calls a database, a service or another workflow. What we do not know is taken to do so. */
export function leavesProcess(node: WorkflowNode): boolean {
	return !isTrigger(node) && !IN_PROCESS_TYPES.has(node.type);
}

/** Whether a node runs text as a program. */
export function isCode(node: WorkflowNode): boolean {
	return /\.(?:code|function|functionItem|aiTransform)$/.test(node.type);
}

/** Whether a node of n8n chooses one of several ways for an item. */
export function isDecision(node: WorkflowNode): boolean {
	return /^n8n-nodes-base\.(?:if|switch|filter)$/.test(node.type);
}
