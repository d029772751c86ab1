import { collectWorkflowReferences } from '../references';
import { isTrigger, perFile, STICKY } from './lint-rule';

const GRID = 16;
/** The box of a node on n8n's canvas, without its label. */
const NODE_SIZE = 96;
const ABOUT_HEADINGS = ['Purpose', 'Trigger', 'Inputs', 'Outputs', 'Callers', 'Owner'] as const;

interface Box {
	readonly name: string;
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

/** A reader opens the workflow and sees what it promises, from left to right. */
export const canvas = perFile('canvas', 'the picture in the editor tells the truth', ({ key, json }, report, { files }) => {
	const stickies = json.nodes.filter((node) => node.type === STICKY);
	const steps = json.nodes.filter((node) => node.type !== STICKY);
	const [about, ...phases] = stickies;
	if (about === undefined || json.nodes[0] !== about) report('the first node must be the sticky that describes the workflow');
	const text = typeof about?.parameters.content === 'string' ? about.parameters.content : '';
	if (!text.startsWith(`## ${key}\n`)) report(`the first sticky must begin with "## ${key}"`);
	for (const heading of ABOUT_HEADINGS) if (!text.includes(`**${heading}.**`)) report(`the first sticky lacks "**${heading}.**"`);
	const callers = files.filter((file) => collectWorkflowReferences(file.json).some((reference) => reference.nodeName !== null && reference.key === key));
	const callersText = /\*\*Callers\.\*\*(.*)/.exec(text)?.[1] ?? '';
	for (const caller of callers) if (!callersText.includes(caller.key)) report(`the first sticky does not name its caller ${caller.key}`);

	for (const node of json.nodes) {
		if (node.position.some((value) => value % GRID !== 0)) report(`"${node.name}": position must be on the grid of ${GRID}`);
	}
	const phaseBoxes = phases.map((node) => ({
		name: node.name,
		x: node.position[0] ?? 0,
		y: node.position[1] ?? 0,
		width: Number(node.parameters.width ?? 240),
		height: Number(node.parameters.height ?? 160),
	}));
	const stepBoxes = steps.map((node) => ({ name: node.name, x: node.position[0] ?? 0, y: node.position[1] ?? 0, width: NODE_SIZE, height: NODE_SIZE }));
	for (const [index, box] of stepBoxes.entries()) {
		if (!phaseBoxes.some((phase) => contains(phase, box))) report(`"${box.name}" lies in no phase sticky`);
		for (const other of stepBoxes.slice(index + 1)) if (overlap(box, other)) report(`"${box.name}" and "${other.name}" overlap`);
	}
	for (const [index, box] of phaseBoxes.entries()) {
		for (const other of phaseBoxes.slice(index + 1)) if (overlap(box, other)) report(`stickies "${box.name}" and "${other.name}" overlap`);
	}
	const boxByName = new Map(stepBoxes.map((box) => [box.name, box]));
	for (const node of steps) {
		const from = boxByName.get(node.name);
		for (const { node: target } of Object.values(json.connections[node.name] ?? {}).flatMap((outputs) => outputs.flatMap((targets) => targets ?? []))) {
			const to = boxByName.get(target);
			if (from !== undefined && to !== undefined && to.x < from.x) report(`"${node.name}" -> "${target}" runs from right to left`);
		}
	}
	const firstTrigger = json.nodes.find(isTrigger);
	if (firstTrigger !== undefined && stepBoxes.some((box) => box.x < (firstTrigger.position[0] ?? 0))) report(`"${firstTrigger.name}" must be the leftmost node`);
});

function contains(outer: Box, inner: Box): boolean {
	return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;
}

function overlap(a: Box, b: Box): boolean {
	return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
