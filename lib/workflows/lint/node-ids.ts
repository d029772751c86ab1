import { perFile } from './lint-rule';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Version history, executions and the deploy's diff know a node by its id. */
export const nodeIds = perFile({
	code: 'node-ids',
	line: 'Every node has a lower-case UUID that no other node of any workflow has, and keeps it for ever: a rename is told from a removal by the id.',
	check: ({ key, json }, report, { files }) => {
		for (const [index, node] of json.nodes.entries()) {
			if (!UUID.test(node.id))
				report(node, `id ${JSON.stringify(node.id)} is no lower-case UUID; give it a new one, once`);
			const isTwin = json.nodes.slice(0, index).some((other) => other.id === node.id);
			const elsewhere = files.find((file) => file.key < key && file.json.nodes.some((other) => other.id === node.id));
			if (isTwin) report(node, `id ${node.id} is used twice here; give the copy a new one`);
			if (elsewhere !== undefined)
				report(node, `id ${node.id} is also used in ${elsewhere.key}; give the copy a new one`);
		}
	},
});
