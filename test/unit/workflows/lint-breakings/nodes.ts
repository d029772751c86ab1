import { STICKY } from '../../../../lib/workflows/lint/node-kinds';
import { newNode } from '../lint-support';
import { type Breaking, isCall, isOurs, isStep, onNode, withStep, code } from './breaking';

/** What a node may be, and by what it is known. */
export const NODES: readonly Breaking[] = [
	{
		rule: 'hot-path',
		name: 'an expression deep inside',
		damage: (json) =>
			json.name !== '9_Error_Handler' &&
			onNode(
				(node) => node.type !== STICKY,
				(node) => (node.parameters.options = { list: [{ name: '={{ 1 }}' }] }),
			)(json),
	},
	{
		rule: 'hot-path',
		name: 'a Code node',
		damage: (json) => json.name !== '9_Error_Handler' && withStep(() => code('return items;'))(json),
	},
	{
		rule: 'forbidden-nodes',
		name: 'a shell command',
		damage: withStep(() => newNode('n8n-nodes-base.executeCommand', 'Clean up')),
	},
	{
		rule: 'forbidden-nodes',
		name: 'a package that no stack has',
		damage: withStep(() => newNode('CUSTOM.channelSend', 'Tell')),
	},
	{ rule: 'forbidden-nodes', name: 'eval', damage: withStep(() => code('return eval($json.code);')) },
	{ rule: 'code-size', name: 'a program in a node', damage: withStep(() => code('x;\n'.repeat(21))) },
	{
		rule: 'credentials',
		name: 'a credential that nobody lists',
		damage: onNode(isStep, (node) => (node.credentials = { openAiApi: { name: 'Mine' } })),
	},
	{ rule: 'node-ids', name: 'an id that is no UUID', damage: onNode(isStep, (node) => (node.id = 'step-1')) },
	{
		rule: 'node-ids',
		name: 'a copied id',
		damage: onNode(isStep, (node, json) => (node.id = json.nodes[0]?.id ?? '')),
	},
	{
		rule: 'webhook-ids',
		name: 'a gateway without its id',
		damage: onNode(isOurs('trufflesGatewayTrigger'), (node) => delete node.webhookId),
	},
	{
		rule: 'webhook-ids',
		name: 'a gateway at another address',
		damage: onNode(isOurs('trufflesGatewayTrigger'), (node) => (node.webhookId = 'inbox')),
	},
	{
		rule: 'webhook-ids',
		name: 'a form without an id',
		damage: (json) => json.nodes.push(newNode('n8n-nodes-base.formTrigger', 'When asked')) > 0,
	},
	{
		rule: 'stable-ids',
		name: 'an id that changes',
		damage: onNode(isStep, (node) => (node.id = '00000000-0000-4000-8000-00000000000b')),
	},
	{
		rule: 'stable-ids',
		name: 'a webhook that moves',
		damage: onNode(isOurs('trufflesGatewayTrigger'), (node) => (node.webhookId = 'inbox')),
	},
	{
		rule: 'node-names',
		name: 'two nodes of one name',
		damage: onNode(isStep, (node, json) => (node.name = json.nodes[0]?.name ?? '')),
	},
	{
		rule: 'node-names',
		name: 'a default name',
		damage: withStep(() => newNode('n8n-nodes-base.noOp', 'No Operation1')),
	},
	{
		rule: 'node-names',
		name: 'a call that hides what it calls',
		damage: onNode(isCall, (node) => (node.name = 'Continue')),
	},
];
