import { calledWorkflow } from '../references';
import { isJsonObject, type WorkflowNode } from '../workflow-file';
import { declaredFields, declaredSchemas, followSchemas } from './item-schemas';
import { perFile } from './lint-rule';
import { CALLED_TRIGGER } from './node-kinds';

/** The fields that a call fills in; null when it sets none by hand. */
function filledFields(node: WorkflowNode): Readonly<Record<string, unknown>> | null {
	const inputs = node.parameters.workflowInputs;
	return isJsonObject(inputs) && isJsonObject(inputs.value) ? inputs.value : null;
}

/** n8n passes on what it gets: a field that nobody declared is lost, one that is missing is null. */
export const callInputs = perFile({
	code: 'call-inputs',
	line: 'What a call hands over is what the called workflow declares: exactly its fields; or, for items as they come, only schemas that its first sticky names, followed from the inbox trigger through all workflows.',
	check: ({ key, json }, report, { files }) => {
		const arrivals = followSchemas(files).filter((arrival) => arrival.file.key === key);
		for (const node of json.nodes) {
			const target = files.find((file) => file.key === calledWorkflow(node));
			const trigger = target?.json.nodes.find((candidate) => candidate.type === CALLED_TRIGGER);
			if (target === undefined || trigger === undefined) continue;
			const declared = declaredFields(trigger);
			const filled = filledFields(node);
			if (declared === null) {
				if (filled !== null && Object.keys(filled).length > 0)
					report(node, `fills in fields, but ${target.key} takes items as they come; remove workflowInputs`);
				const known = declaredSchemas(target);
				for (const { mark } of arrivals.filter((arrival) => arrival.node === node && !known.includes(arrival.mark)))
					report(
						node,
						`hands over ${mark}, which ${target.key} does not declare; name it in that workflow's "**Inputs.**", or do not send it there`,
					);
				continue;
			}
			const missing = [...declared.keys()].filter((name) => filled?.[name] === undefined);
			const unknown = Object.keys(filled ?? {}).filter((name) => !declared.has(name));
			if (missing.length > 0) report(node, `does not fill in ${missing.join(', ')}, which ${target.key} declares`);
			if (unknown.length > 0) report(node, `fills in ${unknown.join(', ')}, which ${target.key} does not declare`);
		}
	},
});
