import type { WorkflowJson, WorkflowNode } from '../workflow-file';
import { endsFailures } from './failure-ends';
import { perFile } from './lint-rule';
import { isStep, isTrigger, leavesProcess } from './node-kinds';
import { mainOutputCount } from './node-outputs';
import { mainOutputs } from './workflow-graph';

const ERROR_OUTPUT = 'continueErrorOutput';

function checkErrorOutput(json: WorkflowJson, node: WorkflowNode, report: (message: string) => void): void {
	const count = mainOutputCount(node);
	if (count === null) return;
	const outputs = mainOutputs(json, node.name);
	const successTargets = new Set(outputs.slice(0, count).flatMap((targets) => targets.map((target) => target.node)));
	const errorTargets = outputs[count] ?? [];
	if (errorTargets.length === 0)
		report(`its error output (${count}) leads nowhere; connect it to what ends the failure`);
	for (const { node: target } of errorTargets) {
		if (successTargets.has(target)) report(`success and error meet in "${target}"; give the error a way of its own`);
	}
}

/** An item that fails must go somewhere, and not on as if it had succeeded. */
export const errorOutputs = perFile({
	code: 'error-outputs',
	line: 'Every node that leaves the process has `onError: continueErrorOutput`, its error output leads somewhere, success and error never meet in one node, and nothing passes an error on as a success (`continueRegularOutput`, `continueOnFail`). Behind `Fail turn` and a retried error log stands the error workflow.',
	check: ({ json }, report) => {
		for (const node of json.nodes.filter(isStep)) {
			if (node.onError === 'continueRegularOutput' || node.continueOnFail === true) {
				report(node, 'passes an error on as a success; use onError "continueErrorOutput"');
			} else if (node.onError === ERROR_OUTPUT) {
				if (!isTrigger(node)) checkErrorOutput(json, node, (message) => report(node, message));
			} else if (leavesProcess(node) && !endsFailures(node) && node.disabled !== true) {
				report(node, 'has no error output, so one failed item stops the batch; set onError "continueErrorOutput"');
			}
		}
	},
});
