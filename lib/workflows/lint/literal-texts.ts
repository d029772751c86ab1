import type { WorkflowNode } from '../workflow-file';
import { leavesOf, type JsonLeaf } from './json-values';

/** Every text and number that a person or an export has put into a node: parameters (stickies included) and notes. */
export function literalsOf(node: WorkflowNode): JsonLeaf[] {
	return [...leavesOf(node.parameters, 'parameters'), ...leavesOf(node.notes, 'notes')];
}

/** Paths of the texts that a pattern finds, for problems that must not repeat what they found. */
export function pathsMatching(node: WorkflowNode, pattern: RegExp): string[] {
	return literalsOf(node)
		.filter(({ value }) => typeof value === 'string' && pattern.test(value))
		.map(({ path }) => path);
}
