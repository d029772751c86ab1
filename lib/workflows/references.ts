/**
 * References of a workflow to what has another id in every n8n: other workflows and credentials.
 *
 * Files hold keys and names; a deploy writes ids. Only typed paths are touched, never text that happens to look
 * like an id: `parameters.workflowId` of Execute Workflow, `settings.errorWorkflow`, and each node's `credentials`.
 */
import { isJsonObject, type WorkflowJson, type WorkflowNode } from './workflow-file';

const EXECUTE_WORKFLOW = 'n8n-nodes-base.executeWorkflow';

export interface WorkflowReference {
	/** The node that calls, or null for the error workflow in `settings`. */
	readonly nodeName: string | null;
	readonly key: string;
}

export interface CredentialReference {
	readonly nodeName: string;
	readonly type: string;
	readonly name: string;
}

/** The workflow that an Execute Workflow node names, or null when the node is another one or names none. */
export function calledWorkflow(node: WorkflowNode): string | null {
	if (node.type !== EXECUTE_WORKFLOW) return null;
	const target = node.parameters.workflowId;
	if (isJsonObject(target) && typeof target.value === 'string' && target.value !== '') return target.value;
	return null;
}

/** Execute Workflow nodes whose target cannot be read: no resource locator, or an empty one. */
export function unreadableCalls(json: WorkflowJson): string[] {
	return json.nodes
		.filter((node) => node.type === EXECUTE_WORKFLOW && calledWorkflow(node) === null)
		.map((node) => node.name);
}

/** Workflows that this one calls, in the order of its nodes, then its error workflow. */
export function collectWorkflowReferences(json: WorkflowJson): WorkflowReference[] {
	const references: WorkflowReference[] = [];
	for (const node of json.nodes) {
		const key = calledWorkflow(node);
		if (key !== null) references.push({ nodeName: node.name, key });
	}
	const errorWorkflow = json.settings.errorWorkflow;
	if (typeof errorWorkflow === 'string' && errorWorkflow !== '')
		references.push({ nodeName: null, key: errorWorkflow });
	return references;
}

/** Credentials that the nodes name. */
export function collectCredentialReferences(json: WorkflowJson): CredentialReference[] {
	return json.nodes.flatMap((node) =>
		Object.entries(node.credentials ?? {}).map(([type, entry]) => ({ nodeName: node.name, type, name: entry.name })),
	);
}

/** How keys and names become ids. Both functions throw for what they do not know: plan before you write. */
export interface ReferenceResolver {
	workflowId(key: string): string;
	/** Id and name in this environment. */
	credential(type: string, name: string): { readonly id: string; readonly name: string };
}

/** The same workflow with ids in place of keys and names; everything else is the same object. */
export function resolveReferences(json: WorkflowJson, resolver: ReferenceResolver): WorkflowJson {
	const errorWorkflow = json.settings.errorWorkflow;
	return {
		...json,
		nodes: json.nodes.map((node) => resolveNode(node, resolver)),
		settings:
			typeof errorWorkflow === 'string' && errorWorkflow !== ''
				? { ...json.settings, errorWorkflow: resolver.workflowId(errorWorkflow) }
				: json.settings,
	};
}

function resolveNode(node: WorkflowNode, resolver: ReferenceResolver): WorkflowNode {
	const called = calledWorkflow(node);
	const target = node.parameters.workflowId;
	return {
		...node,
		...(called !== null && isJsonObject(target)
			? { parameters: { ...node.parameters, workflowId: { ...target, value: resolver.workflowId(called) } } }
			: {}),
		...(node.credentials === undefined
			? {}
			: {
					credentials: Object.fromEntries(
						Object.entries(node.credentials).map(([type, entry]) => [
							type,
							{ ...entry, ...resolver.credential(type, entry.name) },
						]),
					),
				}),
	};
}
