import type { WorkflowBody } from '../../../lib/ports/n8n-api';
import { compareWorkflows } from '../../../lib/workflows/compare-workflows';
import { settingsToWrite } from '../../../lib/workflows/neutral-settings';
import { publishOrder } from '../../../lib/workflows/publish-order';
import {
	collectCredentialReferences,
	collectWorkflowReferences,
	resolveReferences,
} from '../../../lib/workflows/references';
import type { WorkflowFile, WorkflowJson } from '../../../lib/workflows/workflow-file';

const step = {
	id: 'i1',
	name: 'Step',
	type: 't',
	typeVersion: 1,
	position: [0, 0],
	parameters: { a: 1, to: { __rl: true, value: 'w1', cachedResultName: 'One' } },
};
const body: WorkflowBody = {
	name: 'W',
	nodes: [step, { ...step, id: 'i2', name: 'Next' }],
	connections: { Step: { main: [[{ node: 'Next', type: 'main', index: 0 }]] } },
	settings: { executionOrder: 'v1', callerPolicy: 'workflowsFromSameOwner' },
};
const withStep = (patch: Record<string, unknown>): WorkflowBody => ({
	...body,
	nodes: [{ ...step, ...patch }, ...body.nodes.slice(1)],
});

describe('what counts as no change', () => {
	const same: { name: string; live: WorkflowBody }[] = [
		{
			name: 'another order of keys',
			live: { ...body, nodes: body.nodes.map((node) => Object.fromEntries(Object.entries(node).reverse())) },
		},
		{ name: 'another order of nodes', live: { ...body, nodes: [...body.nodes].reverse() } },
		{
			name: 'names that the editor caches beside an id',
			live: withStep({
				parameters: {
					a: 1,
					to: { __rl: true, value: 'w1', cachedResultName: 'Renamed', cachedResultUrl: '/workflow/w1' },
				},
			}),
		},
		{
			name: 'outputs that lead nowhere',
			live: {
				...body,
				connections: {
					Step: { main: [[{ node: 'Next', type: 'main', index: 0 }], [], null] },
					Next: { main: [[]] },
				} as WorkflowBody['connections'],
			},
		},
		{
			name: 'a neutral setting that only n8n names',
			live: { ...body, settings: { ...body.settings, saveManualExecutions: true } },
		},
		{ name: 'a neutral setting that only the file names', live: { ...body, settings: { executionOrder: 'v1' } } },
		{
			name: 'a setting of the instance',
			live: { ...body, settings: { ...body.settings, availableInMCP: true, binaryMode: 'separate' } },
		},
		{ name: 'an empty list of groups', live: { ...body, nodeGroups: [] } },
	];
	for (const { name, live } of same) test(name, () => expect(compareWorkflows(live, body)).toEqual([]));
});

describe('what counts as a change', () => {
	const note = (content: string) => ({
		...step,
		id: 'n1',
		name: 'Note',
		type: 'n8n-nodes-base.stickyNote',
		parameters: { content },
	});
	const different: { name: string; live: WorkflowBody; wanted?: WorkflowBody; kind: string; text: string }[] = [
		{
			name: 'a parameter',
			live: withStep({ parameters: { ...step.parameters, a: 2 } }),
			kind: 'parameter',
			text: 'Step: parameters.a 2 -> 1',
		},
		{
			name: 'another id in a reference',
			live: withStep({ parameters: { ...step.parameters, to: { __rl: true, value: 'w2' } } }),
			kind: 'parameter',
			text: 'parameters.to',
		},
		{
			name: 'a rename, seen by the id',
			live: withStep({ name: 'Old' }),
			kind: 'node',
			text: 'node renamed: "Old" -> "Step"',
		},
		{ name: 'a disabled node', live: withStep({ disabled: true }), kind: 'node', text: 'disabled true -> (none)' },
		{ name: 'a type version', live: withStep({ typeVersion: 2 }), kind: 'node', text: 'typeVersion 2 -> 1' },
		{
			name: 'a node that the file does not have',
			live: { ...body, nodes: [...body.nodes, { ...step, id: 'i3', name: 'Extra' }] },
			kind: 'node',
			text: 'node removed: "Extra"',
		},
		{
			name: 'a node that n8n does not have',
			live: { ...body, nodes: [step] },
			kind: 'node',
			text: 'node added: "Next"',
		},
		{
			name: 'a connection',
			live: { ...body, connections: {} },
			kind: 'connection',
			text: 'connection added: Step[0] -> Next[0]',
		},
		{
			name: 'a setting that the file does not name',
			live: { ...body, settings: { ...body.settings, timezone: 'Asia/Almaty' } },
			kind: 'setting',
			text: 'timezone',
		},
		{
			name: 'a sticky, which is layout',
			live: { ...body, nodes: [...body.nodes, note('old')] },
			kind: 'layout',
			text: '1 sticky edited',
			wanted: { ...body, nodes: [...body.nodes, note('new')] },
		},
		{ name: 'a moved node', live: withStep({ position: [16, 0] }), kind: 'layout', text: '1 node moved' },
	];
	for (const { name, live, wanted = body, kind, text } of different) {
		test(name, () => expect(compareWorkflows(live, wanted)).toEqual([{ kind, text: expect.stringContaining(text) }]));
	}
});

