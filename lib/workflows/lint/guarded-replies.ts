import type { WorkflowNode } from '../workflow-file';
import { hotPathKeys } from './call-graph';
import { endsFailures } from './failure-ends';
import { everyOutput, followItems, wayText, type Emission, type Place } from './item-flow';
import type { LintProblem, LintRule } from './lint-rule';
import { isStep, isTrigger, trufflesType } from './node-kinds';

const CODE = 'guarded-replies';
const PASSED = 0;
const DRAFT = 'draft';
/** Nodes that put a draft of a reply on the item. */
const WRITERS: ReadonlySet<string | null> = new Set(['replyComposer', 'modelRouter']);
/** Nodes of n8n that hand an item on as it came. Any other one of n8n may have changed the reply. */
const HANDING_ON =
	/^n8n-nodes-base\.(?:executeWorkflow|filter|if|limit|noOp|removeDuplicates|sort|splitInBatches|switch|wait)$/;

/** In fields mode a node of ours reads its own parameters and leaves the reply on the item alone. */
function readsItem({ parameters: { source = 'standardItem' } }: WorkflowNode): boolean {
	return source === 'standardItem';
}

function isWriter({ file, node }: Place, hot: ReadonlySet<string>): boolean {
	const type = trufflesType(node);
	if (type !== null) return WRITERS.has(type);
	return hot.has(file.key) && isStep(node) && !isTrigger(node) && !HANDING_ON.test(node.type);
}

function pass(place: Place, mark: string): Emission[] {
	const type = trufflesType(place.node);
	// A handover replaces the draft by its own words; a failed turn by the fallback text.
	if ((type === 'handoverAdapter' && readsItem(place.node)) || endsFailures(place.node)) return [];
	const onward = everyOutput(place, mark);
	return type === 'replyGuard' && readsItem(place.node) ? onward.filter(({ output }) => output !== PASSED) : onward;
}

/** No draft is sent that the guard has not passed. */
export const guardedReplies: LintRule = {
	code: CODE,
	line: 'Across all calls, a reply that was composed, written or changed (on the hot path by any node of n8n that does not just hand items on) reaches Channel Send only through the Passed output of Reply Guard reading the standard item (a handover replaces the reply): no price, discount, time or promise leaves that the business did not give.',
	isFinal: true,
	check({ files }) {
		const hot = hotPathKeys(files);
		const seeds = (place: Place): Emission[] => (isWriter(place, hot) ? everyOutput(place, DRAFT) : []);
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
