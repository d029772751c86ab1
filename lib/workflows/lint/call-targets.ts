import { calledWorkflow } from '../references';
import { perFile } from './lint-rule';
import { CALLED_TRIGGER, EXECUTE_WORKFLOW } from './node-kinds';

/** A call to nothing is found here, not by a customer. */
export const callTargets = perFile({
	code: 'call-targets',
	line: 'Every Execute Sub-workflow node names a workflow file of this folder that can be called (it has an Execute Sub-workflow Trigger that is not disabled).',
	check: ({ json }, report, { files }) => {
		for (const node of json.nodes.filter((candidate) => candidate.type === EXECUTE_WORKFLOW)) {
			const key = calledWorkflow(node);
			const target = files.find((file) => file.key === key);
			const isCallable = target?.json.nodes.some(({ type, disabled }) => type === CALLED_TRIGGER && disabled !== true);
			if (key === null) report(node, 'names no workflow; put the file stem into workflowId.value');
			else if (target === undefined) report(node, `calls ${key}, and there is no such file; name one of this folder`);
			else if (isCallable !== true)
				report(node, `calls ${key}, which has no Execute Sub-workflow Trigger; add one there`);
		}
	},
});
