import type { WorkflowBody } from '../ports/n8n-api';
import { canonicalJson } from './canonical-json';
import { NEUTRAL_SETTINGS } from './neutral-settings';
import { isJsonObject } from './workflow-file';

/** One difference, for people. `layout` never changes what a workflow does. */
export interface WorkflowChange {
	readonly kind: 'node' | 'parameter' | 'connection' | 'setting' | 'group' | 'layout';
	readonly text: string;
}

const STICKY = 'n8n-nodes-base.stickyNote';

type Node = Readonly<Record<string, unknown>>;

/**
 * What differs in meaning between a live workflow and the wanted one; empty when a write would change nothing.
 *
 * Nodes are matched by id, so a rename is a rename. Not counted: order of keys and of nodes, names that n8n's editor
 * caches beside an id, empty outputs, and settings that the wanted body does not name while the live value is neutral.
 *
 * @param wanted with ids already in place of keys (`resolveReferences`)
 */
export function compareWorkflows(live: WorkflowBody, wanted: WorkflowBody): WorkflowChange[] {
	const changes: WorkflowChange[] = [];
	if (live.name !== wanted.name) changes.push({ kind: 'setting', text: `name ${show(live.name)} -> ${show(wanted.name)}` });
	compareNodes(live, wanted, changes);
	compareConnections(live, wanted, changes);
	compareSettings(live, wanted, changes);
	if (canonicalJson(live.nodeGroups ?? []) !== canonicalJson(wanted.nodeGroups ?? [])) {
		changes.push({ kind: 'group', text: 'node groups' });
	}
	return changes;
}

function compareNodes(live: WorkflowBody, wanted: WorkflowBody, changes: WorkflowChange[]): void {
	const liveById = new Map(live.nodes.map((node) => [String(node.id), node]));
	const wantedIds = new Set(wanted.nodes.map((node) => String(node.id)));
	for (const node of live.nodes) {
		if (!wantedIds.has(String(node.id))) changes.push({ kind: 'node', text: `node removed: ${show(node.name)}` });
	}
	let moved = 0;
	let notes = 0;
	for (const node of wanted.nodes) {
		const before = liveById.get(String(node.id));
		if (before === undefined) {
			changes.push({ kind: 'node', text: `node added: ${show(node.name)}` });
			continue;
		}
		const isNote = node.type === STICKY && before.type === STICKY;
		if (isNote && canonicalJson({ ...before, position: null }) !== canonicalJson({ ...node, position: null })) notes += 1;
		else if (canonicalJson(before.position) !== canonicalJson(node.position)) moved += 1;
		if (!isNote) compareNode(before, node, changes);
	}
	if (moved > 0) changes.push({ kind: 'layout', text: `${moved} ${moved === 1 ? 'node' : 'nodes'} moved` });
	if (notes > 0) changes.push({ kind: 'layout', text: `${notes} ${notes === 1 ? 'sticky' : 'stickies'} edited` });
}

function compareNode(before: Node, after: Node, changes: WorkflowChange[]): void {
	const name = String(after.name);
	for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
		if (key === 'position') continue;
		const [old, next] = [withoutCachedNames(before[key]), withoutCachedNames(after[key])];
		if (key === 'parameters' && isJsonObject(old) && isJsonObject(next)) {
			for (const parameter of new Set([...Object.keys(old), ...Object.keys(next)])) {
				if (canonicalJson(old[parameter]) === canonicalJson(next[parameter])) continue;
				changes.push({ kind: 'parameter', text: `${name}: parameters.${parameter} ${show(old[parameter])} -> ${show(next[parameter])}` });
			}
		} else if (key === 'name' && old !== next) {
			changes.push({ kind: 'node', text: `node renamed: ${show(old)} -> ${show(next)}` });
		} else if (canonicalJson(old) !== canonicalJson(next)) {
			changes.push({ kind: 'node', text: `${name}: ${key} ${show(old)} -> ${show(next)}` });
		}
	}
}

function compareConnections(live: WorkflowBody, wanted: WorkflowBody, changes: WorkflowChange[]): void {
	const [before, after] = [withoutEmptyOutputs(live.connections), withoutEmptyOutputs(wanted.connections)];
	for (const source of new Set([...Object.keys(before), ...Object.keys(after)])) {
		if (canonicalJson(before[source]) !== canonicalJson(after[source])) {
			changes.push({ kind: 'connection', text: `connections from ${show(source)}` });
		}
	}
}

function compareSettings(live: WorkflowBody, wanted: WorkflowBody, changes: WorkflowChange[]): void {
	for (const name of new Set([...Object.keys(live.settings), ...Object.keys(wanted.settings)])) {
		if (!(name in wanted.settings) && !(name in NEUTRAL_SETTINGS)) continue;
		const old = live.settings[name] ?? NEUTRAL_SETTINGS[name];
		const next = wanted.settings[name] ?? NEUTRAL_SETTINGS[name];
		if (canonicalJson(old) !== canonicalJson(next)) {
			changes.push({ kind: 'setting', text: `settings.${name} ${show(old)} -> ${show(next)}` });
		}
	}
}

/** The editor stores the shown name and address of a picked workflow beside its id; they say nothing that the id does not. */
function withoutCachedNames(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withoutCachedNames);
	if (!isJsonObject(value)) return value;
	const isLocator = value.__rl === true;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([key]) => !(isLocator && (key === 'cachedResultName' || key === 'cachedResultUrl')))
			.map(([key, entry]) => [key, withoutCachedNames(entry)]),
	);
}

function withoutEmptyOutputs(connections: Readonly<Record<string, unknown>>): Record<string, unknown> {
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

const MAX_SHOWN_CHARS = 60;

function show(value: unknown): string {
	const text = value === undefined ? '(none)' : JSON.stringify(value);
	return text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text;
}
