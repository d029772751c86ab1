import type { WorkflowFile, WorkflowJson } from '../../../lib/workflows/workflow-file';

/** A node that a test may change. */
export interface MutableNode extends Record<string, unknown> {
	id: string;
	name: string;
	type: string;
	typeVersion: number;
	position: number[];
	parameters: Record<string, unknown>;
}

export interface MutableTarget {
	node: string;
	type: string;
	index: number;
}

/** A workflow that a test may change. */
export interface MutableWorkflow extends Record<string, unknown> {
	name: string;
	nodes: MutableNode[];
	connections: Record<string, Record<string, (MutableTarget[] | null)[]>>;
	settings: Record<string, unknown>;
}

/** A copy of a file for a test to damage. */
export function mutableCopy(file: WorkflowFile): MutableWorkflow {
	return structuredClone(file.json) as unknown as MutableWorkflow;
}

/** The files with one of them replaced. */
export function replaced(files: readonly WorkflowFile[], key: string, json: MutableWorkflow): WorkflowFile[] {
	return files.map((file) => (file.key === key ? { key, json: json as unknown as WorkflowJson } : file));
}

/** A new step in the middle of nowhere, with an id of its own. */
export function newNode(type: string, name: string, parameters: Record<string, unknown> = {}): MutableNode {
	const id = '00000000-0000-4000-8000-00000000000a';
	return { id, name, type, typeVersion: 1, position: [4000, 4000], parameters };
}

/** Leads one output of a node to another node, beside what it leads to already. */
export function connect(json: MutableWorkflow, from: string, output: number, to: string): void {
	const main = ((json.connections[from] ??= {}).main ??= []);
	while (main.length <= output) main.push([]);
	(main[output] ??= []).push({ node: to, type: 'main', index: 0 });
}
