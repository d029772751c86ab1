import type { WorkflowJson, WorkflowNode } from '../workflow-file';
import { perFile } from './lint-rule';
import { isStep, isTrigger } from './node-kinds';
import { mainOutputCount } from './node-outputs';
import { mainOutputs, nodeNamed, targetsOf } from './workflow-graph';

const xOf = (node: WorkflowNode): number => node.position[0] ?? 0;
const yOf = (node: WorkflowNode): number => node.position[1] ?? 0;

/** The way an item takes when all goes well: from the first trigger always through the first connected success output. */
function happyPath(json: WorkflowJson): WorkflowNode[] {
	const path: WorkflowNode[] = [];
	let node = json.nodes.find(isTrigger);
	while (node !== undefined && !path.includes(node)) {
		path.push(node);
		const successes = mainOutputs(json, node.name).slice(0, mainOutputCount(node) ?? 1);
		const next = successes.find((targets) => targets.length > 0)?.[0]?.node;
		node = next === undefined ? undefined : nodeNamed(json, next);
	}
	return path;
}

/** The picture is read like a text. */
export const leftToRight = perFile({
	code: 'left-to-right',
	line: 'Connections run from left to right, a trigger is leftmost, the happy path (first output after first output) lies on one line, and errors lead below it: the picture is read like a text.',
	check: ({ json }, report) => {
		const path = happyPath(json);
		const [start] = path;
		if (start === undefined) return;
		for (const step of json.nodes.filter(isStep)) {
			for (const name of targetsOf(json, step.name)) {
				const target = nodeNamed(json, name);
				if (target !== undefined && xOf(target) < xOf(step))
					report(step, `leads to "${name}" on its left; move one of them`);
			}
			if (xOf(step) < xOf(start)) report(step, `lies left of the trigger "${start.name}"; move it`);
			for (const { node: name } of mainOutputs(json, step.name)[mainOutputCount(step) ?? Infinity] ?? []) {
				const target = nodeNamed(json, name);
				if (target !== undefined && (yOf(target) <= yOf(start) || yOf(target) < yOf(step)))
					report(step, `its error output leads up to "${name}"; errors lie below the happy path and below their step`);
			}
		}
		for (const node of path.filter((candidate) => yOf(candidate) !== yOf(start)))
			report(node, `lies off the line of the happy path (y ${yOf(start)}); move it there`);
	},
});
