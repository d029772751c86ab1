import { calledWorkflow } from '../references';
import type { WorkflowNode } from '../workflow-file';
import { perFile } from './lint-rule';
import { CALLED_TRIGGER, HTTP_REQUEST, isDecision, trufflesType } from './node-kinds';

const MAX_CHARS = 60;

/** What n8n calls a new node: its type in words, with a number behind it from the second one on. */
function isDefaultName(node: WorkflowNode): boolean {
	const squeeze = (text: string): string => text.toLowerCase().replace(/[^a-z]/g, '');
	const name = squeeze(node.name);
	const type = squeeze(node.type.split('.').pop() ?? '');
	const shown = type.replace(/trigger$/, '');
	return (
		[type, shown, `truffles${shown}`, `edit${type}`, `when${type}`].includes(name) ||
		(type === 'set' && name === 'editfields')
	);
}

/** What a name must look like under the node's type, or null. */
function expectedForm(node: WorkflowNode): { readonly matches: boolean; readonly form: string } | null {
	const called = calledWorkflow(node);
	if (called !== null) return { matches: node.name.startsWith(`Call ${called}`), form: `"Call ${called}"` };
	if (node.type === CALLED_TRIGGER)
		return { matches: /^When called by \S/.test(node.name), form: '"When called by ..."' };
	if (node.type === HTTP_REQUEST)
		return { matches: /^(?:GET|POST|PUT|PATCH|DELETE|HEAD) \S/.test(node.name), form: '"VERB target"' };
	if (isDecision(node) || trufflesType(node) === 'replyGuard')
		return { matches: node.name.endsWith('?'), form: 'a question with "?"' };
	return null;
}

/** Connections, logs and alerts call a node by its name. */
export const nodeNames = perFile({
	code: 'node-names',
	line: 'Names are unique, at most 60 characters, and say the effect: no default names, decisions are questions, HTTP nodes are `VERB target`, calls are `Call <workflow>`, called triggers `When called by ...`: alerts and logs name the node and nothing else.',
	check: ({ json }, report) => {
		const seen = new Set<string>();
		for (const node of json.nodes) {
			if (seen.has(node.name)) report(node, 'two nodes have this name; rename one');
			seen.add(node.name);
			if (node.name !== node.name.trim() || node.name.length > MAX_CHARS)
				report(node, `name must be at most ${MAX_CHARS} characters without spaces around it`);
			if (isDefaultName(node) || /[^\s\d]\d+$/.test(node.name.replace(/^Call \S+/, '')))
				report(node, 'says the type, not the effect; name what it does');
			const expected = expectedForm(node);
			if (expected !== null && !expected.matches) report(node, `name must be ${expected.form}`);
		}
	},
});
