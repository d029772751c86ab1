import { checkReply } from '../../lib/guard/check-reply';
import { TrufflesError } from '../../lib/errors';
import type { TurnItem } from '../../lib/item/turn-item';
import { requestHandover } from '../../lib/item/turn-item-updates';
import type { Routed } from '../shared/each-item';
import { turnJson } from '../shared/each-item';

const PASSED = 0;
const REWRITE = 1;
const REFUSED = 2;

/**
 * Judges the draft of one turn and chooses its output.
 *
 * A refused draft is dropped and a person is asked for; a draft for rewriting stays in the item, because the model
 * is told what was wrong with it. Only a model's draft can be written anew: any other one that breaks a rule is refused.
 */
export function guardTurn(item: TurnItem): Routed {
	const { reply } = item;
	if (reply === null) throw new TrufflesError('TRF_ITEM_INVALID', { problem: 'it has no reply to check' });
	const verdict = checkReply({
		draft: reply.text,
		language: reply.language,
		facts: reply.facts,
		retrieved: item.retrieval?.chunks.map((chunk) => `${chunk.title ?? ''}\n${chunk.text}`) ?? [],
		customerText: item.text,
		claims: { handoverDone: item.handover !== null && item.handover.id !== null },
		rewrites: reply.rewrites,
	});
	const guard =
		verdict.kind === 'rewrite' && reply.source !== 'model' ? { ...verdict, kind: 'refused' as const } : verdict;
	const judged: TurnItem = { ...item, reply: { ...reply, guard } };
	if (guard.kind === 'passed') return { output: PASSED, json: turnJson(judged) };
	if (guard.kind === 'rewrite') return { output: REWRITE, json: turnJson(judged) };
	const note = `draft refused: ${guard.violations.join(', ')}`;
	return {
		output: REFUSED,
		json: turnJson({ ...requestHandover(judged, 'guard_refused'), notes: [...item.notes, note] }),
	};
}
