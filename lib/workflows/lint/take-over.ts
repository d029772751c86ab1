import { everyOutput, followItems, wayText, type Emission, type Place } from './item-flow';
import type { LintProblem, LintRule } from './lint-rule';
import { EXECUTE_WORKFLOW, leavesProcess, trufflesType } from './node-kinds';

const CODE = 'take-over';

/** Outputs of the inbox trigger. */
const TURNS = 0;
const HANDOVER_WORK = 1;
const OUTBOX = 2;
/** Outputs of "Open conversation". */
const READY = 0;
const HELD = 1;

/** Nodes that make, pay for or send an answer to a customer. */
const ANSWERING: ReadonlySet<string | null> = new Set([
	'channelSend',
	'modelRouter',
	'ragSearch',
	'replyComposer',
	'trufflesClassifyIntent',
]);

function isOpening({ node }: Place): boolean {
	return trufflesType(node) === 'trufflesConversation' && node.parameters.operation !== 'failTurn';
}

function seeds(place: Place): Emission[] {
	if (trufflesType(place.node) === 'trufflesInboxTrigger') {
		return [
			{ output: TURNS, mark: 'unchecked' },
			{ output: HANDOVER_WORK, mark: 'work' },
			{ output: OUTBOX, mark: 'work' },
		];
	}
	return isOpening(place)
		? [
				{ output: READY, mark: 'ready' },
				{ output: HELD, mark: 'held' },
			]
		: [];
}

function pass(place: Place, mark: string): Emission[] {
	const onward = everyOutput(place, mark);
	// What leaves "Open conversation" by its own outputs is checked; what failed in it is not.
	return isOpening(place) ? onward.filter(({ output }) => output > HELD) : onward;
}

/** Follows every item from the inbox, across calls. */
export const takeOver: LintRule = {
	code: CODE,
	line: 'From the inbox on, across all calls: a turn is opened (which reads whether a person is active) before anything classifies, answers or sends; a held turn goes to people only, where nothing answers it (Handover Adapter and Channel Send look again before they send); and no node of others that leaves the process stands on the way, because what it sends nobody re-checks.',
	isFinal: true,
	check({ files }) {
		const problems = new Map<string, LintProblem>();
		for (const { file, node, mark, way } of followItems(files, seeds, pass)) {
			const ours = trufflesType(node);
			const isForeign =
				ours === null && node.type !== EXECUTE_WORKFLOW && node.disabled !== true && leavesProcess(node);
			let message: string | null = null;
			if (isForeign)
				message =
					'calls out between the inbox and the reply, where nobody re-checks for a person; use a node of the package';
			else if (mark === 'unchecked' && ANSWERING.has(ours))
				message = 'gets turns that were never opened, so a person may be active; put Open conversation before it';
			else if (mark === 'held' && ANSWERING.has(ours) && ours !== 'channelSend')
				message = 'answers turns that are held for a person; lead them to 7_Handover only';
			if (message !== null)
				problems.set(`${file.key} ${node.name}`, {
					code: CODE,
					key: file.key,
					node: node.name,
					message: `${message} (way: ${wayText(way)})`,
				});
		}
		return [...problems.values()];
	},
};
