import type { WorkflowNode } from '../workflow-file';
import { perFile } from './lint-rule';
import { trufflesType } from './node-kinds';

/** The gateway's public address is `/webhook/in/...`: this id is part of a contract with every channel. */
const GATEWAY_WEBHOOK_ID = 'in';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Triggers of n8n 2.40.5 without a webhook: they poll, listen or are called. */
const TRIGGERS_WITHOUT_WEBHOOK =
	/\.(?:airtable|amqp|clockify|error|evaluation|executeWorkflow|gmail|google\w+|kafka|localFile|manual|microsoft(?:OneDrive|Outlook)|mqtt|n8n|notion|postgres|rabbitmq|redis|rssFeedRead|salesforce|schedule|seaTable|simulate|sse|toggl|workflow|trufflesInbox)Trigger$/;

function hasWebhook(node: WorkflowNode): boolean {
	if (/\.(?:webhook|form|wait)$/.test(node.type) || node.parameters.operation === 'sendAndWait') return true;
	return /Trigger$/.test(node.type) && !TRIGGERS_WITHOUT_WEBHOOK.test(node.type);
}

/** What the outside world calls must not move. */
export const webhookIds = perFile({
	code: 'webhook-ids',
	line: 'Every node that waits for a call has a `webhookId` (a UUID; the gateway has `in`), and no two nodes share one or the same method and path: without it n8n invents an address at each import, and a shared one is not registered.',
	check: ({ json, key }, report, { files }) => {
		for (const node of json.nodes.filter(hasWebhook)) {
			const isGateway = trufflesType(node) === 'trufflesGatewayTrigger';
			if (typeof node.webhookId !== 'string') report(node, 'webhookId is missing; add one, once');
			else if (isGateway && node.webhookId !== GATEWAY_WEBHOOK_ID)
				report(
					node,
					`webhookId must be "${GATEWAY_WEBHOOK_ID}": every channel calls /webhook/${GATEWAY_WEBHOOK_ID}/...`,
				);
			else if (!isGateway && !UUID.test(node.webhookId))
				report(node, 'webhookId is no lower-case UUID; give it one, once');
			for (const file of files) {
				for (const other of file.json.nodes) {
					if (
						other === node ||
						file.key > key ||
						(file.key === key && json.nodes.indexOf(other) > json.nodes.indexOf(node))
					)
						continue;
					const where = `"${other.name}" of ${file.key}`;
					if (node.webhookId !== undefined && other.webhookId === node.webhookId)
						report(node, `${where} has the same webhookId; give the copy a new one`);
					else if (hasWebhook(other) && addressOf(other) !== null && addressOf(other) === addressOf(node))
						report(node, `${where} answers at the same address; change the path`);
				}
			}
		}
	},
});

/** Method and path of a Webhook node; null for nodes that get their address elsewhere. */
function addressOf(node: WorkflowNode): string | null {
	const { path, httpMethod = 'GET' } = node.parameters;
	return typeof path === 'string' && path !== '' ? `${String(httpMethod)} ${path}` : null;
}
