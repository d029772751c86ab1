import type { WorkflowBody } from '../ports/n8n-api';
import { canonicalJson } from './canonical-json';
import { NEUTRAL_SETTINGS } from './neutral-settings';
import { isJsonObject } from './workflow-file';

/** The editor stores the shown name and address of a picked workflow beside its id; they say nothing that the id does not. */
export function withoutCachedNames(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withoutCachedNames);
	if (!isJsonObject(value)) return value;
	const isLocator = value.__rl === true;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([key]) => !(isLocator && (key === 'cachedResultName' || key === 'cachedResultUrl')))
			.map(([key, entry]) => [key, withoutCachedNames(entry)]),
	);
}

/** Connections without outputs that lead nowhere: n8n writes them or not. */
export function withoutEmptyOutputs(connections: Readonly<Record<string, unknown>>): Record<string, unknown> {
	const kept: Record<string, unknown> = {};
	for (const [source, byType] of Object.entries(connections)) {
		if (!isJsonObject(byType)) {
			kept[source] = byType;
			continue;
		}
		const types: Record<string, unknown> = {};
		for (const [type, outputs] of Object.entries(byType)) {
			const trimmed = Array.isArray(outputs) ? outputs.map((targets: unknown) => targets ?? []) : [outputs];
			while (trimmed.length > 0 && canonicalJson(trimmed.at(-1)) === '[]') trimmed.pop();
			if (trimmed.length > 0) types[type] = trimmed;
		}
		if (Object.keys(types).length > 0) kept[source] = types;
	}
	return kept;
}

/**
 * One text per meaning of a workflow, for hashes: the order of keys and nodes, cached names, empty outputs and settings
 * at their neutral value do not count; layout does. Settings of the instance count only when `ownSettings` names them.
 */
export function normalText(body: WorkflowBody, ownSettings: readonly string[]): string {
	const own = new Set([...Object.keys(NEUTRAL_SETTINGS), ...ownSettings]);
	const settings = Object.entries(body.settings).filter(
		([name, value]) => own.has(name) && canonicalJson(value) !== canonicalJson(NEUTRAL_SETTINGS[name]),
	);
	return canonicalJson({
		name: body.name,
		nodes: body.nodes.map(withoutCachedNames).map(canonicalJson).sort(),
		connections: withoutEmptyOutputs(body.connections),
		settings: Object.fromEntries(settings),
		nodeGroups: body.nodeGroups ?? [],
	});
}
