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
export const INSTANCE_KEYS = [
	'id',
	'versionId',
	'activeVersionId',
	'createdAt',
	'updatedAt',
	'shared',
	'triggerCount',
	'staticData',
	'pinData',
	'tags',
] as const;

/**
 * The one way to write a workflow file: fixed key order, connections in the order of the nodes, two spaces, LF, final
 * newline. Loses nothing: every key and value stays, also those nobody knows; the order inside `parameters` stays, and
 * arrays keep theirs. `active: false` is added where it is missing. Idempotent.
 *
 * @param json any parsed workflow; what is not an object is returned as it would be printed
 */
export function formatWorkflow(json: unknown): string {
	return `${JSON.stringify(isJsonObject(json) ? arrangeWorkflow(json) : json, null, 2)}\n`;
}

/**
 * A workflow as n8n exports it, without what belongs to that instance or moment, and inactive: what a file may hold.
 * Credentials keep their names and lose their ids.
 */
export function withoutInstanceKeys(json: Readonly<Record<string, unknown>>): Record<string, unknown> {
	const kept = Object.entries(json).filter(([key]) => !(INSTANCE_KEYS as readonly string[]).includes(key));
	const stripped: Record<string, unknown> = { ...Object.fromEntries(kept), active: false };
	if (isJsonObject(json.meta)) {
		const { instanceId: _instanceId, ...meta } = json.meta;
		if (Object.keys(meta).length > 0) stripped.meta = meta;
		else delete stripped.meta;
	}
	if (Array.isArray(json.nodes))
		stripped.nodes = json.nodes.map((node: unknown) => (isJsonObject(node) ? withoutCredentialIds(node) : node));
	return stripped;
}

function withoutCredentialIds(node: Readonly<Record<string, unknown>>): Record<string, unknown> {
	if (!isJsonObject(node.credentials)) return { ...node };
	const named = Object.entries(node.credentials).map(([type, entry]): [string, unknown] => {
		if (!isJsonObject(entry)) return [type, entry];
		const { id: _id, ...rest } = entry;
		return [type, rest];
	});
	return { ...node, credentials: Object.fromEntries(named) };
}

function arrangeWorkflow(json: Record<string, unknown>): Record<string, unknown> {
	const nodes: unknown[] | null = Array.isArray(json.nodes) ? json.nodes : null;
	const nodeNames = (nodes ?? []).flatMap((node) =>
		isJsonObject(node) && typeof node.name === 'string' ? [node.name] : [],
	);
	return arrange(
		{
			active: false,
			...json,
			...(nodes === null ? {} : { nodes: nodes.map((node) => (isJsonObject(node) ? arrange(node, NODE_KEYS) : node)) }),
			...(isJsonObject(json.connections) ? { connections: arrange(json.connections, nodeNames) } : {}),
			...(isJsonObject(json.settings) ? { settings: arrange(json.settings, SETTINGS_KEYS) } : {}),
		},
		WORKFLOW_KEYS,
	);
}

/** Named keys first, in the given order; all others behind them in the order they had. */
function arrange(value: Record<string, unknown>, order: readonly string[]): Record<string, unknown> {
	const named = new Set(order.filter((key) => Object.hasOwn(value, key)));
	const first = [...named].map((key): [string, unknown] => [key, value[key]]);
	return Object.fromEntries([...first, ...Object.entries(value).filter(([key]) => !named.has(key))]);
}
