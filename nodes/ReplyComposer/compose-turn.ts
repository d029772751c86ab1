import type { HandoverReason, Reply, TurnItem } from '../../lib/item/turn-item';
import { composeFromKnowledge } from '../../lib/reply/compose-from-knowledge';
import { type ComposeContext, composeReply } from '../../lib/reply/compose-reply';

export type ComposeOperation = 'compose' | 'fromKnowledge';

/** Note that the model router leaves when the client's budget for the month is used up. */
const BUDGET_NOTE = 'model: budget_reached';

/** What becomes of a turn here; `draft` is what facts could already answer. */
export type Composed =
	| { readonly kind: 'ready'; readonly reply: Reply }
	| { readonly kind: 'needsKnowledge'; readonly query: string; readonly draft: Reply | null }
	| { readonly kind: 'handOver'; readonly reason: HandoverReason };

/** Answers from templates and facts (`compose`) or from what was retrieved (`fromKnowledge`), never with a model. */
export function composeTurn(operation: ComposeOperation, item: TurnItem, context: ComposeContext): Composed {
	if (operation === 'fromKnowledge') {
		const reply = composeFromKnowledge(item, context);
		if (reply !== null) return { kind: 'ready', reply };
		return { kind: 'handOver', reason: item.notes.includes(BUDGET_NOTE) ? 'budget_reached' : 'no_answer' };
	}
	const decision = composeReply(item, context);
	if (decision.kind === 'reply') return { kind: 'ready', reply: decision.reply };
	if (decision.kind === 'needs_knowledge')
		return { kind: 'needsKnowledge', query: decision.query, draft: decision.answer };
	return { kind: 'handOver', reason: decision.reason };
}
