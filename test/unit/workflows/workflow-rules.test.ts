import { join } from 'node:path';
import { readWorkflowFolder, type WorkflowFolder } from '../../../lib/adapters/workflow-files';
import { LINT_RULES, lintWorkflows } from '../../../lib/workflows/lint/lint-workflows';
import { parseWorkflowFile, type WorkflowFile, type WorkflowJson } from '../../../lib/workflows/workflow-file';

const WORKFLOWS = join(__dirname, '..', '..', '..', 'workflows');
let folder: WorkflowFolder;

beforeAll(async () => {
	folder = await readWorkflowFolder(WORKFLOWS);
});

interface MutableNode extends Record<string, unknown> {
	id: string;
	name: string;
	type: string;
	position: number[];
	parameters: Record<string, unknown>;
}
interface MutableWorkflow extends Record<string, unknown> {
	nodes: MutableNode[];
	connections: Record<string, { main: { node: string; type: string; index: number }[][] }>;
	settings: Record<string, unknown>;
}

/** The committed workflows with one of them damaged. */
function damaged(key: string, damage: (json: MutableWorkflow) => void): WorkflowFile[] {
	return folder.files.map((file) => {
		if (file.key !== key) return file;
		const json = structuredClone(file.json) as unknown as MutableWorkflow;
		damage(json);
		return { key, json: json as unknown as WorkflowJson };
	});
}

const node = (json: MutableWorkflow, name: string): MutableNode => {
	const found = json.nodes.find((candidate) => candidate.name === name);
	if (found === undefined) throw new Error(`no node ${name}`);
	return found;
};
const sticky = (json: MutableWorkflow): MutableNode => json.nodes[0] as MutableNode;

test('the committed workflows break no rule', () => {
	expect([...folder.problems, ...lintWorkflows(folder.files, folder.inventory)]).toEqual([]);
});

