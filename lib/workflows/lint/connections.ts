import type { WorkflowJson, WorkflowNode } from '../workflow-file';
import { isTrigger, perFile, STICKY, trufflesType } from './lint-rule';
import { isEmptyOutput, mainOutputCount } from './node-outputs';

/** Node types that never fail and never leave the process. */
const HARMLESS_TYPES: ReadonlySet<string> = new Set([STICKY, 'n8n-nodes-base.noOp', 'n8n-nodes-base.set', 'n8n-nodes-base.merge']);

/** Where failures end: behind these stands only the error workflow, or n8n's retry. */
function endsFailures(node: WorkflowNode): boolean {
	const type = trufflesType(node);
	return (type === 'trufflesConversation' && node.parameters.operation === 'failTurn') || (type === 'trufflesErrorLog' && node.retryOnFail === true);
}

/** Every item has a way on: connections lead to nodes that exist, and no output of a step is left open. */
export const connections = perFile('connections', 'no item gets lost, an error least of all', ({ json }, report) => {
	const byName = new Map(json.nodes.map((node) => [node.name, node]));
	for (const [source, byType] of Object.entries(json.connections)) {
		if (!byName.has(source)) report(`connections start at "${source}", and there is no such node`);
		for (const targets of Object.values(byType).flat()) {
			for (const { node } of targets ?? []) if (!byName.has(node)) report(`"${source}" leads to "${node}", and there is no such node`);
		}
	}
	for (const node of json.nodes) checkOutputs(json, node, report);
	for (const name of unreachable(json)) report(`"${name}" is reached from no trigger`);
});

function checkOutputs(json: WorkflowJson, node: WorkflowNode, report: (message: string) => void): void {
	if (HARMLESS_TYPES.has(node.type) || node.disabled === true) return;
	const outputs = json.connections[node.name]?.main ?? [];
	const count = mainOutputCount(node);
	const canFail = !isTrigger(node) && !endsFailures(node);
	if (canFail && node.onError !== 'continueErrorOutput') return report(`"${node.name}": onError must be "continueErrorOutput"`);
	if (count === null) return report(`"${node.name}": the outputs of ${node.type} are not known; add it to node-outputs.ts`);
	if (outputs.length > count + Number(canFail)) report(`"${node.name}": has ${count + Number(canFail)} outputs, but ${outputs.length} are connected`);
	const successTargets = new Set(outputs.slice(0, count).flatMap((targets) => (targets ?? []).map((target) => target.node)));
	if (!canFail) return;
	const errorTargets = outputs[count] ?? [];
	if (errorTargets.length === 0) report(`"${node.name}": its error output (${count}) leads nowhere`);
	for (const { node: target } of errorTargets) {
		if (successTargets.has(target)) report(`"${node.name}": success and error meet in "${target}"`);
	}
	// A sub-workflow's answer is not used: it is the data of whatever ran last in it, which may be its error branch.
	if (node.type === 'n8n-nodes-base.executeWorkflow') {
		if (successTargets.size > 0) report(`"${node.name}": what a sub-workflow returns is not used; chain the call instead`);
		return;
	}
	for (let index = 0; index < count; index += 1) {
		const isConnected = (outputs[index] ?? []).length > 0;
		if (isEmptyOutput(node, index)) {
			if (isConnected) report(`"${node.name}": output ${index} never gets an item under this operation`);
		} else if (!isConnected) report(`"${node.name}": output ${index} leads nowhere`);
	}
}

function unreachable(json: WorkflowJson): string[] {
	const reached = new Set(json.nodes.filter(isTrigger).map((node) => node.name));
	for (const name of reached) {
		for (const targets of Object.values(json.connections[name] ?? {}).flat()) for (const { node } of targets ?? []) reached.add(node);
	}
	return json.nodes.filter((node) => node.type !== STICKY && !reached.has(node.name)).map((node) => node.name);
}
