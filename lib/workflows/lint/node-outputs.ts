import type { WorkflowNode } from '../workflow-file';

/**
 * Main outputs of the node types we use, without the error output that `onError: continueErrorOutput` adds behind them.
 * The nodes' own descriptions are the truth; `test/node` compares them with this table.
 */
const OUTPUTS: Readonly<Record<string, number | Readonly<Record<string, number>>>> = {
	'n8n-nodes-base.errorTrigger': 1,
	'n8n-nodes-base.executeWorkflow': 1,
	'n8n-nodes-base.executeWorkflowTrigger': 1,
	'n8n-nodes-base.noOp': 1,
	'n8n-nodes-truffles.billingLog': 1,
	'n8n-nodes-truffles.channelSend': 2,
	'n8n-nodes-truffles.handoverAdapter': 2,
	'n8n-nodes-truffles.kaspiMatch': 3,
	'n8n-nodes-truffles.modelRouter': 3,
	'n8n-nodes-truffles.ragSearch': 2,
	'n8n-nodes-truffles.replyComposer': { compose: 3, fromKnowledge: 2 },
	'n8n-nodes-truffles.replyGuard': 3,
	'n8n-nodes-truffles.trufflesChannelInput': 1,
	'n8n-nodes-truffles.trufflesClassifyIntent': 1,
	'n8n-nodes-truffles.trufflesConversation': { open: 2, failTurn: 1 },
	'n8n-nodes-truffles.trufflesErrorLog': 1,
	'n8n-nodes-truffles.trufflesGatewayTrigger': 1,
	'n8n-nodes-truffles.trufflesInboxTrigger': 3,
};

/** How many main outputs a node has without its error output; null for a type (or operation) that the table does not know. */
export function mainOutputCount(node: WorkflowNode): number | null {
	const entry = OUTPUTS[node.type];
	if (entry === undefined || typeof entry === 'number') return entry ?? null;
	return entry[String(node.parameters.operation)] ?? null;
}