test('a setting that only n8n has is written back to neutral, one that we do not own is left out', () => {
	expect(
		settingsToWrite({ executionOrder: 'v1' }, { timezone: 'Asia/Almaty', executionTimeout: 5, availableInMCP: true }),
	).toEqual({ executionOrder: 'v1', timezone: 'DEFAULT', executionTimeout: -1 });
});

const file = (
	key: string,
	calls: string[],
	extra: Partial<WorkflowJson> = {},
	node: Record<string, unknown> = {},
): WorkflowFile => ({
	key,
	json: {
		name: key,
		nodes: calls.map((value, index) => ({
			id: `${key}${index}`,
			name: `Call ${value}`,
			type: 'n8n-nodes-base.executeWorkflow',
			typeVersion: 1.3,
			position: [0, 0],
			parameters: { workflowId: { __rl: true, mode: 'list', value } },
			...node,
		})),
		connections: {},
		settings: {},
		...extra,
	},
});

describe('order of publishing', () => {
	test('what is called comes first, the error workflow too, and what has a webhook comes last', () => {
		const files = [
			file('1_In', ['2_Do'], {}, { webhookId: 'in' }),
			file('2_Do', ['3_End'], { settings: { errorWorkflow: '20_Errors' } }),
			file('3_End', []),
			file('20_Errors', []),
		];
		expect(publishOrder(files)).toEqual({ kind: 'ordered', keys: ['20_Errors', '3_End', '2_Do', '1_In'] });
		expect(publishOrder([...files].reverse())).toEqual(publishOrder(files));
	});

	test('a circle is named, and what does not belong to it is not', () => {
		expect(publishOrder([file('1_A', ['2_B']), file('2_B', ['1_A']), file('3_C', [])])).toEqual({
			kind: 'cycle',
			keys: ['2_B', '1_A'],
		});
	});

	test('a workflow that calls itself is a circle', () => {
		expect(publishOrder([file('1_A', ['1_A'])])).toEqual({ kind: 'cycle', keys: ['1_A'] });
	});
});

describe('references', () => {
	const json: WorkflowJson = {
		...file('3_A', ['5_B']).json,
		nodes: [
			...file('3_A', ['5_B']).json.nodes,
			{
				id: 'n',
				name: 'Note',
				type: 'n8n-nodes-base.stickyNote',
				typeVersion: 1,
				position: [0, 0],
				parameters: { content: 'calls 5_B', workflowId: { value: '5_B' } },
				credentials: { aApi: { name: 'A' } },
			},
		],
		settings: { errorWorkflow: '9_E' },
	};
	const resolver = {
		workflowId: (key: string) => `id-of-${key}`,
		credential: (type: string, name: string) => ({ id: `${type}/${name}`, name }),
	};

	test('are read at typed paths only', () => {
		expect(collectWorkflowReferences(json)).toEqual([
			{ nodeName: 'Call 5_B', key: '5_B' },
			{ nodeName: null, key: '9_E' },
		]);
		expect(collectCredentialReferences(json)).toEqual([{ nodeName: 'Note', type: 'aApi', name: 'A' }]);
	});

	test('are rewritten there and nowhere else, and the file itself stays as it was', () => {
		const before = structuredClone(json);
		const resolved = resolveReferences(json, resolver);
		expect(resolved.nodes[0]?.parameters.workflowId).toEqual({ __rl: true, mode: 'list', value: 'id-of-5_B' });
		expect(resolved.nodes[1]).toMatchObject({
			parameters: { content: 'calls 5_B', workflowId: { value: '5_B' } },
			credentials: { aApi: { id: 'aApi/A', name: 'A' } },
		});
		expect(resolved.settings.errorWorkflow).toBe('id-of-9_E');
		expect(json).toEqual(before);
	});
});
