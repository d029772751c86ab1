import { isTrigger, perFile, trufflesType } from './lint-rule';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const WEBHOOK_TYPES: ReadonlySet<string> = new Set(['n8n-nodes-base.webhook', 'n8n-nodes-base.formTrigger', 'n8n-nodes-truffles.trufflesGatewayTrigger']);
/** The gateway's public address is `/webhook/in/...`: this id is part of a contract with every channel. */
const GATEWAY_WEBHOOK_ID = 'in';

/** Ids and names that other things rely on: version history, executions, webhook addresses, connections. */
export const nodeIdentity = perFile('node-identity', 'node and webhook ids never change, names are unique', ({ json }, report) => {
	const ids = new Set<string>();
	const names = new Set<string>();
	for (const node of json.nodes) {
		if (!UUID.test(node.id)) report(`"${node.name}": id must be a lower-case UUID`);
		if (ids.has(node.id)) report(`"${node.name}": id ${node.id} is used twice`);
		if (names.has(node.name)) report(`two nodes are named "${node.name}"`);
		ids.add(node.id);
		names.add(node.name);
		if (WEBHOOK_TYPES.has(node.type) && node.webhookId === undefined) report(`"${node.name}": webhookId is missing; n8n would invent an address`);
		if (trufflesType(node) === 'trufflesGatewayTrigger' && node.webhookId !== GATEWAY_WEBHOOK_ID) report(`"${node.name}": webhookId must be "${GATEWAY_WEBHOOK_ID}"`);
	}
	if (!json.nodes.some(isTrigger)) report('there is no trigger: n8n cannot publish it');
});
