import { isTrigger } from '../../../../lib/workflows/lint/node-kinds';
import { connect, newNode } from '../lint-support';
import { type Breaking, asNode, isCall, isOurs, isStep, onNode, onAbout } from './breaking';

/** Calls between workflows, and connections inside one. */
export const CALLS: readonly Breaking[] = [
	{
		rule: 'call-targets',
		name: 'a call to nothing',
		damage: onNode(isCall, (node) => (node.parameters.workflowId = { __rl: true, mode: 'list', value: '50_Nothing' })),
	},
	{
		rule: 'call-targets',
		name: 'a call that names nothing',
		damage: onNode(isCall, (node) => delete node.parameters.workflowId),
	},
	{
		rule: 'call-targets',
		name: 'a call to what cannot be called',
		damage: onNode(
			isCall,
			(node) => (node.parameters.workflowId = { __rl: true, mode: 'list', value: '1_Webhook_Gateway' }),
		),
	},
	{
		rule: 'call-inputs',
		name: 'a field that the called workflow does not take',
		damage: onNode(
			isCall,
			(node) => (node.parameters.workflowInputs = { mappingMode: 'defineBelow', value: { text: 'x' } }),
		),
	},
	{
		rule: 'call-inputs',
		name: 'items for another workflow',
		damage: (json) =>
			json.name !== '8_Send_Response' &&
			onNode(
				(node) => isOurs('trufflesInboxTrigger')(node),
				(node, { connections }) => {
					const main = connections[node.name]?.main ?? [];
					[main[1], main[2]] = [main[2] ?? [], main[1] ?? []];
				},
			)(json),
	},
	{
		rule: 'typed-inputs',
		name: 'inputs that nobody declares',
		damage: onNode(
			(node) => node.parameters.inputSource === 'passthrough',
			(node) => delete node.parameters.inputSource,
		),
	},
	{
		rule: 'typed-inputs',
		name: 'items without a schema',
		damage: (json) =>
			json.nodes.some((node) => node.parameters.inputSource === 'passthrough') &&
			onAbout(/`truffles\.[a-z-]+\/1`/g, 'items')(json),
	},
	{
		rule: 'call-returns',
		name: 'a use of what a call returns',
		damage: onNode(isCall, (node, json) => {
			json.nodes.push(newNode('n8n-nodes-base.noOp', 'After the call'));
			connect(json, node.name, 0, 'After the call');
		}),
	},
	{
		rule: 'call-returns',
		name: 'a call that is not waited for',
		damage: onNode(isCall, (node) => (node.parameters.options = { waitForSubWorkflow: false })),
	},
	{
		rule: 'call-cycles',
		name: 'a workflow that calls itself',
		damage: onNode(
			(node) => isCall(node),
			(node, json) => (node.parameters.workflowId = { value: json.name }),
		),
	},
	{
		rule: 'connections',
		name: 'a connection to a name that is gone',
		damage: onNode(isStep, (node) => (node.name = `${node.name} again`)),
	},
	{
		rule: 'connections',
		name: 'a connection drawn twice',
		damage: (json) => {
			const [source, first] =
				Object.entries(json.connections)
					.map(([name, { main }]) => [name, main?.flat()[0]?.node] as const)
					.find(([, target]) => target !== undefined) ?? [];
			if (source === undefined || first === undefined) return false;
			const output = json.connections[source]?.main?.findIndex((targets) => (targets ?? []).length > 0) ?? 0;
			connect(json, source, output, first);
			return true;
		},
	},
	{
		rule: 'reachable-nodes',
		name: 'a step that nothing reaches',
		damage: (json) => json.nodes.push(newNode('n8n-nodes-base.noOp', 'Left over')) > 0,
	},
	{
		rule: 'reachable-nodes',
		name: 'no trigger',
		damage: (json) => (json.nodes = json.nodes.filter((node) => !isTrigger(asNode(node)))).length > 0,
	},
];
