import { perNode } from './lint-rule';
import { isStep } from './node-kinds';

/** n8n hands the items of a disabled node on through its first output, as if it had succeeded. */
export const disabledNodes = perNode({
	code: 'disabled-nodes',
	line: 'No step is disabled without a reason: n8n passes the items of a disabled node on through its first output, so that a disabled check is a check that everything passes.',
	check: (node, report) => {
		if (isStep(node) && node.disabled === true)
			report('is disabled, so every item passes it unchecked; remove it, or say why with lint-ignore');
	},
});
