import { isTrigger, STICKY } from '../../../../lib/workflows/lint/node-kinds';
import { mainOutputCount } from '../../../../lib/workflows/lint/node-outputs';
import { calledWorkflow } from '../../../../lib/workflows/references';
import type { WorkflowNode } from '../../../../lib/workflows/workflow-file';
import { connect, type MutableNode, type MutableWorkflow, newNode } from '../lint-support';

/** One way to damage a workflow that a rule must notice. */
export interface Breaking {
	readonly rule: string;
	readonly name: string;
	/** Damages a copy. Returns false where the workflow has nothing of the kind. */
	damage(json: MutableWorkflow): boolean;
}

export const OURS = 'n8n-nodes-truffles.';
export const asNode = (node: MutableNode): WorkflowNode => node as unknown as WorkflowNode;
export const isCall = (node: MutableNode): boolean => calledWorkflow(asNode(node)) !== null;
export const isOurs =
	(...types: string[]) =>
	(node: MutableNode): boolean =>
		types.some((type) => node.type === OURS + type);
export const isFailTurn = (node: MutableNode): boolean => node.parameters.operation === 'failTurn';
export const isStep = (node: MutableNode): boolean => node.type !== STICKY && !isTrigger(asNode(node));

/** Damages the first node of a kind. */
export const onNode =
	(isMeant: (node: MutableNode) => boolean, damage: (node: MutableNode, json: MutableWorkflow) => unknown) =>
	(json: MutableWorkflow): boolean => {
		const node = json.nodes.find(isMeant);
		if (node === undefined) return false;
		damage(node, json);
		return true;
	};

/** Damages the first sticky. */
export const onSticky = (
	damage: (sticky: MutableNode, json: MutableWorkflow) => unknown,
): ((json: MutableWorkflow) => boolean) => onNode((node) => node.type === STICKY, damage);

/** Damages the text of the first sticky, where it holds what is searched. */
export const onAbout =
	(search: RegExp, replacement: string) =>
	(json: MutableWorkflow): boolean => {
		const parameters = json.nodes[0]?.parameters ?? {};
		const before = String(parameters.content);
		parameters.content = before.replace(search, replacement);
		return parameters.content !== before;
	};

/** Adds a step behind the first success output of a trigger. */
export const withStep =
	(make: () => MutableNode) =>
	(json: MutableWorkflow): boolean => {
		const trigger = json.nodes.find((node) => isTrigger(asNode(node)));
		if (trigger === undefined) return false;
		const node = make();
		json.nodes.push(node);
		connect(json, trigger.name, 0, node.name);
		return true;
	};

export const postgres = (query: string): MutableNode =>
	newNode('n8n-nodes-base.postgres', 'Read rows', { operation: 'executeQuery', query });
export const http = (url: string, options: Record<string, unknown> = {}): MutableNode =>
	newNode('n8n-nodes-base.httpRequest', 'POST somewhere', { url, options });
export const code = (jsCode: string): MutableNode => newNode('n8n-nodes-base.code', 'Do it', { jsCode });
export const literal = (name: string, value: unknown): ((json: MutableWorkflow) => boolean) =>
	onNode(isStep, (node) => (node.parameters[name] = value));
/** Where a node leads by its error output. */
export const errorTargets = (json: MutableWorkflow, node: MutableNode) =>
	json.connections[node.name]?.main?.[mainOutputCount(asNode(node)) ?? 0] ?? [];
export const hasErrorOutput = (node: MutableNode): boolean => node.onError === 'continueErrorOutput';
