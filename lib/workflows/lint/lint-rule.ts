import type { NeededCredential } from '../credential-inventory';
import type { WorkflowFile, WorkflowNode } from '../workflow-file';

/** All files together: rules look across them. */
export interface LintInput {
	readonly files: readonly WorkflowFile[];
	readonly inventory: readonly NeededCredential[];
	/** The files of an earlier state; without them nothing is compared. */
	readonly before?: readonly WorkflowFile[];
}

/** Something a person must change. */
export interface LintProblem {
	/** The rule that found it. */
	readonly code: string;
	/** The workflow, null for what belongs to none (the credential inventory). */
	readonly key: string | null;
	/** The node, null for what belongs to the workflow as a whole. */
	readonly node: string | null;
	/** What is wrong and what to do. */
	readonly message: string;
}

/** One rule of the workflow linter: one file, named like its code. */
export interface LintRule {
	/** Stable; also the name of the rule's file, of its fixtures and of its line in docs/workflow-rules.md. */
	readonly code: string;
	/** Its line in docs/workflow-rules.md: what must be so, and why. */
	readonly line: string;
	/** A final rule protects money, privacy or sending; a note in the workflow cannot silence it. */
	readonly isFinal: boolean;
	check(input: LintInput): LintProblem[];
}

/** Adds a problem of the file that is looked at; `node` is null for the workflow as a whole. */
export type Report = (node: WorkflowNode | null, message: string) => void;

interface PerFileRule {
	readonly code: string;
	readonly line: string;
	readonly isFinal?: boolean;
	check(file: WorkflowFile, report: Report, input: LintInput): void;
}

/** A rule that looks at one file at a time (and may look at the others through `input`). */
export function perFile({ code, line, isFinal = false, check }: PerFileRule): LintRule {
	return {
		code,
		line,
		isFinal,
		check: (input) => {
			const problems: LintProblem[] = [];
			for (const file of input.files) {
				check(
					file,
					(node, message) => void problems.push({ code, key: file.key, node: node?.name ?? null, message }),
					input,
				);
			}
			return problems;
		},
	};
}

interface PerNodeRule {
	readonly code: string;
	readonly line: string;
	readonly isFinal?: boolean;
	check(node: WorkflowNode, report: (message: string) => void, file: WorkflowFile): void;
}

/** A rule that looks at one node at a time. */
export function perNode({ check, ...rule }: PerNodeRule): LintRule {
	return perFile({
		...rule,
		check: (file, report) => {
			for (const node of file.json.nodes) check(node, (message) => report(node, message), file);
		},
	});
}
