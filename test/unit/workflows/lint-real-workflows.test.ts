import { join } from 'node:path';
import { readWorkflowFolder, type WorkflowFolder } from '../../../lib/adapters/workflow-files';
import { calledWorkflow } from '../../../lib/workflows/references';
import { findProblems, RULE_LINES } from '../../../lib/workflows/lint/lint-workflows';
import { isTrigger, leavesProcess, STICKY } from '../../../lib/workflows/lint/node-kinds';
import { mainOutputCount } from '../../../lib/workflows/lint/node-outputs';
import type { WorkflowNode } from '../../../lib/workflows/workflow-file';
import {
	connect,
	mutableCopy,
	type MutableNode,
	type MutableTarget,
	type MutableWorkflow,
	newNode,
	replaced,
} from './lint-support';

/** Every rule must see what is wrong in OUR files, not only in fixtures written for it. */
let folder: WorkflowFolder;

beforeAll(async () => {
	folder = await readWorkflowFolder(join(__dirname, '..', '..', '..', 'workflows'));
});

test('the committed workflows break no rule', () => {
	expect([...folder.problems, ...findProblems(folder.files, folder.inventory, folder.files)]).toEqual([]);
});

interface Breaking {
	readonly rule: string;
	readonly name: string;
	/** Damages a copy. Returns false where the workflow has nothing of the kind. */
	damage(json: MutableWorkflow): boolean;
}

const OURS = 'n8n-nodes-truffles.';
const asNode = (node: MutableNode): WorkflowNode => node as unknown as WorkflowNode;
const isCall = (node: MutableNode): boolean => calledWorkflow(asNode(node)) !== null;
const isOurs =
	(...types: string[]) =>
	(node: MutableNode): boolean =>
		types.some((type) => node.type === OURS + type);
const isFailTurn = (node: MutableNode): boolean => node.parameters.operation === 'failTurn';
const isStep = (node: MutableNode): boolean => node.type !== STICKY && !isTrigger(asNode(node));

/** Damages the first node of a kind. */
const onNode =
	(isMeant: (node: MutableNode) => boolean, damage: (node: MutableNode, json: MutableWorkflow) => unknown) =>
	(json: MutableWorkflow): boolean => {
		const node = json.nodes.find(isMeant);
		if (node === undefined) return false;
		damage(node, json);
		return true;
	};

/** Damages the first sticky. */
const onSticky = (
	damage: (sticky: MutableNode, json: MutableWorkflow) => unknown,
): ((json: MutableWorkflow) => boolean) => onNode((node) => node.type === STICKY, damage);

/** Damages the text of the first sticky, where it holds what is searched. */
const onAbout =
	(search: RegExp, replacement: string) =>
	(json: MutableWorkflow): boolean => {
		const parameters = json.nodes[0]?.parameters ?? {};
		const before = String(parameters.content);
		parameters.content = before.replace(search, replacement);
		return parameters.content !== before;
	};

/** Adds a step behind the first success output of a trigger. */
const withStep =
	(make: () => MutableNode) =>
	(json: MutableWorkflow): boolean => {
		const trigger = json.nodes.find((node) => isTrigger(asNode(node)));
		if (trigger === undefined) return false;
		const node = make();
		json.nodes.push(node);
		connect(json, trigger.name, 0, node.name);
		return true;
	};

const postgres = (query: string): MutableNode =>
	newNode('n8n-nodes-base.postgres', 'Read rows', { operation: 'executeQuery', query });
const http = (url: string, options: Record<string, unknown> = {}): MutableNode =>
	newNode('n8n-nodes-base.httpRequest', 'POST somewhere', { url, options });
const code = (jsCode: string): MutableNode => newNode('n8n-nodes-base.code', 'Do it', { jsCode });
const literal = (name: string, value: unknown): ((json: MutableWorkflow) => boolean) =>
	onNode(isStep, (node) => (node.parameters[name] = value));
/** Where a node leads by its error output. */
const errorTargets = (json: MutableWorkflow, node: MutableNode) =>
	json.connections[node.name]?.main?.[mainOutputCount(asNode(node)) ?? 0] ?? [];
const hasErrorOutput = (node: MutableNode): boolean => node.onError === 'continueErrorOutput';