const cases: { rule: string; name: string; key: string; damage: (json: MutableWorkflow) => void; says: string }[] = [
	{ rule: 'node-identity', name: 'an id that is no UUID', key: '8_Send_Response', damage: (json) => (node(json, 'Sent').id = 'sent'), says: 'UUID' },
	{ rule: 'node-identity', name: 'two nodes with one id', key: '8_Send_Response', damage: (json) => (node(json, 'Sent').id = sticky(json).id), says: 'used twice' },
	{ rule: 'node-identity', name: 'two nodes with one name', key: '8_Send_Response', damage: (json) => (node(json, 'Sent').name = 'Send message'), says: 'two nodes' },
	{ rule: 'node-identity', name: 'a gateway without its webhook id', key: '1_Webhook_Gateway', damage: (json) => delete node(json, 'Webhook gateway').webhookId, says: 'webhookId' },
	{ rule: 'node-identity', name: 'a gateway at another address', key: '1_Webhook_Gateway', damage: (json) => (node(json, 'Webhook gateway').webhookId = 'inbox'), says: '"in"' },
	{ rule: 'node-identity', name: 'a workflow without a trigger', key: '1_Webhook_Gateway', damage: (json) => json.nodes.pop(), says: 'no trigger' },
	{ rule: 'file-contents', name: 'an exported versionId', key: '8_Send_Response', damage: (json) => (json.versionId = 'x'), says: 'versionId' },
	{ rule: 'file-contents', name: 'pinned data', key: '8_Send_Response', damage: (json) => (json.pinData = {}), says: 'pinData' },
	{ rule: 'file-contents', name: 'a file that claims to be active', key: '8_Send_Response', damage: (json) => (json.active = true), says: 'active' },
	{ rule: 'file-contents', name: 'a credential id of one instance', key: '8_Send_Response', damage: (json) => (node(json, 'Send message').credentials = { trufflesPlatformApi: { id: 'x1', name: 'Truffles Platform' } }), says: 'credentials.trufflesPlatformApi.id' },
	{ rule: 'file-contents', name: 'the old execution order', key: '8_Send_Response', damage: (json) => delete json.settings.executionOrder, says: 'executionOrder' },
	{ rule: 'hot-path', name: 'an expression on the way of a message', key: '5_ClassifyIntent', damage: (json) => (node(json, 'Classify intent').parameters.text = '={{ $json.text }}'), says: 'expression' },
	{ rule: 'hot-path', name: 'an expression deep inside a parameter', key: '3_WhatsApp_Adapter', damage: (json) => (node(json, 'Read attachments').parameters.options = { list: [{ name: '=a' }] }), says: 'options.list.0.name' },
	{ rule: 'references', name: 'a call to a workflow that is not there', key: '3_WhatsApp_Adapter', damage: (json) => (node(json, 'Call 5_ClassifyIntent').parameters.workflowId = { __rl: true, mode: 'list', value: '50_Nothing' }), says: '50_Nothing' },
	{ rule: 'references', name: 'a call to a workflow that cannot be called', key: '3_WhatsApp_Adapter', damage: (json) => (node(json, 'Call 5_ClassifyIntent').parameters.workflowId = { __rl: true, mode: 'list', value: '1_Webhook_Gateway' }), says: 'executeWorkflowTrigger' },
	{ rule: 'references', name: 'a call that names nothing', key: '3_WhatsApp_Adapter', damage: (json) => delete node(json, 'Call 5_ClassifyIntent').parameters.workflowId, says: 'names no workflow' },
	{ rule: 'references', name: 'no error workflow', key: '3_WhatsApp_Adapter', damage: (json) => delete json.settings.errorWorkflow, says: 'errorWorkflow is missing' },
	{ rule: 'references', name: 'an error workflow without an error trigger', key: '3_WhatsApp_Adapter', damage: (json) => (json.settings.errorWorkflow = '8_Send_Response'), says: 'errorTrigger' },
	{ rule: 'references', name: 'workflows that call each other in a circle', key: '8_Send_Response', damage: (json) => json.nodes.push({ ...node(json, 'Sent'), id: '00000000-0000-4000-8000-000000000001', name: 'Again', type: 'n8n-nodes-base.executeWorkflow', parameters: { workflowId: { value: '7_Handover' } } }), says: 'circle' },
	{ rule: 'credential-unlisted', name: 'a credential that the inventory does not list', key: '8_Send_Response', damage: (json) => (node(json, 'Send message').credentials = { openAiApi: { name: 'Mine' } }), says: 'Mine' },
	{ rule: 'connections', name: 'a step whose failure stops the batch', key: '8_Send_Response', damage: (json) => delete node(json, 'Send message').onError, says: 'onError' },
	{ rule: 'connections', name: 'an error output that leads nowhere', key: '8_Send_Response', damage: (json) => json.connections['Send message']?.main.pop(), says: 'error output (2)' },
	{ rule: 'connections', name: 'success and error meeting in one node', key: '8_Send_Response', damage: (json) => json.connections['Send message']?.main[2]?.push({ node: 'Sent', type: 'main', index: 0 }), says: 'meet' },
	{ rule: 'connections', name: 'an output of a decision left open', key: '6_GenerateResponse', damage: (json) => ((json.connections['Reply allowed?'] as { main: unknown[][] }).main[1] = []), says: 'output 1' },
	{ rule: 'connections', name: 'a connection from an output that stays empty', key: '6_GenerateResponse', damage: (json) => json.connections['Answer from knowledge']?.main[1]?.push({ node: 'Call 7_Handover', type: 'main', index: 0 }), says: 'never gets an item' },
	{ rule: 'connections', name: 'a connection to a node that is not there', key: '8_Send_Response', damage: (json) => (node(json, 'Sent').name = 'Delivered'), says: 'no such node' },
	{ rule: 'connections', name: 'a node that no trigger reaches', key: '9_Error_Handler', damage: (json) => (json.connections = {}), says: 'reached from no trigger' },
	{ rule: 'connections', name: 'a use of what a sub-workflow returns', key: '7_Handover', damage: (json) => json.connections['Call 8_Send_Response']?.main[0]?.push({ node: 'Managers informed', type: 'main', index: 0 }), says: 'not used' },
	{ rule: 'connections', name: 'a node type with unknown outputs', key: '8_Send_Response', damage: (json) => (node(json, 'Send message').type = 'n8n-nodes-base.httpRequest'), says: 'node-outputs' },
	{ rule: 'one-sender', name: 'a second place that sends', key: '7_Handover', damage: (json) => (node(json, 'Hand over to managers').type = 'n8n-nodes-truffles.channelSend'), says: 'only 8_Send_Response' },
	{ rule: 'literals', name: 'a host', key: '8_Send_Response', damage: (json) => (node(json, 'Send message').parameters.url = 'https://api.example.com'), says: 'address' },
	{ rule: 'literals', name: 'a model key in a note', key: '8_Send_Response', damage: (json) => (node(json, 'Send message').notes = 'use sk-abcdefghijklmnop1234'), says: 'secret' },
	{ rule: 'literals', name: 'a bot token', key: '8_Send_Response', damage: (json) => (node(json, 'Send message').parameters.bot = '123456789:AAEabcdefghijklmnopqrstuvwxyz01234'), says: 'secret' },
	{ rule: 'literals', name: 'a phone number in a sticky', key: '8_Send_Response', damage: (json) => (sticky(json).parameters.content += '\n+7 701 570 55 55'), says: 'phone' },
	{ rule: 'literals', name: 'a price', key: '6_GenerateResponse', damage: (json) => (node(json, 'Write reply').parameters.hint = 'маникюр 8 000 тенге'), says: 'price' },
	{ rule: 'canvas', name: 'a description that is not first', key: '8_Send_Response', damage: (json) => json.nodes.reverse(), says: 'first node' },
	{ rule: 'canvas', name: 'a description that forgets a caller', key: '8_Send_Response', damage: (json) => (sticky(json).parameters.content = String(sticky(json).parameters.content).replace('7_Handover', '')), says: '7_Handover' },
	{ rule: 'canvas', name: 'a node off the grid', key: '8_Send_Response', damage: (json) => (node(json, 'Sent').position = [673, 48]), says: 'grid' },
	{ rule: 'canvas', name: 'two nodes on one spot', key: '8_Send_Response', damage: (json) => (node(json, 'Sent').position = [672, 288]), says: 'overlap' },
	{ rule: 'canvas', name: 'a node outside every phase', key: '8_Send_Response', damage: (json) => (node(json, 'Sent').position = [4000, 48]), says: 'no phase' },
	{ rule: 'canvas', name: 'a connection from right to left', key: '8_Send_Response', damage: (json) => (node(json, 'Sent').position = [208, 48]), says: 'right to left' },
];

