import { calledWorkflow } from '../../../../lib/workflows/references';
import { connect, newNode, type MutableTarget } from '../lint-support';
import { type Breaking, OURS, asNode, isOurs, isFailTurn, isStep, onNode, withStep, postgres, http } from './breaking';

/** What protects customers: taken-over conversations, unguarded replies, second senders, rows of other businesses. */
export const REPLIES: readonly Breaking[] = [
	{
		rule: 'take-over',
		name: 'turns that are never opened',
		damage: onNode(
			(node) => isOurs('trufflesConversation')(node) && !isFailTurn(node),
			(node) => (node.disabled = true),
		),
	},
	{
		rule: 'take-over',
		name: 'a held turn that is answered',
		damage: onNode(
			(node) => isOurs('trufflesConversation')(node) && !isFailTurn(node),
			(node, json) => {
				const outputs = json.connections[node.name]?.main ?? [];
				outputs[1] = [...(outputs[0] ?? [])];
			},
		),
	},
	{
		rule: 'take-over',
		name: 'a call of its own behind the check',
		damage: (json) => {
			const node = json.nodes.find((candidate) =>
				isOurs(
					'trufflesChannelInput',
					'trufflesClassifyIntent',
					'replyGuard',
					'handoverAdapter',
					'channelSend',
				)(candidate),
			);
			if (node === undefined) return false;
			json.nodes.push(http('={{ $json.url }}'));
			connect(json, node.name, 0, 'POST somewhere');
			return true;
		},
	},
	{
		rule: 'guarded-replies',
		name: 'a reply past the guard',
		damage: onNode(isOurs('replyComposer', 'modelRouter'), (node, json) => {
			const sender = json.nodes.find((candidate) => calledWorkflow(asNode(candidate)) === '8_Send_Response');
			if (sender !== undefined) connect(json, node.name, 0, sender.name);
		}),
	},
	{
		rule: 'guarded-replies',
		name: 'a refused reply that is sent',
		damage: onNode(isOurs('replyGuard'), (node, json) => {
			const main = json.connections[node.name]?.main ?? [];
			main[2] = main[0] ?? [];
		}),
	},
	{
		rule: 'guarded-replies',
		name: 'a guard that is switched off',
		damage: onNode(isOurs('replyGuard'), (node) => (node.disabled = true)),
	},
	{
		rule: 'guarded-replies',
		name: 'a guard that reads fields',
		damage: onNode(isOurs('replyGuard'), (node) => (node.parameters.source = 'fields')),
	},
	{
		rule: 'guarded-replies',
		name: 'a reply that is changed behind the guard',
		damage: onNode(isOurs('replyGuard'), (node, json) => {
			const [target] = json.connections[node.name]?.main?.[0] ?? [];
			json.nodes.push(newNode('n8n-nodes-base.set', 'Add discount'));
			json.connections['Add discount'] = { main: [[target as MutableTarget]] };
			connect(json, node.name, 0, 'Add discount');
		}),
	},
	{
		rule: 'one-sender',
		name: 'a second place that sends',
		damage: (json) =>
			json.name !== '8_Send_Response' && onNode(isStep, (node) => (node.type = `${OURS}channelSend`))(json),
	},
	{
		rule: 'one-sender',
		name: 'a sender that reads fields',
		damage: onNode(isOurs('channelSend'), (node) => (node.parameters.source = 'fields')),
	},
	{
		rule: 'one-sender',
		name: 'a messenger node',
		damage: withStep(() => newNode('n8n-nodes-base.whatsApp', 'Tell customer')),
	},
	{
		rule: 'one-sender',
		name: 'an HTTP call to a channel',
		damage: withStep(() => http('={{ $json.base }}/send-message')),
	},
	{
		rule: 'tenant-sql',
		name: 'rows of all clients',
		damage: withStep(() => postgres('select * from truffles.messages')),
	},
	{
		rule: 'tenant-sql',
		name: 'SQL built from an item',
		damage: withStep(() => postgres("={{ 'select ' + $json.what }}")),
	},
];
