import { isJsonObject } from './workflow-file';

const WORKFLOW_KEYS = ['name', 'active', 'nodes', 'connections', 'settings', 'nodeGroups'];
const NODE_KEYS = [
	'id',
	'name',
	'type',
	'typeVersion',
	'position',
	'parameters',
	'credentials',
	'webhookId',
	'disabled',
	'onError',
	'retryOnFail',
	'maxTries',
	'waitBetweenTries',
	'executeOnce',
	'alwaysOutputData',
	'notesInFlow',
	'notes',
];
const SETTINGS_KEYS = ['executionOrder', 'errorWorkflow'];
/** Keys of one instance or one moment; n8n's export writes them, our files do not keep them. */
const DROPPED_KEYS: ReadonlySet<string> = new Set(['versionId', 'createdAt', 'updatedAt', 'shared', 'triggerCount', 'staticData', 'pinData']);

/**
 * The one way to write a workflow file: fixed key order, connections in the order of the nodes, two spaces, LF, final
 * newline, `active: false`. Unknown keys and the order inside `parameters` stay; arrays keep their order. Idempotent.
 *
 * @param json any parsed workflow; what is not an object is returned as it would be printed
 */
export function formatWorkflow(json: unknown): string {
	return `${JSON.stringify(isJsonObject(json) ? arrangeWorkflow(json) : json, null, 2)}\n`;
}

function arrangeWorkflow(json: Record<string, unknown>): Record<string, unknown> {
	const kept = Object.fromEntries(Object.entries(json).filter(([key]) => !DROPPED_KEYS.has(key)));
	const nodes: unknown[] | null = Array.isArray(json.nodes) ? json.nodes : null;
	const nodeNames = (nodes ?? []).flatMap((node) => (isJsonObject(node) && typeof node.name === 'string' ? [node.name] : []));
	return arrange(
		{
			...kept,
			active: false,
			...(nodes === null ? {} : { nodes: nodes.map((node) => (isJsonObject(node) ? arrange(node, NODE_KEYS) : node)) }),
			...(isJsonObject(json.connections) ? { connections: arrange(json.connections, nodeNames) } : {}),
			...(isJsonObject(json.settings) ? { settings: arrange(json.settings, SETTINGS_KEYS) } : {}),
		},
		WORKFLOW_KEYS,
	);
}

/** Named keys first, in the given order; all others behind them in the order they had. */
function arrange(value: Record<string, unknown>, order: readonly string[]): Record<string, unknown> {
	const entries = Object.entries(value);
	const first = order.flatMap((key) => entries.filter(([name]) => name === key));
	return Object.fromEntries([...first, ...entries.filter(([name]) => !order.includes(name))]);
}
