import type { WorkflowBody } from '../ports/n8n-api';
import type { WorkflowJson } from './workflow-file';

/** What n8n adds to a node by itself and refuses or ignores on a write. */
const NODE_KEYS_OF_N8N: ReadonlySet<string> = new Set(['createdAt', 'updatedAt']);

/**
 * The body of a create or an update: only the keys that n8n 2.40's closed schema takes
 * (`name, nodes, connections, settings, nodeGroups`). `active` is decided by the deploy, not by the file.
 * Unknown keys of a node are sent: n8n then refuses them by name, and nothing is dropped in silence.
 */
export function buildWriteBody(json: WorkflowJson): WorkflowBody {
	return {
		name: json.name,
		nodes: json.nodes.map((node) => Object.fromEntries(Object.entries(node).filter(([key]) => !NODE_KEYS_OF_N8N.has(key)))),
		connections: json.connections,
		settings: json.settings,
		...(Array.isArray(json.nodeGroups) && json.nodeGroups.length > 0 ? { nodeGroups: json.nodeGroups } : {}),
	};
}
