import type { WorkflowBody } from '../ports/n8n-api';
import { isAtLeast } from './version-order';
import type { WorkflowJson } from './workflow-file';

/** What n8n adds to a node by itself and refuses or ignores on a write. */
const NODE_KEYS_OF_N8N: ReadonlySet<string> = new Set(['createdAt', 'updatedAt']);

/** What a range of n8n versions takes on a write; everything else at the top of a file stays in the file. */
interface WriteRules {
	readonly from: string;
	readonly nodeGroups: boolean;
	/** Settings that the API accepts and drops in silence: sending them would look like a lost field. */
	readonly droppedSettings: readonly string[];
}

/** Newest first. Source: `base-workflow-public.dto.js` of n8n 2.40.5 and the public API's schema of 1.123. */
const WRITE_RULES: readonly [WriteRules, ...WriteRules[]] = [
	{ from: '2.40.0', nodeGroups: true, droppedSettings: ['binaryMode', 'credentialResolverId'] },
	{ from: '0', nodeGroups: false, droppedSettings: [] },
];

/**
 * The body of a create or an update: only the keys that this n8n's closed schema takes
 * (`name, nodes, connections, settings`, and `nodeGroups` from 2.40). `active` is decided by the deploy, not by the file.
 * Unknown keys of a node and unknown settings are sent: n8n then takes them or refuses them by name, and nothing is
 * dropped in silence.
 *
 * @param n8nVersion null when the instance does not tell: the newest rules hold
 */
export function buildWriteBody(json: WorkflowJson | WorkflowBody, n8nVersion: string | null): WorkflowBody {
	const rules = WRITE_RULES.find(({ from }) => n8nVersion === null || isAtLeast(n8nVersion, from)) ?? WRITE_RULES[0];
	const groups: unknown = json.nodeGroups;
	return {
		name: json.name,
		nodes: json.nodes.map((node) =>
			Object.fromEntries(Object.entries(node).filter(([key]) => !NODE_KEYS_OF_N8N.has(key))),
		),
		connections: json.connections,
		settings: Object.fromEntries(
			Object.entries(json.settings).filter(([name]) => !rules.droppedSettings.includes(name)),
		),
		...(rules.nodeGroups && Array.isArray(groups) && groups.length > 0 ? { nodeGroups: groups as unknown[] } : {}),
	};
}
