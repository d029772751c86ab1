/**
 * Runs nodes of this package in process, in n8n's own engine: items in, items of every output out.
 *
 * n8n's test harness is not published, so this is a runner on the public exports of `n8n-core`.
 */
import 'reflect-metadata';

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const userFolder = mkdtempSync(path.join(tmpdir(), 'truffles-n8n-'));
process.env['N8N_USER_FOLDER'] = userFolder;
process.env['N8N_ENCRYPTION_KEY'] ??= 'only-for-tests-in-this-process';
process.env['N8N_LOG_LEVEL'] ??= 'silent';

import { ExecutionLifecycleHooks, WorkflowExecute } from 'n8n-core';
import {
	createRunExecutionData,
	type ICredentialDataDecryptedObject,
	type IDataObject,
	type IExecuteData,
	type INode,
	type INodeExecutionData,
	type INodeParameters,
	type INodeType,
	type INodeTypes,
	type IRun,
	type IVersionedNodeType,
	type IWorkflowExecuteAdditionalData,
	NodeConnectionTypes,
	NodeHelpers,
	Workflow,
} from 'n8n-workflow';

afterAll(() => rmSync(userFolder, { recursive: true, force: true }));

/** What one run gave. */
export interface NodeRun {
	/** Items by output, the error output last when `onError` is `continueErrorOutput`. */
	readonly outputs: INodeExecutionData[][];
	/** JSON of the items by output. */
	readonly json: IDataObject[][];
	/** The error that stopped the node, if any. */
	readonly error: {
		readonly message: string;
		readonly description?: string | null;
		readonly context?: IDataObject;
	} | null;
	/** What the node was given, as it stands after the run: equal to the input unless the node wrote into it. */
	readonly inputAfter: INodeExecutionData[];
}

export interface NodeRunOptions {
	readonly parameters?: INodeParameters;
	readonly credentials?: Readonly<Record<string, ICredentialDataDecryptedObject>>;
	readonly onError?: INode['onError'];
}

const SOURCE = 'Source';
const UNDER_TEST = 'Under test';

/** Passes on what it was started with; stands before the node under test, so that paired items can be followed. */
const sourceNode: INodeType = {
	description: {
		displayName: 'Source',
		name: 'test.source',
		group: ['trigger'],
		version: 1,
		description: 'Items of the test',
		defaults: { name: SOURCE },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
	},
	async execute() {
		return [this.getInputData()];
	},
};

/** Runs one node on these items. */
export async function runNode(
	node: INodeType,
	items: readonly IDataObject[],
	options: NodeRunOptions = {},
): Promise<NodeRun> {
	const input = items.map((json): INodeExecutionData => ({ json }));
	const types: Record<string, INodeType> = { 'test.source': sourceNode, [node.description.name]: node };
	const nodeTypes: INodeTypes = {
		getByName: (type): INodeType | IVersionedNodeType => types[type] as INodeType,
		getByNameAndVersion: (type): INodeType => types[type] as INodeType,
		getKnownTypes: () => ({}),
	};
	const workflow = new Workflow({
		id: 'test',
		name: 'test',
		active: false,
		nodeTypes,
		nodes: [buildNode(SOURCE, 'test.source', {}), buildNode(UNDER_TEST, node.description.name, options)],
		connections: { [SOURCE]: { main: [[{ node: UNDER_TEST, type: NodeConnectionTypes.Main, index: 0 }]] } },
		settings: { timezone: 'Asia/Almaty' },
	});
	const start: IExecuteData = { node: workflow.getNode(SOURCE) as INode, data: { main: [input] }, source: null };
	const runData = createRunExecutionData({ executionData: { nodeExecutionStack: [start] } });
	const run: IRun = await new WorkflowExecute(
		additionalData(options.credentials ?? {}, workflow),
		'trigger',
		runData,
	).processRunExecutionData(workflow);
	const task = run.data.resultData.runData[UNDER_TEST]?.[0];
	const outputs = (task?.data?.['main'] ?? []).map((output) => output ?? []);
	const error = (task?.error ?? run.data.resultData.error ?? null) as NodeRun['error'];
	return { outputs, json: outputs.map((output) => output.map((item) => item.json)), error, inputAfter: input };
}

/** The default parameters of a node, for tests of its description. */
export function defaultParameters(node: INodeType): INodeParameters {
	return NodeHelpers.getNodeParameters(node.description.properties, {}, true, false, null, node.description) ?? {};
}

function buildNode(name: string, type: string, options: NodeRunOptions): INode {
	const credentials = Object.fromEntries(
		// As in n8n, another credential has another id: nodes keep for a moment what they have read by it.
		Object.entries(options.credentials ?? {}).map(([key, data]) => [
			key,
			{ id: `${key}:${createHash('sha256').update(JSON.stringify(data)).digest('hex')}`, name: key },
		]),
	);
	return {
		id: name,
		name,
		type,
		typeVersion: 1,
		position: [0, 0],
		parameters: options.parameters ?? {},
		...(options.onError === undefined ? {} : { onError: options.onError }),
		...(options.credentials === undefined ? {} : { credentials }),
	};
}

function additionalData(
	credentials: Readonly<Record<string, ICredentialDataDecryptedObject>>,
	workflow: Workflow,
): IWorkflowExecuteAdditionalData {
	const workflowData = {
		id: workflow.id,
		name: 'test',
		active: false,
		isArchived: false,
		nodes: [],
		connections: {},
		createdAt: new Date(0),
		updatedAt: new Date(0),
		activeVersionId: null,
	};
	return {
		executionId: 'test',
		hooks: new ExecutionLifecycleHooks('trigger', 'test', workflowData),
		credentialsHelper: {
			getDecrypted: async (_data: unknown, _node: unknown, type: string) => credentials[type],
			getParentTypes: () => [],
			isCredentialUsableByNode: () => true,
			getCredentialsProperties: () => [],
		},
		currentNodeExecutionIndex: 0,
		instanceBaseUrl: 'http://localhost/',
		restApiUrl: 'http://localhost/rest',
		webhookBaseUrl: 'http://localhost/webhook',
		webhookWaitingBaseUrl: 'http://localhost/webhook-waiting',
		formWaitingBaseUrl: 'http://localhost/form-waiting',
		variables: {},
	} as unknown as IWorkflowExecuteAdditionalData;
}
