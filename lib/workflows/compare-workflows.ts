import type { WorkflowBody } from '../ports/n8n-api';
import { canonicalJson } from './canonical-json';
import { NEUTRAL_SETTINGS } from './neutral-settings';
import { withoutCachedNames, withoutEmptyOutputs } from './normal-body';
import { describeChange, showValue, valueChanges } from './value-changes';
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
 * Nodes are matched by id, so a rename is a rename, and what it does to connections is not told again. Not counted:
 * order of keys and of nodes, names that n8n's editor caches beside an id, empty outputs, and settings that the wanted
 * body does not name while the live value is neutral. All that is only layout is one line.
 *
 * Both in portable form (`toPortable`).
 */
export function compareWorkflows(live: WorkflowBody, wanted: WorkflowBody): WorkflowChange[] {
	const changes: WorkflowChange[] = [];
	if (live.name !== wanted.name)
		changes.push({ kind: 'setting', text: `name ${showValue(live.name)} -> ${showValue(wanted.name)}` });
	const layout = compareNodes(live, wanted, changes);
	compareConnections(live, wanted, changes);
	compareSettings(live, wanted, changes);
	if (canonicalJson(live.nodeGroups ?? []) !== canonicalJson(wanted.nodeGroups ?? []))
		changes.push({ kind: 'group', text: 'node groups' });
	if (layout !== '') changes.push({ kind: 'layout', text: layout });
	return changes;
}

/** Returns what is only layout, in words; empty when nothing is. */
function compareNodes(live: WorkflowBody, wanted: WorkflowBody, changes: WorkflowChange[]): string {
	const liveById = new Map(live.nodes.map((node) => [String(node.id), node]));
	const wantedIds = new Set(wanted.nodes.map((node) => String(node.id)));
	for (const node of live.nodes) {
		if (!wantedIds.has(String(node.id)))
			changes.push({ kind: 'node', text: `node removed: ${showValue(node.name)}${typeOf(node)}` });
	}
	let moved = 0;
	let notes = 0;
	for (const node of wanted.nodes) {
		const before = liveById.get(String(node.id));
		if (before === undefined) {
			changes.push({ kind: 'node', text: `node added: ${showValue(node.name)}${typeOf(node)}` });
			continue;
		}
		const isNote = node.type === STICKY && before.type === STICKY;
		const samePlace = canonicalJson(before.position) === canonicalJson(node.position);
		if (isNote && canonicalJson({ ...before, position: null }) !== canonicalJson({ ...node, position: null }))
			notes += 1;
		else if (!samePlace) moved += 1;
		if (!isNote) compareNode(before, node, changes);
	}
	return [
		...(moved > 0 ? [`${moved} ${moved === 1 ? 'node' : 'nodes'} moved`] : []),
		...(notes > 0 ? [`${notes} ${notes === 1 ? 'sticky' : 'stickies'} edited`] : []),
	].join(', ');
}

function typeOf(node: Node): string {
	return typeof node.type === 'string' ? ` (${node.type})` : '';
}

function compareNode(before: Node, after: Node, changes: WorkflowChange[]): void {
	const name = String(after.name);
	for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
		if (key === 'position') continue;
		const [old, next] = [withoutCachedNames(before[key]), withoutCachedNames(after[key])];
		if (key === 'name') {
			if (old !== next) changes.push({ kind: 'node', text: `node renamed: ${showValue(old)} -> ${showValue(next)}` });
			continue;
		}
		const kind = key === 'parameters' ? 'parameter' : 'node';
		for (const change of valueChanges(key, old, next))
			changes.push({ kind, text: `${name}: ${describeChange(change)}` });
	}
}

/** `source[output] -> target[input]` of every connection, with nodes by id so that a rename changes none. */
function compareConnections(live: WorkflowBody, wanted: WorkflowBody, changes: WorkflowChange[]): void {
	const names = new Map([...live.nodes, ...wanted.nodes].map((node) => [String(node.id), String(node.name)]));
	const show = (line: string): string => line.replace(/\{([^}]*)\}/g, (_, id: string) => names.get(id) ?? id);
	const [before, after] = [connectionLines(live, wanted), connectionLines(wanted, live)];
	for (const line of before)
		if (!after.has(line)) changes.push({ kind: 'connection', text: `connection removed: ${show(line)}` });
	for (const line of after)
		if (!before.has(line)) changes.push({ kind: 'connection', text: `connection added: ${show(line)}` });
	const sameLines = before.size === after.size && [...before].every((line) => after.has(line));
	if (sameLines && canonicalJson(renamed(live, wanted)) !== canonicalJson(withoutEmptyOutputs(wanted.connections)))
		changes.push({ kind: 'connection', text: 'order of connections' });
}

/** The live connections with the wanted names of their nodes. */
function renamed(live: WorkflowBody, wanted: WorkflowBody): unknown {
	const wantedNames = new Map(wanted.nodes.map((node) => [String(node.id), String(node.name)]));
	const byName = new Map(live.nodes.map((node) => [String(node.name), wantedNames.get(String(node.id))]));
	const rename = (name: unknown): string => byName.get(String(name)) ?? String(name);
	const inside = (value: unknown): unknown => {
		if (Array.isArray(value)) return value.map(inside);
		if (!isJsonObject(value)) return value;
		return 'node' in value
			? { ...value, node: rename(value.node) }
			: Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, inside(entry)]));
	};
	return Object.fromEntries(
		Object.entries(withoutEmptyOutputs(live.connections)).map(([source, byType]) => [rename(source), inside(byType)]),
	);
}

function connectionLines({ nodes, connections }: WorkflowBody, other: WorkflowBody): Set<string> {
	// A connection may name a node that only the other side has.
	const ids = new Map([...other.nodes, ...nodes].map((node) => [String(node.name), `{${String(node.id)}}`]));
	const idOf = (name: unknown): string => ids.get(String(name)) ?? String(name);
	const lines = new Set<string>();
	for (const [source, byType] of Object.entries(withoutEmptyOutputs(connections))) {
		if (!isJsonObject(byType)) lines.add(`${idOf(source)} ${canonicalJson(byType)}`);
		else
			for (const [type, outputs] of Object.entries(byType)) {
				for (const [output, targets] of (outputs as unknown[]).entries()) {
					for (const target of Array.isArray(targets) ? (targets as unknown[]) : []) {
						if (!isJsonObject(target)) continue;
						const label = type === 'main' ? `[${output}]` : `[${type} ${output}]`;
						const { node, type: into, index, ...rest } = target;
						const input = into === 'main' ? `[${String(index)}]` : `[${String(into)} ${String(index)}]`;
						const extra = Object.keys(rest).length === 0 ? '' : ` ${canonicalJson(rest)}`;
						lines.add(`${idOf(source)}${label} -> ${idOf(node)}${input}${extra}`);
					}
				}
			}
	}
	return lines;
}

function compareSettings(live: WorkflowBody, wanted: WorkflowBody, changes: WorkflowChange[]): void {
	for (const name of new Set([...Object.keys(live.settings), ...Object.keys(wanted.settings)])) {
		if (!(name in wanted.settings) && !(name in NEUTRAL_SETTINGS)) continue;
		const old = live.settings[name] ?? NEUTRAL_SETTINGS[name];
		const next = wanted.settings[name] ?? NEUTRAL_SETTINGS[name];
		if (canonicalJson(old) !== canonicalJson(next))
			changes.push({ kind: 'setting', text: `settings.${name} ${showValue(old)} -> ${showValue(next)}` });
	}
}
