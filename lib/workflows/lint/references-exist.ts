import { unlistedCredentials } from '../credential-inventory';
import { publishOrder } from '../publish-order';
import { collectCredentialReferences, collectWorkflowReferences, unreadableCalls } from '../references';
import type { WorkflowProblem } from '../workflow-file';
import type { LintRule } from './lint-rule';

const CALLED_TRIGGER = 'n8n-nodes-base.executeWorkflowTrigger';
const ERROR_TRIGGER = 'n8n-nodes-base.errorTrigger';
const CODE = 'references';

/** Everything that a workflow names exists, can be called, and can be put into an order. */
export const referencesExist: LintRule = {
	name: CODE,
	why: 'a reference to nothing is found before a deploy, not by a customer',
	check({ files, inventory }) {
		const problems: WorkflowProblem[] = [];
		const byKey = new Map(files.map((file) => [file.key, file.json]));
		for (const { key, json } of files) {
			const report = (message: string): void => void problems.push({ code: CODE, key, message });
			for (const name of unreadableCalls(json)) report(`"${name}" names no workflow`);
			for (const reference of collectWorkflowReferences(json)) {
				const target = byKey.get(reference.key);
				const needed = reference.nodeName === null ? ERROR_TRIGGER : CALLED_TRIGGER;
				const where = reference.nodeName === null ? 'settings.errorWorkflow' : `"${reference.nodeName}"`;
				if (target === undefined) report(`${where} names ${reference.key}, and there is no such file`);
				else if (!target.nodes.some((node) => node.type === needed)) report(`${where} names ${reference.key}, which has no ${needed}`);
			}
			const isErrorHandler = json.nodes.some((node) => node.type === ERROR_TRIGGER);
			if (!isErrorHandler && typeof json.settings.errorWorkflow !== 'string') report('settings.errorWorkflow is missing: an execution that fails would be silent');
		}
		problems.push(...unlistedCredentials(files, inventory));
		for (const { name, type } of inventory) {
			const isUsed = files.some(({ json }) => collectCredentialReferences(json).some((used) => used.name === name && used.type === type));
			if (!isUsed) problems.push({ code: CODE, key: null, message: `credentials.json lists "${name}" (${type}), which no workflow uses` });
		}
		const order = publishOrder(files);
		if (order.kind === 'cycle') problems.push({ code: CODE, key: null, message: `these workflows call each other in a circle: ${order.keys.join(', ')}` });
		return problems;
	},
};
