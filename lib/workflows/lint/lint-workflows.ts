import type { NeededCredential } from '../credential-inventory';
import type { WorkflowFile, WorkflowProblem } from '../workflow-file';
import { aboutSticky } from './about-sticky';
import { boundedCalls } from './bounded-calls';
import { callCycles } from './call-cycles';
import { callInputs } from './call-inputs';
import { callReturns } from './call-returns';
import { callTargets } from './call-targets';
import { codeSize } from './code-size';
import { connections } from './connections';
import { credentials } from './credentials';
import { disabledNodes } from './disabled-nodes';
import { errorOutputs } from './error-outputs';
import { errorWorkflow } from './error-workflow';
import { executionSettings } from './execution-settings';
import { forbiddenKeys } from './forbidden-keys';
import { forbiddenNodes } from './forbidden-nodes';
import { grid } from './grid';
import { guardedReplies } from './guarded-replies';
import { hotPath } from './hot-path';
import { inactive } from './inactive';
import { leftToRight } from './left-to-right';
import type { LintProblem, LintRule } from './lint-rule';
import { noHosts } from './no-hosts';
import { noIds } from './no-ids';
import { noPersonalData } from './no-personal-data';
import { noPrices } from './no-prices';
import { noSecrets } from './no-secrets';
import { nodeIds } from './node-ids';
import { nodeNames } from './node-names';
import { oneSender } from './one-sender';
import { openOutputs } from './open-outputs';
import { phaseStickies } from './phase-stickies';
import { reachableNodes } from './reachable-nodes';
import { applySilencings, SILENCES } from './silences';
import { stableIds } from './stable-ids';
import { takeOver } from './take-over';
import { tenantSql } from './tenant-sql';
import { typedInputs } from './typed-inputs';
import { webhookIds } from './webhook-ids';

/** Every rule that looks at workflows, in the order in which problems are shown: what hurts people comes first. */
export const LINT_RULES: readonly LintRule[] = [
	takeOver,
	guardedReplies,
	oneSender,
	tenantSql,
	noSecrets,
	noPersonalData,
	noHosts,
	noIds,
	noPrices,
	errorWorkflow,
	errorOutputs,
	openOutputs,
	boundedCalls,
	disabledNodes,
	callTargets,
	callInputs,
	typedInputs,
	callReturns,
	callCycles,
	connections,
	reachableNodes,
	hotPath,
	forbiddenNodes,
	codeSize,
	credentials,
	nodeIds,
	webhookIds,
	stableIds,
	nodeNames,
	forbiddenKeys,
	inactive,
	executionSettings,
	aboutSticky,
	phaseStickies,
	grid,
	leftToRight,
];

/** Code and documentation line of every rule, the one about silencing included. */
export const RULE_LINES: readonly Pick<LintRule, 'code' | 'line' | 'isFinal'>[] = [...LINT_RULES, SILENCES];

/**
 * All problems of all files, without those that are silenced with a reason. Pure.
 *
 * @param before the files of an earlier state, to compare ids with; none: ids are not compared
 */
export function findProblems(
	files: readonly WorkflowFile[],
	inventory: readonly NeededCredential[],
	before: readonly WorkflowFile[] = [],
): LintProblem[] {
	const problems = LINT_RULES.flatMap((rule) => rule.check({ files, inventory, before }));
	return applySilencings(files, problems, RULE_LINES);
}

/** The same as the deploy shows it: empty when the files may be deployed; messages name the node. */
export function lintWorkflows(
	files: readonly WorkflowFile[],
	inventory: readonly NeededCredential[],
): WorkflowProblem[] {
	return findProblems(files, inventory).map(({ code, key, node, message }) => ({
		code,
		key,
		message: node === null ? message : `"${node}": ${message}`,
	}));
}
