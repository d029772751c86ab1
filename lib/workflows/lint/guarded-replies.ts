import { endsFailures } from './failure-ends';
import { everyOutput, followItems, wayText, type Emission, type Place } from './item-flow';
import type { LintProblem, LintRule } from './lint-rule';
import { trufflesType } from './node-kinds';

const CODE = 'guarded-replies';
const PASSED = 0;
const DRAFT = 'draft';
/** Nodes that put a draft of a reply on the item. */
const WRITERS: ReadonlySet<string | null> = new Set(['replyComposer', 'modelRouter']);

function pass(place: Place, mark: string): Emission[] {
	const type = trufflesType(place.node);
	// A handover replaces the draft by its own words; a failed turn by the fallback text.
	if (type === 'handoverAdapter' || endsFailures(place.node)) return [];
	const onward = everyOutput(place, mark);
	return type === 'replyGuard' ? onward.filter(({ output }) => output !== PASSED) : onward;
}

/** No draft is sent that the guard has not passed. */
export const guardedReplies: LintRule = {
	code: CODE,
	line: 'Across all calls, a reply that was composed or written reaches Channel Send only through the Passed output of Reply Guard (a handover replaces it): no price, discount, time or promise leaves that the business did not give.',
	isFinal: true,
	check({ files }) {
		const seeds = (place: Place): Emission[] =>
			WRITERS.has(trufflesType(place.node)) ? everyOutput(place, DRAFT) : [];
		return followItems(files, seeds, pass)
			.filter((arrival) => trufflesType(arrival.node) === 'channelSend')
			.map(({ file, node, way }): LintProblem => ({
				code: CODE,
				key: file.key,
				node: node.name,
				message: `gets replies that no guard has passed (way: ${wayText(way)}); lead them through Reply Guard`,
			}));
	},
};
