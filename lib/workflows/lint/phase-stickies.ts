import { boxOf, contains, overlap } from './canvas-box';
import { perFile } from './lint-rule';
import { isStep, STICKY } from './node-kinds';

/** One sticky per phase, each step in one of them. */
export const phaseStickies = perFile({
	code: 'phase-stickies',
	line: 'Every step lies in exactly one phase sticky, phases have a heading and do not overlap, and no sticky repeats the name of a node: stickies say what the steps cannot.',
	check: ({ json }, report) => {
		const phases = json.nodes.filter((node, index) => node.type === STICKY && index > 0);
		const steps = json.nodes.filter(isStep);
		for (const step of steps) {
			const around = phases.filter((phase) => contains(boxOf(phase), boxOf(step)));
			if (around.length === 0) report(step, 'lies in no phase sticky; move it or make the sticky larger');
		}
		for (const [index, phase] of phases.entries()) {
			const content = typeof phase.parameters.content === 'string' ? phase.parameters.content : '';
			const heading = /^### (.+)/.exec(content)?.[1]?.trim();
			if (heading === undefined) report(phase, 'has no heading; begin it with "### " and the name of the phase');
			const repeated = steps.find(({ name }) => name === heading || (name.includes(' ') && content.includes(name)));
			if (repeated !== undefined) report(phase, `repeats the node name "${repeated.name}"; say why, not what`);
			if (!steps.some((step) => contains(boxOf(phase), boxOf(step)))) report(phase, 'holds no step; remove it');
			for (const other of phases.slice(index + 1)) {
				if (overlap(boxOf(phase), boxOf(other))) report(phase, `overlaps the sticky "${other.name}"; move one of them`);
			}
		}
	},
});
