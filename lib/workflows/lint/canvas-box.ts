import type { WorkflowNode } from '../workflow-file';
import { STICKY } from './node-kinds';

/** A rectangle on n8n's canvas, in its pixels. */
export interface Box {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

/** The box of a step on the canvas, without its label. */
const STEP_SIZE = 96;
const STICKY_WIDTH = 240;
const STICKY_HEIGHT = 160;

/** Where a node lies; a sticky without a size has the one n8n gives it. */
export function boxOf(node: WorkflowNode): Box {
	const [x = 0, y = 0] = node.position;
	if (node.type !== STICKY) return { x, y, width: STEP_SIZE, height: STEP_SIZE };
	return {
		x,
		y,
		width: Number(node.parameters.width ?? STICKY_WIDTH),
		height: Number(node.parameters.height ?? STICKY_HEIGHT),
	};
}

/** Whether the second box lies wholly in the first. */
export function contains(outer: Box, inner: Box): boolean {
	return (
		inner.x >= outer.x &&
		inner.y >= outer.y &&
		inner.x + inner.width <= outer.x + outer.width &&
		inner.y + inner.height <= outer.y + outer.height
	);
}

/** Whether two boxes have a point in common; touching edges do not count. */
export function overlap(a: Box, b: Box): boolean {
	return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
