import type { LiveWorkflow } from '../ports/n8n-api';
import { canonicalJson } from './canonical-json';
import { formatWorkflow } from './format-workflow';
import { NEUTRAL_SETTINGS } from './neutral-settings';
import { toPortable, type PortableNames } from './portable-workflow';
import { isJsonObject, type WorkflowJson } from './workflow-file';

/**
 * The text of a workflow's file from what n8n holds: keys and names in place of ids, normalised, nothing lost.
 *
 * What only the file has (keys that n8n is never sent) stays; nodes and keys keep the file's order, so that the
 * difference in git is the edit and nothing else. Settings at their neutral value are left out unless the file names
 * them.
 *
 * @param file the present file, null when there is none
 */
export function exportWorkflow(live: LiveWorkflow, names: PortableNames, file: WorkflowJson | null): string {
	const portable = toPortable(live.body, names);
	const settings = Object.fromEntries(
		Object.entries(portable.settings).filter(
			([name, value]) =>
				file === null || name in file.settings || canonicalJson(value) !== canonicalJson(NEUTRAL_SETTINGS[name]),
		),
	);
	const { nodeGroups: _groups, ...kept } = (file ?? {}) as Record<string, unknown>;
	const merged = { ...kept, ...portable, settings };
	return formatWorkflow(file === null ? merged : inOrderOf(withFileNodesFirst(merged, file), file));
}

function withFileNodesFirst(json: Record<string, unknown>, file: WorkflowJson): Record<string, unknown> {
	const order = new Map(file.nodes.map((node, index) => [node.id, index]));
	const rank = (node: unknown): number =>
		order.get(isJsonObject(node) ? String(node.id) : '') ?? Number.MAX_SAFE_INTEGER;
	return { ...json, nodes: [...(json.nodes as unknown[])].sort((a, b) => rank(a) - rank(b)) };
}

/** The same value with object keys in the order of a similar value; nodes are matched by id, other arrays by position. */
function inOrderOf<T>(value: T, like: unknown): T {
	if (Array.isArray(value)) {
		const examples = Array.isArray(like) ? (like as unknown[]) : [];
		return value.map((entry, index) => inOrderOf(entry as unknown, exampleFor(entry, index, examples))) as T;
	}
	if (!isJsonObject(value) || !isJsonObject(like)) return value;
	const keys = [
		...Object.keys(like).filter((key) => key in value),
		...Object.keys(value).filter((key) => !(key in like)),
	];
	return Object.fromEntries(keys.map((key) => [key, inOrderOf(value[key], like[key])])) as T;
}

function exampleFor(entry: unknown, index: number, examples: readonly unknown[]): unknown {
	if (!isJsonObject(entry) || typeof entry.id !== 'string') return examples[index];
	return examples.find((example) => isJsonObject(example) && example.id === entry.id) ?? examples[index];
}