for (const { rule, name, key, damage, says } of cases) {
	test(`${rule}: ${name} is found`, () => {
		const problems = lintWorkflows(damaged(key, damage), folder.inventory).filter((problem) => problem.code === rule);
		expect(problems.map((problem) => problem.message).join('\n')).toContain(says);
	});
}

test('every rule has a case that breaks it', () => {
	const broken = new Set(cases.map((entry) => entry.rule));
	expect(LINT_RULES.map((rule) => rule.name).filter((name) => !broken.has(name))).toEqual([]);
});

test('an inventory entry that no workflow uses is found', () => {
	const problems = lintWorkflows(folder.files, [...folder.inventory, { name: 'Old', type: 'oldApi', purpose: '' }]);
	expect(problems).toMatchObject([{ code: 'references', message: expect.stringContaining('"Old"') }]);
});

describe('reading a file', () => {
	const good = { name: '1_A', active: false, nodes: [], connections: {}, settings: {} };
	const shapes = [
		{ name: 'broken JSON', text: '{', says: ['not JSON'] },
		{ name: 'an array', text: '[]', says: ['one JSON object'] },
		{ name: 'a name that is not the file stem', text: JSON.stringify({ ...good, name: '2_B' }), says: ['must be "1_A"'] },
		{ name: 'several problems, all at once', text: JSON.stringify({ ...good, nodes: [{ name: 'x', position: [1] }], settings: 1 }), says: ['settings', 'nodes[0] (x).id', 'nodes[0] (x).type ', 'typeVersion', 'position', 'parameters'] },
		{ name: 'connections of a wrong shape', text: JSON.stringify({ ...good, connections: { a: { main: [[{ node: 1 }]] } } }), says: ['connections of "a"'] },
		{ name: 'a credential without a name', text: JSON.stringify({ ...good, nodes: [{ id: 'i', name: 'x', type: 't', typeVersion: 1, position: [0, 0], parameters: {}, credentials: { a: { id: '1' } } }] }), says: ['credentials must be'] },
	];
	for (const { name, text, says } of shapes) {
		test(`${name} is refused`, () => {
			const parsed = parseWorkflowFile('1_A.json', text);
			const messages = parsed.ok ? '' : parsed.problems.map((problem) => problem.message).join('\n');
			for (const part of says) expect(messages).toContain(part);
		});
	}

	test('an output that was never connected (null) and unknown keys are accepted', () => {
		expect(parseWorkflowFile('1_A.json', JSON.stringify({ ...good, connections: { a: { main: [null, []] } }, futureKey: 1 })).ok).toBe(true);
	});
});
