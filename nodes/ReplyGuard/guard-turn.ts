import { checkReply } from '../../lib/guard/check-reply';
import { TrufflesError } from '../../lib/errors';
import type { HistoryEntry, TurnItem } from '../../lib/item/turn-item';
import { requestHandover } from '../../lib/item/turn-item-updates';
import { formatForChannel } from '../../lib/reply/whatsapp-format';
import type { Routed } from '../shared/each-item';
import { turnJson } from '../shared/each-item';

const PASSED = 0;
const REWRITE = 1;
const REFUSED = 2;

/** The prompt asks for two or three sentences; a model that writes more than this is asked again. */
const MODEL_LIMITS = { maxChars: 1_200, maxSentences: 6 };

/**
 * Judges the draft of one turn, in the form in which it is sent, and chooses its output.
 *
 * A refused draft is dropped and a person is asked for; a draft for rewriting stays in the item, because the model
 * is told what was wrong with it. Only a model's draft can be written anew: any other one that breaks a rule is refused.
 *
 * @param prompt the client's own instructions to the model, which must not be shown; null when there are none
 */
export function guardTurn(item: TurnItem, prompt: string | null = null): Routed {
	if (item.reply === null) throw new TrufflesError('TRF_ITEM_INVALID', { problem: 'it has no reply to check' });
	const isModel = item.reply.source === 'model';
	const reply = isModel
		? { ...item.reply, text: formatForChannel(item.reply.text, item.conversation.channel) }
		: item.reply;
	const verdict = checkReply({
		draft: reply.text,
		// Our own texts may quote knowledge that the business wrote in one language only.
		language: isModel ? reply.language : null,
		facts: reply.facts,
		retrieved: [
			...(item.retrieval?.chunks.map((chunk) => `${chunk.title ?? ''}\n${chunk.text}`) ?? []),
			...saidBy(item.history, 'manager'),
		],
		customerText: [...saidBy(item.history, 'user'), item.text].join('\n'),
		claims: { handoverDone: item.handover !== null && item.handover.id !== null },
		rewrites: reply.rewrites,
		instructions: prompt === null ? [] : [prompt],
		names: [item.client.name, item.branch?.name ?? '', item.user.displayName ?? ''],
		...(isModel ? { limits: MODEL_LIMITS } : {}),
	});
	const guard = verdict.kind === 'rewrite' && !isModel ? { ...verdict, kind: 'refused' as const } : verdict;
	const judged: TurnItem = { ...item, reply: { ...reply, guard } };
	if (guard.kind === 'passed') return { output: PASSED, json: turnJson(judged) };
	if (guard.kind === 'rewrite') return { output: REWRITE, json: turnJson(judged) };
	const note = `draft refused: ${guard.violations.join(', ')}`;
	return {
		output: REFUSED,
		json: turnJson({ ...requestHandover(judged, 'guard_refused'), notes: [...item.notes, note] }),
	};
}

function saidBy(history: readonly HistoryEntry[], author: HistoryEntry['author']): string[] {
	return history.filter((entry) => entry.author === author).map((entry) => entry.text);
}
