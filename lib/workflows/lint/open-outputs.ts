import { endsFailures } from './failure-ends';
import { perFile } from './lint-rule';
import { EXECUTE_WORKFLOW, isStep, isTrigger, trufflesType } from './node-kinds';
import { isEmptyOutput, mainOutputCount } from './node-outputs';
import { mainOutputs } from './workflow-graph';

/** An output without a connection loses its items without a word. */
export const openOutputs = perFile({
	code: 'open-outputs',
	line: 'Every output of a trigger, of our nodes, and of every node with several outputs, leads somewhere (an end is a No Operation node with a name), and nothing hangs on an output that the node does not have or that stays empty: no item is lost without a word.',
	check: ({ json }, report) => {
		for (const node of json.nodes.filter((candidate) => isStep(candidate) && candidate.disabled !== true)) {
			const count = mainOutputCount(node);
			if (count === null) {
				report(
					node,
					`the outputs of ${node.type} are not known to the linter; add it to lib/workflows/lint/node-outputs.ts`,
				);
				continue;
			}
			const outputs = mainOutputs(json, node.name);
			const all = count + Number(node.onError === 'continueErrorOutput');
			if (outputs.length > all) report(node, `has ${all} outputs, but output ${outputs.length - 1} is connected`);
			const mayEnd =
				endsFailures(node) ||
				node.type === EXECUTE_WORKFLOW ||
				(trufflesType(node) === null && !isTrigger(node) && count === 1);
			for (let output = 0; output < count; output += 1) {
				const isConnected = (outputs[output] ?? []).length > 0;
				if (isConnected && isEmptyOutput(node, output))
					report(node, `output ${output} never gets an item under this operation; remove the connection`);
				if (!isConnected && !mayEnd && !isEmptyOutput(node, output))
					report(node, `output ${output} leads nowhere; connect it, to a No Operation node when its items end there`);
			}
		}
	},
});
