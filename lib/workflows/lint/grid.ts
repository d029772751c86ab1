import { boxOf, overlap } from './canvas-box';
import { perFile } from './lint-rule';
import { isStep } from './node-kinds';

const GRID = 16;

/** Positions that a person can read and a diff can live with. */
export const grid = perFile({
	code: 'grid',
	line: 'Positions are multiples of 16 and no two steps overlap: moving a node by accident shows, and nothing hides behind another.',
	check: ({ json }, report) => {
		for (const node of json.nodes) {
			if (node.position.some((value) => value % GRID !== 0))
				report(node, `lies at ${node.position.join(', ')}; use multiples of ${GRID}`);
		}
		const steps = json.nodes.filter(isStep);
		for (const [index, step] of steps.entries()) {
			for (const other of steps.slice(index + 1)) {
				if (overlap(boxOf(step), boxOf(other))) report(step, `overlaps "${other.name}"; move one of them`);
			}
		}
	},
});
