import { calledWorkflow } from '../references';
import type { WorkflowFile, WorkflowNode } from '../workflow-file';
import { CALLED_TRIGGER } from './node-kinds';
import { mainOutputs } from './workflow-graph';

/** A node of a workflow. */
export interface Place {
	readonly file: WorkflowFile;
	readonly node: WorkflowNode;
}

/** Items that leave a node by one output. `mark` is what a rule wants to know about them. */
export interface Emission {
	readonly output: number;
	readonly mark: string;
}

/** Items with a mark that reach a node. */
export interface Arrival extends Place {
	readonly mark: string;
	/** Where they came from, the oldest place first, without this one. */
	readonly way: readonly Place[];
}

/**
 * Follows items through connections and calls, across files, until nothing new is reached. Pure; ends, because every
 * (node, mark) is visited once.
 *
 * A disabled node does nothing: items pass through its first output as they came, as in n8n.
 *
 * @param seeds  what each node sends out of its own accord
 * @param pass   what leaves a node when items with a mark reach it; an empty list ends their way there
 */
export function followItems(
	files: readonly WorkflowFile[],
	seeds: (place: Place) => readonly Emission[],
	pass: (place: Place, mark: string) => readonly Emission[],
): Arrival[] {
	const byKey = new Map(files.map((file) => [file.key, file]));
	const arrivals: Arrival[] = [];
	const seen = new Set<string>();
	const arrive = (place: Place, mark: string, way: readonly Place[]): void => {
		const id = JSON.stringify([place.file.key, place.node.name, mark]);
		if (seen.has(id)) return;
		seen.add(id);
		arrivals.push({ ...place, mark, way });
	};
	const send = (from: Place, { output, mark }: Emission, way: readonly Place[]): void => {
		for (const { node: name } of mainOutputs(from.file.json, from.node.name)[output] ?? []) {
			const node = from.file.json.nodes.find((candidate) => candidate.name === name);
			if (node !== undefined) arrive({ file: from.file, node }, mark, [...way, from]);
		}
	};
	for (const file of files) {
		for (const node of file.json.nodes) {
			if (node.disabled !== true) for (const emission of seeds({ file, node })) send({ file, node }, emission, []);
		}
	}
	// `arrivals` grows while it is walked.
	for (const { mark, way, ...place } of arrivals) {
		if (place.node.disabled === true) {
			send(place, { output: 0, mark }, way);
			continue;
		}
		const called = byKey.get(calledWorkflow(place.node) ?? '');
		for (const node of called?.json.nodes ?? []) {
			if (called !== undefined && node.type === CALLED_TRIGGER) arrive({ file: called, node }, mark, [...way, place]);
		}
		for (const emission of pass(place, mark)) send(place, emission, way);
	}
	return arrivals;
}

/** The same mark on every connected output. */
export function everyOutput({ file, node }: Place, mark: string): Emission[] {
	return mainOutputs(file.json, node.name).map((_, output) => ({ output, mark }));
}

/** A way as a person reads it: `6_GenerateResponse "Write reply" -> "Call 8_Send_Response" -> 8_Send_Response "Send message"`. */
export function wayText(way: readonly Place[]): string {
	return way
		.map(({ file, node }, index) =>
			way[index - 1]?.file.key === file.key ? `"${node.name}"` : `${file.key} "${node.name}"`,
		)
		.join(' -> ');
}
