import { callsBetween, type Call } from './call-graph';
import type { LintRule } from './lint-rule';
import { isSilenced } from './silencings';

const CODE = 'call-cycles';

/** Whether one workflow calls another, directly or not. */
function reaches(calls: readonly Call[], from: string, to: string): boolean {
	const reached = new Set([from]);
	for (const key of reached) for (const call of calls) if (call.from.key === key) reached.add(call.to);
	return reached.has(to);
}

/** Workflows that call each other in a circle have no order of publication, and one item can run for ever. */
export const callCycles: LintRule = {
	code: CODE,
	line: 'No workflow calls itself through others; a circle that must be is declared by `lint-ignore call-cycles: reason` on the call that closes it. A circle has no order in which it can be published, and an item can run in it for ever.',
	isFinal: false,
	check({ files }) {
		const calls = callsBetween(files);
		const undeclared = calls.filter((call) => !isSilenced(call.node, CODE));
		// A declared call counts in the whole graph (so that a declaration without a circle is found), the others without it.
		return calls
			.filter((call) => reaches(undeclared.includes(call) ? undeclared : calls, call.to, call.from.key))
			.map((call) => ({
				code: CODE,
				key: call.from.key,
				node: call.node.name,
				message: `closes a circle: ${call.to} calls ${call.from.key} in the end; break it, or declare it with lint-ignore`,
			}));
	},
};
