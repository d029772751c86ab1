import { isJsonObject, type WorkflowNode } from '../workflow-file';

interface Outputs {
	/** Main outputs without the error output that `onError: continueErrorOutput` adds behind them. */
	readonly count: number;
	/** Outputs that stay empty under an operation; nothing is connected to them. `*` is every operation. */
	readonly emptyUnder?: Readonly<Record<string, readonly number[]>>;
}

/** Our node types. Their own descriptions are the truth; `test/node/workflow-nodes.test.ts` compares. */
const OURS: Readonly<Record<string, Outputs>> = {
	billingLog: { count: 1 },
	channelSend: { count: 2 },
	handoverAdapter: { count: 2 },
	kaspiMatch: { count: 3 },
	modelRouter: { count: 3 },
	ragSearch: { count: 2 },
	replyComposer: { count: 3, emptyUnder: { fromKnowledge: [1] } },
	replyGuard: { count: 3 },
	trufflesChannelInput: { count: 1 },
	trufflesClassifyIntent: { count: 1 },
	trufflesConversation: { count: 2, emptyUnder: { failTurn: [1] } },
	trufflesErrorLog: { count: 1 },
	// It answers by itself and starts no execution.
	trufflesGatewayTrigger: { count: 1, emptyUnder: { '*': [0] } },
	trufflesInboxTrigger: { count: 3 },
};

/** Nodes of n8n 2.40.5 with one main output. A type that stands nowhere here is asked for, not guessed. */
const ONE_OUTPUT =
	/^n8n-nodes-base\.(?:aggregate|code|convertToFile|crypto|dateTime|emailSend|errorTrigger|executeWorkflow|executeWorkflowTrigger|extractFromFile|filter|googleDrive|googleDriveTrigger|httpRequest|limit|manualTrigger|merge|noOp|postgres|redis|removeDuplicates|renameKeys|scheduleTrigger|set|sort|splitOut|summarize|telegram|telegramTrigger|wait|webhook|whatsApp)$/;
const NO_OUTPUT = 'n8n-nodes-base.stopAndError';
const TWO_OUTPUTS = /^n8n-nodes-base\.(?:if|splitInBatches)$/;

/** How many main outputs a node has without its error output; null for a type that the tables do not know. */
export function mainOutputCount(node: WorkflowNode): number | null {
	const ours = outputsOf(node);
	if (ours !== undefined) return ours.count;
	if (node.type === NO_OUTPUT) return 0;
	if (ONE_OUTPUT.test(node.type)) return 1;
	if (TWO_OUTPUTS.test(node.type)) return 2;
	return node.type === 'n8n-nodes-base.switch' ? switchOutputCount(node) : null;
}

/** Whether an output never gets an item under the node's operation. */
export function isEmptyOutput(node: WorkflowNode, output: number): boolean {
	const empty = outputsOf(node)?.emptyUnder;
	return [...(empty?.['*'] ?? []), ...(empty?.[String(node.parameters.operation)] ?? [])].includes(output);
}

function outputsOf(node: WorkflowNode): Outputs | undefined {
	const [prefix, name = ''] = node.type.split(/\.(.*)/);
	return prefix === 'n8n-nodes-truffles' ? OURS[name] : undefined;
}

/** A Switch has one output per rule, and one more for what no rule takes when its fallback is "extra". */
function switchOutputCount({ parameters: { mode, numberOutputs, rules, options } }: WorkflowNode): number | null {
	if (mode === 'expression') return typeof numberOutputs === 'number' ? numberOutputs : null;
	const values = isJsonObject(rules) ? rules.values : undefined;
	if (!Array.isArray(values)) return null;
	return values.length + Number(isJsonObject(options) && options.fallbackOutput === 'extra');
}
