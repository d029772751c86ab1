/** Copies of committed workflows under other names, so that a first deploy can be measured beside a running flow. */
import { randomUUID } from 'node:crypto';
import type { WorkflowFile, WorkflowJson } from '../../lib/workflows/workflow-file';

/** Those without a webhook or a trigger that takes messages: copies of them disturb nobody. */
const COPIED = [
	'3_WhatsApp_Adapter',
	'5_ClassifyIntent',
	'6_GenerateResponse',
	'7_Handover',
	'8_Send_Response',
	'9_Error_Handler',
];

/** `copies` sets of six workflows that call each other within their set: `701_3_WhatsApp_Adapter`, ... */
export function copyWorkflows(files: readonly WorkflowFile[], copies: number): WorkflowFile[] {
	return Array.from({ length: copies }, (_, index) => copySet(files, 700 + index)).flat();
}

function copySet(files: readonly WorkflowFile[], number: number): WorkflowFile[] {
	const originals = files.filter(({ key }) => COPIED.includes(key));
	return originals.map(({ key, json }) => {
		const text = originals.reduce(
			(result, { key: name }) => result.replaceAll(`"${name}"`, `"${number}_${name}"`),
			JSON.stringify({ ...json, nodes: json.nodes.map((node) => ({ ...node, id: randomUUID() })) }),
		);
		return { key: `${number}_${key}`, json: JSON.parse(text) as WorkflowJson };
	});
}
