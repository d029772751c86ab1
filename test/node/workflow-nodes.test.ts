import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ICredentialType, INodeProperties, INodeType } from 'n8n-workflow';
import { readWorkflowFolder, type WorkflowFolder } from '../../lib/adapters/workflow-files';
import { mainOutputCount } from '../../lib/workflows/lint/node-outputs';
import type { WorkflowNode } from '../../lib/workflows/workflow-file';

/** The workflows in `workflows/` and the nodes in `nodes/` are written apart; this is where they meet. */
const REPOSITORY = join(__dirname, '..', '..');
const PREFIX = 'n8n-nodes-truffles.';

function loadClasses<T>(folder: string, suffix: string): T[] {
	return readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
		.filter((file) => file.endsWith(suffix))
		.flatMap((file) =>
			Object.values(jest.requireActual<Record<string, new () => T>>(join(REPOSITORY, folder, file))).map(
				(Class) => new Class(),
			),
		);
}

const nodeTypes = new Map(
	loadClasses<INodeType>('nodes', '.node.ts').map((type) => [type.description.name, type.description]),
);
const credentialTypes = new Set(
	loadClasses<ICredentialType>('credentials', '.credentials.ts').map((type) => type.name),
);
let folder: WorkflowFolder;
let ours: { where: string; node: WorkflowNode; type: string }[];

beforeAll(async () => {
	folder = await readWorkflowFolder(join(REPOSITORY, 'workflows'));
	ours = folder.files.flatMap(({ key, json }) =>
		json.nodes
			.filter((node) => node.type.startsWith(PREFIX))
			.map((node) => ({ where: `${key} / ${node.name}`, node, type: node.type.slice(PREFIX.length) })),
	);
});

function problemsOf(
	check: (entry: (typeof ours)[number], description: INodeType['description']) => string | null,
): string[] {
	return ours.flatMap((entry) => {
		const description = nodeTypes.get(entry.type);
		const problem = description === undefined ? `there is no node ${entry.type}` : check(entry, description);
		return problem === null ? [] : [`${entry.where}: ${problem}`];
	});
}

/** Whether `displayOptions` shows something under the node's parameters and the defaults of the others. */
function isShown(
	options: INodeProperties['displayOptions'],
	node: WorkflowNode,
	properties: readonly INodeProperties[],
): boolean {
	const value = (name: string): unknown =>
		node.parameters[name] ?? properties.find((property) => property.name === name)?.default;
	const matches = (rules: Record<string, unknown>): boolean[] =>
		Object.entries(rules).map(([name, allowed]) => Array.isArray(allowed) && allowed.includes(value(name)));
	return matches(options?.show ?? {}).every(Boolean) && !matches(options?.hide ?? {}).some(Boolean);
}

test('every node of ours in a workflow exists in that version', () => {
	expect(
		problemsOf(({ node }, { version }) =>
			[version].flat().includes(node.typeVersion) ? null : `version ${node.typeVersion}, known ${String(version)}`,
		),
	).toEqual([]);
});

test('the outputs that the workflow linter counts are those of the node', () => {
	expect(
		problemsOf(({ node }, { outputs }) =>
			mainOutputCount(node) === outputs.length ? null : `linter ${mainOutputCount(node)}, node ${outputs.length}`,
		),
	).toEqual([]);
});

test('every parameter in a workflow is one of the node, shown there, with a value that the node offers', () => {
	expect(
		problemsOf(({ node }, { properties }) => {
			for (const [name, value] of Object.entries(node.parameters)) {
				const candidates = properties.filter(
					(property) => property.name === name && isShown(property.displayOptions, node, properties),
				);
				if (candidates.length === 0) return `no parameter ${name}`;
				const offers = candidates.some(
					(property) =>
						property.type !== 'options' ||
						(property.options ?? []).some((option) => 'value' in option && option.value === value),
				);
				if (!offers) return `${name} cannot be ${JSON.stringify(value)}`;
			}
			return null;
		}),
	).toEqual([]);
});

test('every node has the credentials it needs, and none that it does not know', () => {
	expect(
		problemsOf(({ node }, { credentials = [], properties }) => {
			const used = Object.keys(node.credentials ?? {});
			const unknown = used.filter(
				(type) =>
					!credentials.some(
						(credential) => credential.name === type && isShown(credential.displayOptions, node, properties),
					),
			);
			const missing = credentials.filter(
				(credential) =>
					credential.required === true &&
					isShown(credential.displayOptions, node, properties) &&
					!used.includes(credential.name),
			);
			if (unknown.length > 0) return `does not know ${unknown.join(', ')}`;
			return missing.length > 0 ? `lacks ${missing.map((credential) => credential.name).join(', ')}` : null;
		}),
	).toEqual([]);
});

test('a node with a webhook has its webhookId in the file, and no other node has one', () => {
	expect(
		problemsOf(({ node }, { webhooks = [] }) =>
			webhooks.length > 0 === (node.webhookId !== undefined) ? null : 'webhookId',
		),
	).toEqual([]);
});

test('every credential of the inventory is a type of this package', () => {
	expect(folder.inventory.filter((entry) => !credentialTypes.has(entry.type))).toEqual([]);
});
