import { connect } from '../lint-support';
import { type Breaking, isOurs, isStep, onNode, withStep, http, errorTargets, hasErrorOutput } from './breaking';

/** Failures that nobody hears and items that get lost. */
export const FAILURES: readonly Breaking[] = [
	{
		rule: 'error-workflow',
		name: 'no error workflow',
		damage: (json) => json.settings.errorWorkflow !== undefined && delete json.settings.errorWorkflow,
	},
	{
		rule: 'error-workflow',
		name: 'an error workflow that handles no errors',
		damage: (json) => Boolean((json.settings.errorWorkflow = '2_Parse_Normalize')),
	},
	{
		rule: 'error-outputs',
		name: 'a failure that stops the batch',
		damage: onNode(hasErrorOutput, (node) => delete node.onError),
	},
	{
		rule: 'error-outputs',
		name: 'an error that passes as a success',
		damage: onNode(hasErrorOutput, (node) => (node.onError = 'continueRegularOutput')),
	},
	{
		rule: 'error-outputs',
		name: 'an error output that leads nowhere',
		damage: onNode(hasErrorOutput, (node, json) => errorTargets(json, node).splice(0)),
	},
	{
		rule: 'error-outputs',
		name: 'success and error that meet',
		damage: onNode(
			(node) => hasErrorOutput(node),
			(node, json) => {
				for (const { node: target } of [...errorTargets(json, node)]) connect(json, node.name, 0, target);
			},
		),
	},
	{
		rule: 'open-outputs',
		name: 'an output that leads nowhere',
		damage: onNode(
			(node) =>
				isOurs(
					'trufflesInboxTrigger',
					'replyGuard',
					'channelSend',
					'handoverAdapter',
					'trufflesClassifyIntent',
					'trufflesChannelInput',
				)(node),
			(node, json) => (json.connections[node.name]?.main?.[0] ?? []).splice(0),
		),
	},
	{
		rule: 'open-outputs',
		name: 'a node type nobody knows',
		damage: onNode(isStep, (node) => (node.type = 'n8n-nodes-base.airtop')),
	},
	{ rule: 'bounded-calls', name: 'a call without a timeout', damage: withStep(() => http('={{ $json.url }}')) },
	{
		rule: 'bounded-calls',
		name: 'a sender that n8n repeats',
		damage: onNode(isOurs('channelSend', 'modelRouter', 'handoverAdapter'), (node) => (node.retryOnFail = true)),
	},
	{ rule: 'disabled-nodes', name: 'a disabled step', damage: onNode(isStep, (node) => (node.disabled = true)) },
];
