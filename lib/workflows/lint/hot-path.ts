import { perFile, STICKY, textsIn } from './lint-rule';

/** Message in, reply out. */
export const HOT_PATH: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8];

/**
 * The first expression of an execution costs about 45 ms of CPU (N8N measurement, 2.40.5, November 2026):
 * more than all the rest of a turn.
 */
export const hotPath = perFile('hot-path', 'no expressions between message and reply', ({ key, json }, report) => {
	if (!HOT_PATH.includes(Number.parseInt(key, 10))) return;
	for (const node of json.nodes) {
		if (node.type === STICKY) continue;
		for (const { path, text } of textsIn(node.parameters)) {
			if (text.startsWith('=')) report(`"${node.name}": parameters.${path} is an expression`);
		}
		if (node.type === 'n8n-nodes-base.code') report(`"${node.name}": a Code node; write a node of the package`);
	}
});
