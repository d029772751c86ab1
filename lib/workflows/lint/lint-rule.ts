import type { NeededCredential } from '../credential-inventory';
import type { WorkflowFile, WorkflowNode, WorkflowProblem } from '../workflow-file';

/** All files together: rules look across them. */
export interface LintInput {
	readonly files: readonly WorkflowFile[];
	readonly inventory: readonly NeededCredential[];
}

/** One rule of the workflow linter. `name` becomes the code of its problems. */
export interface LintRule {
	readonly name: string;
	/** What it protects, in one sentence. */
	readonly why: string;
	check(input: LintInput): WorkflowProblem[];
}

export const STICKY = 'n8n-nodes-base.stickyNote';

/** Node types of our package, without the prefix; null for all others. */
export function trufflesType(node: WorkflowNode): string | null {
	const prefix = 'n8n-nodes-truffles.';
	return node.type.startsWith(prefix) ? node.type.slice(prefix.length) : null;
}

/** Node types that start an execution: nothing leads into them, and n8n gives them no error output. */
export function isTrigger(node: WorkflowNode): boolean {
	return /Trigger$/.test(node.type) || node.type === 'n8n-nodes-base.webhook' || node.type === 'n8n-nodes-base.cron';
}

/** A rule that looks at one file at a time. `report` adds a problem of that file. */
export function perFile(name: string, why: string, check: (file: WorkflowFile, report: (message: string) => void, input: LintInput) => void): LintRule {
	return {
		name,
		why,
		check: (input) => {
			const problems: WorkflowProblem[] = [];
			for (const file of input.files) check(file, (message) => void problems.push({ code: name, key: file.key, message }), input);
			return problems;
		},
	};
}

/** Every text inside a JSON value with its path, for example `workflowId.value`. */
export function* textsIn(value: unknown, path = ''): Generator<{ readonly path: string; readonly text: string }> {
	if (typeof value === 'string') yield { path, text: value };
	else if (typeof value === 'object' && value !== null) {
		for (const [key, entry] of Object.entries(value)) yield* textsIn(entry, path === '' ? key : `${path}.${key}`);
	}
}
