import { perFile } from './lint-rule';

/** Ids are part of a contract with executions, version history and everybody who calls a webhook. */
export const stableIds = perFile({
	code: 'stable-ids',
	line: 'Compared with an earlier state (`--since <git ref>`), a node of the same name and type has the same `id`, and a node of the same `id` the same `webhookId`: a copy pasted over the original looks the same and is another node, and whoever calls a moved webhook gets 404.',
	check: ({ key, json }, report, { before = [] }) => {
		const earlier = before.find((file) => file.key === key)?.json.nodes ?? [];
		for (const node of json.nodes) {
			const namesake = earlier.find((other) => other.name === node.name && other.type === node.type);
			const wasElsewhere = earlier.some((other) => other.id === node.id);
			if (namesake !== undefined && namesake.id !== node.id && !wasElsewhere)
				report(node, `id was ${namesake.id} and is now ${node.id}; put it back`);
			const same = earlier.find((other) => other.id === node.id);
			if (same?.webhookId !== undefined && same.webhookId !== node.webhookId)
				report(node, `webhookId was ${same.webhookId} and is now ${node.webhookId ?? 'missing'}; put it back`);
		}
	},
});
