import { isJsonObject } from '../workflow-file';
import { perFile } from './lint-rule';
import { EXECUTE_WORKFLOW } from './node-kinds';
import { mainOutputs } from './workflow-graph';

/** What a sub-workflow returns is the data of whatever ran last in it, which may be its error branch (n8n 2.40.5). */
export const callReturns = perFile({
	code: 'call-returns',
	line: 'A call waits for its workflow, and nobody reads what it returns: n8n returns the data of the node that ran last, which may be an error branch; and a turn that is not waited for is settled before it is done. So calls are chained.',
	check: ({ json }, report) => {
		for (const node of json.nodes.filter((candidate) => candidate.type === EXECUTE_WORKFLOW)) {
			const [success = []] = mainOutputs(json, node.name);
			if (success.length > 0)
				report(node, 'something follows on its success output; chain the call in the called workflow instead');
			const { options } = node.parameters;
			if (isJsonObject(options) && options.waitForSubWorkflow === false)
				report(node, 'does not wait for the called workflow; set waitForSubWorkflow');
		}
	},
});
