/** The example workflows, each run as a person would who clicks "Execute workflow", without any credential. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { IDataObject, INodeParameters, INodeType } from 'n8n-workflow';

import { runNode } from '../support/run-node';

interface ExampleNode {
	readonly name: string;
	readonly type: string;
	readonly parameters: INodeParameters;
}

const REPOSITORY = path.join(__dirname, '..', '..');
const EXAMPLES = path.join(REPOSITORY, 'workflows', 'examples');
const PREFIX = 'n8n-nodes-truffles.';

/** Examples that show something only with an account, and so are checked up to the missing credential. */
const NEEDS_ACCOUNT = new Set(['HandoverAdapter', 'ChannelSend']);
/** Outputs that hold an item after the example has run. */
const REACHED: Readonly<Record<string, readonly number[]>> = {
	BillingLog: [2],
	KaspiMatch: [1, 1, 1],
	ModelRouter: [0, 1, 0],
	RagSearch: [1, 1],
	ReplyComposer: [1, 1, 1],
	ReplyGuard: [1, 2, 0],
	TrufflesChannelInput: [2],
	TrufflesClassifyIntent: [3],
	TrufflesErrorLog: [1],
};

const names = readdirSync(EXAMPLES).map((file) => path.basename(file, '.json'));

function read(name: string): { nodes: ExampleNode[]; connections: Record<string, { main: unknown[][] }> } {
	return JSON.parse(readFileSync(path.join(EXAMPLES, `${name}.json`), 'utf8')) as ReturnType<typeof read>;
}

async function load(name: string): Promise<INodeType> {
	const [Class] = Object.values(
		(await import(path.join(REPOSITORY, 'nodes', name, `${name}.node.ts`))) as Record<string, new () => INodeType>,
	);
	return new (Class as new () => INodeType)();
}

test.each(names)('%s: every output of the node is connected', async (name) => {
	const { nodes, connections } = read(name);
	const node = await load(name);
	const ours = nodes.find((candidate) => candidate.type === `${PREFIX}${node.description.name}`) as ExampleNode;
	expect(connections[ours.name]?.main).toHaveLength((node.description.outputs as unknown[]).length);
});

test.each(names.filter((name) => !NEEDS_ACCOUNT.has(name)))(
	'%s: the samples reach the outputs that the example is about',
	async (name) => {
		const { nodes } = read(name);
		const samples = nodes.find((node) => node.type === 'n8n-nodes-base.set')?.parameters['jsonOutput'] as string;
		const ours = nodes.find((node) => node.type.startsWith(PREFIX)) as ExampleNode;
		const run = await runNode(await load(name), (JSON.parse(samples) as { samples: IDataObject[] }).samples, {
			parameters: ours.parameters,
		});
		expect(run.error).toBeNull();
		expect(run.outputs.map((items) => items.length)).toEqual(REACHED[name]);
	},
);

test('every node that works without the main flow has an example', () => {
	const nodes = readdirSync(path.join(REPOSITORY, 'nodes')).filter(
		(name) => name !== 'shared' && !name.endsWith('Trigger') && name !== 'TrufflesConversation',
	);
	expect(names.sort()).toEqual(nodes.sort());
});
