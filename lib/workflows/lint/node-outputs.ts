import type { WorkflowNode } from '../workflow-file';

interface Outputs {
	/** Main outputs without the error output that `onError: continueErrorOutput` adds behind them. */
	readonly count: number;
	/** Outputs that stay empty under an operation; nothing is connected to them. */
	readonly emptyUnder?: Readonly<Record<string, readonly number[]>>;
}

/** The node types we use. Their own descriptions are the truth; `test/unit/workflows/workflow-nodes.test.ts` compares. */
const OUTPUTS: Readonly<Record<string, Outputs>> = {
	'n8n-nodes-base.errorTrigger': { count: 1 },
	'n8n-nodes-base.executeWorkflow': { count: 1 },
	'n8n-nodes-base.executeWorkflowTrigger': { count: 1 },
	'n8n-nodes-base.noOp': { count: 1 },
	'n8n-nodes-truffles.billingLog': { count: 1 },
	'n8n-nodes-truffles.channelSend': { count: 2 },
	'n8n-nodes-truffles.handoverAdapter': { count: 2 },
	'n8n-nodes-truffles.kaspiMatch': { count: 3 },
	'n8n-nodes-truffles.modelRouter': { count: 3 },
	'n8n-nodes-truffles.ragSearch': { count: 2 },
	'n8n-nodes-truffles.replyComposer': { count: 3, emptyUnder: { fromKnowledge: [1] } },
	'n8n-nodes-truffles.replyGuard': { count: 3 },
	'n8n-nodes-truffles.trufflesChannelInput': { count: 1 },
	'n8n-nodes-truffles.trufflesClassifyIntent': { count: 1 },
	'n8n-nodes-truffles.trufflesConversation': { count: 2, emptyUnder: { failTurn: [1] } },
	'n8n-nodes-truffles.trufflesErrorLog': { count: 1 },
	'n8n-nodes-truffles.trufflesGatewayTrigger': { count: 1 },
	'n8n-nodes-truffles.trufflesInboxTrigger': { count: 3 },
};

/** How many main outputs a node has without its error output; null for a type that the table does not know. */
export function mainOutputCount(node: WorkflowNode): number | null {
	return OUTPUTS[node.type]?.count ?? null;
}

/** Whether an output never gets an item under the node's operation. */
export function isEmptyOutput(node: WorkflowNode, output: number): boolean {
	return OUTPUTS[node.type]?.emptyUnder?.[String(node.parameters.operation)]?.includes(output) === true;
}
