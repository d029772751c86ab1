import type { Connection, WorkflowJson, WorkflowNode } from '../workflow-file';

/** Connections of a workflow, asked by node. */

/** Targets of each main output of a node; empty lists for outputs that were never connected. */
export function mainOutputs(json: WorkflowJson, name: string): readonly (readonly Connection[])[] {
	return (json.connections[name]?.main ?? []).map((targets) => targets ?? []);
}

/** Every node that a node leads to, over all outputs and connection types. */
export function targetsOf(json: WorkflowJson, name: string): string[] {
	return Object.values(json.connections[name] ?? {}).flatMap((outputs) =>
		outputs.flatMap((targets) => (targets ?? []).map((target) => target.node)),
	);
}

/** The node of a name, or undefined. With two nodes of one name (a problem of its own) the first. */
export function nodeNamed(json: WorkflowJson, name: string): WorkflowNode | undefined {
	return json.nodes.find((node) => node.name === name);
}
