import type { NeededCredential } from '../credential-inventory';
import type { WorkflowFile, WorkflowProblem } from '../workflow-file';
import { canvas } from './canvas';
import { connections } from './connections';
import { fileContents } from './file-contents';
import { hotPath } from './hot-path';
import type { LintRule } from './lint-rule';
import { literals } from './literals';
import { nodeIdentity } from './node-identity';
import { oneSender } from './one-sender';
import { referencesExist } from './references-exist';

/** Every rule, in the order in which problems are shown. */
export const LINT_RULES: readonly LintRule[] = [nodeIdentity, fileContents, hotPath, referencesExist, connections, oneSender, literals, canvas];

/** All problems of all files; empty when they may be deployed. Pure. */
export function lintWorkflows(files: readonly WorkflowFile[], inventory: readonly NeededCredential[]): WorkflowProblem[] {
	return LINT_RULES.flatMap((rule) => rule.check({ files, inventory }));
}
