import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isTrigger } from '../../lib/workflows/lint/node-kinds';
import { mainOutputCount } from '../../lib/workflows/lint/node-outputs';
import { webhookIds } from '../../lib/workflows/lint/webhook-ids';
import type { WorkflowNode } from '../../lib/workflows/workflow-file';
import { installRuntime } from '../../scripts/stack/npm-command';

/** What the workflow linter believes about n8n's nodes, compared with the n8n that runs. */
interface NodeType {
	readonly name: string;
	readonly group: readonly string[];
	readonly webhooks?: unknown;
	readonly outputs: readonly unknown[] | string;
}

const TYPES = join(__dirname, '..', '..', 'runtime', 'node_modules', 'n8n-nodes-base', 'dist', 'types', 'nodes.json');
/** Outputs that depend on parameters which an empty node does not have, or on old versions. */
const VARYING = ['splitInBatches', 'webhook'];
/** n8n's own tests use it. */
const NOT_FOR_PEOPLE = ['e2eTestPollingTrigger'];

const INSTALL_TIMEOUT_MS = 10 * 60_000;
const versionsByName = new Map<string, NodeType[]>();

beforeAll(async () => {
	// On a fresh clone this may be the first test that needs n8n.
	await installRuntime(() => undefined);
	for (const type of JSON.parse(readFileSync(TYPES, 'utf8')) as NodeType[]) {
		if (!NOT_FOR_PEOPLE.includes(type.name))
			versionsByName.set(type.name, [...(versionsByName.get(type.name) ?? []), type]);
	}
}, INSTALL_TIMEOUT_MS);

const nodeOf = (name: string): WorkflowNode => ({
	id: 'a',
	name: 'a',
	type: `n8n-nodes-base.${name}`,
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
});

const isStarting = (versions: readonly NodeType[]): boolean => versions.some((type) => type.group.includes('trigger'));

function asksForWebhookId(node: WorkflowNode): boolean {
	const json = { name: 'a', nodes: [node], connections: {}, settings: {} };
	return webhookIds.check({ files: [{ key: 'a', json }], inventory: [] }).length > 0;
}

test('triggers are known as such, and nothing else is', () => {
	const wrong = [...versionsByName].filter(([name, versions]) => isTrigger(nodeOf(name)) !== isStarting(versions));
	expect(wrong.map(([name]) => name)).toEqual([]);
	expect(versionsByName.size).toBeGreaterThan(400);
});

test('exactly the triggers that wait for a call need a webhook id', () => {
	const wrong = [...versionsByName]
		.filter(([, versions]) => isStarting(versions))
		.filter(
			([name, versions]) => asksForWebhookId(nodeOf(name)) !== versions.some((type) => type.webhooks !== undefined),
		);
	expect(wrong.map(([name]) => name)).toEqual([]);
});

test('the counted outputs are those of the node', () => {
	const wrong = [...versionsByName].filter(([name, versions]) => {
		const count = mainOutputCount(nodeOf(name));
		return count !== null && !VARYING.includes(name) && versions.some((type) => type.outputs.length !== count);
	});
	expect(wrong.map(([name]) => name)).toEqual([]);
});
