import { hotPathKeys } from './call-graph';
import { perFile } from './lint-rule';
import { isCode, isStep } from './node-kinds';
import { isExpression, textsIn } from './json-values';

/**
 * The first expression of an execution costs about 45 ms of CPU (measured on n8n 2.40.5, November 2026):
 * more than all the rest of a turn. A Code node costs a task runner besides.
 */
export const hotPath = perFile({
	code: 'hot-path',
	line: 'Between a message and its reply there is no expression and no Code node. That is workflows 1, 2, 3, 5, 6, 7 and 8, those that start with our gateway or inbox trigger, and all they call: the first expression of an execution costs about 45 ms, more than the rest of a turn.',
	check: ({ key, json }, report, { files }) => {
		if (!hotPathKeys(files).has(key)) return;
		for (const node of json.nodes.filter(isStep)) {
			for (const { path, text } of textsIn(node.parameters)) {
				if (isExpression(text))
					report(node, `parameters.${path} is an expression on the hot path; let a node of the package read the item`);
			}
			if (isCode(node)) report(node, 'is a Code node on the hot path; write a node of the package');
		}
	},
});