const BREAKINGS: readonly Breaking[] = [
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
	{
		rule: 'no-secrets',
		name: 'a model key in a note',
		damage: onNode(isStep, (node) => (node.notes = 'use sk-abcdefghijklmnop1234')),
	},
	{ rule: 'no-secrets', name: 'a bot token', damage: literal('bot', '123456789:AAEabcdefghijklmnopqrstuvwxyz01234') },
	{ rule: 'no-secrets', name: 'a password', damage: literal('password', 'hunter2') },
	{
		rule: 'no-personal-data',
		name: 'a phone number in a sticky',
		damage: onSticky((node) => (node.parameters.content += '\n+7 701 570 55 55')),
	},
	{ rule: 'no-personal-data', name: 'an e-mail address', damage: literal('to', 'owner@salon.kz') },
	{ rule: 'no-hosts', name: 'an address', damage: literal('url', 'https://api.example.com') },
	{
		rule: 'no-hosts',
		name: 'a host name in a sticky',
		damage: onSticky((node) => (node.parameters.content += ' n8n.truffles.kz')),
	},
	{ rule: 'no-ids', name: 'the UUID of a row', damage: literal('row', '6f1d8a52-2f0c-4a8e-9d25-0c9a3c1f5f7b') },
	{ rule: 'no-ids', name: 'a Telegram group', damage: literal('chat', '-1001234567890') },
	{ rule: 'no-ids', name: 'one client', damage: literal('client_slug', 'salon_mira') },
	{ rule: 'no-prices', name: 'a price in words', damage: literal('hint', 'маникюр 8 000 тенге') },
	{ rule: 'no-prices', name: 'a price as a number', damage: literal('priceMinor', 800000) },
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
	{ rule: 'forbidden-keys', name: 'an exported versionId', damage: (json) => Boolean((json.versionId = 'v')) },
	{ rule: 'forbidden-keys', name: 'pinned data', damage: (json) => Boolean((json.pinData = {})) },
	{
		rule: 'forbidden-keys',
		name: 'a credential id',
		damage: onNode(
			(node) => node.credentials !== undefined,
			(node) => (node.credentials = { trufflesPlatformApi: { id: 'x1', name: 'Truffles Platform' } }),
		),
	},
	{ rule: 'inactive', name: 'a file that claims to be live', damage: (json) => (json.active = true) },
	{
		rule: 'execution-settings',
		name: 'the old execution order',
		damage: (json) => delete json.settings.executionOrder,
	},
	{
		rule: 'execution-settings',
		name: 'a workflow that all may call',
		damage: (json) => Boolean((json.settings.callerPolicy = 'any')),
	},
	{
		rule: 'execution-settings',
		name: 'a call per item',
		damage: onNode(isCall, (node) => (node.parameters.mode = 'each')),
	},
	{ rule: 'about-sticky', name: 'a description that is not first', damage: (json) => json.nodes.reverse().length > 0 },
	{ rule: 'about-sticky', name: 'no owner', damage: onAbout(/\*\*Owner\.\*\*.*/, '') },
	{
		rule: 'about-sticky',
		name: 'a caller that is not named',
		damage: (json) => /^[35678]_/.test(json.name) && onAbout(/\*\*Callers\.\*\*.*/, '**Callers.** Others.')(json),
	},
	{
		rule: 'phase-stickies',
		name: 'a step outside every phase',
		damage: onNode(isStep, (node) => (node.position = [16_000, 48])),
	},
	{
		rule: 'phase-stickies',
		name: 'a sticky that repeats a node',
		damage: (json) => {
			const step = json.nodes.find((node) => node.type !== STICKY && node.name.includes(' '));
			const phase = json.nodes.filter((node) => node.type === STICKY)[1];
			if (step === undefined || phase === undefined) return false;
			phase.parameters.content += `\n${step.name}`;
			return true;
		},
	},
	{ rule: 'grid', name: 'a node off the grid', damage: onNode(isStep, (node) => (node.position = [673, 48])) },
	{
		rule: 'grid',
		name: 'two nodes on one spot',
		damage: onNode(isStep, (node, json) =>
			json.nodes.push({ ...newNode('n8n-nodes-base.noOp', 'Hidden'), position: [...node.position] }),
		),
	},
	{
		rule: 'left-to-right',
		name: 'a step left of the trigger',
		damage: onNode(isStep, (node) => (node.position = [-4000, 48])),
	},
	{
		rule: 'left-to-right',
		name: 'a happy path that climbs',
		damage: (json) => {
			const trigger = json.nodes.find((node) => isTrigger(asNode(node)));
			const next = json.nodes.find((node) => node.name === json.connections[trigger?.name ?? '']?.main?.[0]?.[0]?.node);
			if (next === undefined) return false;
			next.position = [next.position[0] ?? 0, -160];
			return true;
		},
	},
	{
		rule: 'silences',
		name: 'a silencing without a reason',
		damage: onNode(isStep, (node) => (node.notes = 'lint-ignore grid:')),
	},
	{
		rule: 'silences',
		name: 'a silencing that silences nothing',
		damage: onNode(isStep, (node) => (node.notes = 'lint-ignore grid: it was so before the move')),
	},
	{
		rule: 'silences',
		name: 'a guard that is silenced',
		damage: onNode(isStep, (node) => (node.notes = 'lint-ignore guarded-replies: the model is good enough')),
	},
];

for (const { rule, name, damage } of BREAKINGS) {
	test(`${rule}: ${name} is found in every workflow that can have it`, () => {
		let tried = 0;
		for (const file of folder.files) {
			const json = mutableCopy(file);
			if (!damage(json)) continue;
			tried += 1;
			const codes = findProblems(replaced(folder.files, file.key, json), folder.inventory, folder.files).map(
				(problem) => problem.code,
			);
			expect({ workflow: file.key, codes }).toEqual({ workflow: file.key, codes: expect.arrayContaining([rule]) });
		}
		expect(tried).toBeGreaterThan(0);
	});
}

test('every rule has a breaking of our own files', () => {
	const broken = new Set(BREAKINGS.map((entry) => entry.rule));
	expect(RULE_LINES.map((rule) => rule.code).filter((code) => !broken.has(code))).toEqual([]);
});

test('every node of ours that leaves the process, taken away, leaves a problem behind', () => {
	for (const file of folder.files) {
		for (const { name } of file.json.nodes.filter((node) => leavesProcess(node))) {
			const json = mutableCopy(file);
			json.nodes = json.nodes.filter((node) => node.name !== name);
			expect({
				name,
				count: findProblems(replaced(folder.files, file.key, json), folder.inventory, folder.files).length,
			}).not.toEqual({ name, count: 0 });
		}
	}
});
