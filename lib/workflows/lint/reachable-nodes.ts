import { perFile } from './lint-rule';
import { isStep, isTrigger } from './node-kinds';
import { targetsOf } from './workflow-graph';

/** What nothing reaches is not part of what the picture promises. */
export const reachableNodes = perFile({
	code: 'reachable-nodes',
	line: 'There is a trigger, and every step is reached from one: n8n does not publish a workflow without a trigger, and a step that nothing reaches looks like a promise.',
	check: ({ json }, report) => {
		const reached = new Set(
			json.nodes.filter((node) => isTrigger(node) && node.disabled !== true).map((node) => node.name),
		);
		if (reached.size === 0) return report(null, 'there is no trigger; n8n cannot publish it');
		for (const name of reached) for (const target of targetsOf(json, name)) reached.add(target);
		for (const node of json.nodes) {
			// The model, memory or tool of an agent leads into it and is reached from nothing.
			const isAttached = Object.keys(json.connections[node.name] ?? {}).some((type) => type !== 'main');
			if (isStep(node) && !isAttached && !reached.has(node.name))
				report(node, 'is reached from no trigger; connect or remove it');
		}
	},
});
