import { perFile } from './lint-rule';
import { isTrigger, STICKY } from './node-kinds';
import { nodeNamed } from './workflow-graph';

/** A connection to a name that is gone is dropped by n8n without a word. */
export const connections = perFile({
	code: 'connections',
	line: 'Connections start and end at nodes that exist, once each, and never at a sticky or in a trigger: n8n drops a connection to a name that is gone without a word.',
	check: ({ json }, report) => {
		for (const [source, byType] of Object.entries(json.connections)) {
			const from = nodeNamed(json, source);
			if (from === undefined)
				report(null, `connections start at "${source}", and there is no such node; rename or remove them`);
			const seen = new Set<string>();
			for (const [type, outputs] of Object.entries(byType)) {
				for (const [output, targets] of outputs.entries()) {
					for (const { node: name, index } of targets ?? []) {
						const target = nodeNamed(json, name);
						const id = JSON.stringify([type, output, name, index]);
						if (target === undefined) report(from ?? null, `leads to "${name}", and there is no such node`);
						else if (target.type === STICKY || isTrigger(target))
							report(from ?? null, `leads to "${name}", which takes no items`);
						if (seen.has(id))
							report(from ?? null, `leads to "${name}" twice from output ${output}; every item would arrive twice`);
						seen.add(id);
					}
				}
			}
		}
	},
});
