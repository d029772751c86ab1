import type { WorkflowFile, WorkflowNode } from '../workflow-file';
import { STICKY } from './node-kinds';

/** `lint-ignore CODE: reason` in the notes of a node. */
export interface Silencing {
	readonly file: WorkflowFile;
	readonly node: WorkflowNode;
	/** The node whose problems it silences; null when it stands in the first sticky and means the workflow as a whole. */
	readonly scope: string | null;
	readonly code: string;
	readonly reason: string;
}

const LINE = /^\s*lint-ignore\b[ \t]*([^\s:]*)[ \t]*:?[ \t]*(.*)$/gm;

/** The silencings that a file holds, also those without a code or reason. */
export function silencingsOf(file: WorkflowFile): Silencing[] {
	const [first] = file.json.nodes;
	return file.json.nodes.flatMap((node) =>
		typeof node.notes !== 'string'
			? []
			: [...node.notes.matchAll(LINE)].map(([, code = '', reason = '']) => ({
					file,
					node,
					scope: node === first && node.type === STICKY ? null : node.name,
					code,
					reason: reason.trim(),
				})),
	);
}

/** Whether a node's notes silence a rule; for rules whose judgement of other nodes depends on it. */
export function isSilenced(node: WorkflowNode, code: string): boolean {
	return typeof node.notes === 'string' && [...node.notes.matchAll(LINE)].some((match) => match[1] === code);
}
