import type { Fate, Finding, ChaosRecord } from './record';

/**
 * Accepted messages that came to nothing: the database does not have them, no turn took them, or their reply neither
 * reached the customer nor is accounted for by a rule (a person has taken over; a manager was told).
 * A message whose turn has no outcome is counted there, not here.
 */
export function findLost({ evidence, chats }: ChaosRecord): Finding[] {
	return chats.flatMap((chat) =>
		chat.fates.flatMap((fate) => {
			const hadPerson = evidence.peopleSeen.has(`${chat.client} ${chat.phone}`);
			const rule = whyLost(fate, hadPerson, evidence.handedOver.has(fate.turn?.conversationId ?? ''));
			return rule === null ? [] : [{ rule, client: chat.client, ids: [fate.message.id, fate.turn?.id ?? '-'] }];
		}),
	);
}

function whyLost({ event, turn, reply, arrivals }: Fate, hadPerson: boolean, wasHandedOver: boolean): string | null {
	if (event === null) return 'no row of the accepted message';
	if (event.turnId === null || turn === null) return 'no turn took the message';
	if (turn.outcome === null) return null;
	if (turn.outcome === 'held') return hadPerson ? null : 'held, and nobody had taken over';
	if (turn.outcome === 'handed_over' && !wasHandedOver) return 'handed over, and there is no handover';
	if (turn.outcome === 'handed_over' && turn.reason === 'too_late') return null;
	if (turn.outcome !== 'answered' && turn.outcome !== 'handed_over') return `outcome ${turn.outcome} of a question`;
	if (reply === null) return 'outcome without a reply';
	if (arrivals.length > 0) return null;
	switch (reply.status) {
		case 'sent':
			return 'marked as sent, never arrived';
		case 'cancelled':
			return hadPerson ? null : 'cancelled, and nobody had taken over';
		case 'unknown':
		case 'failed':
			return wasHandedOver ? null : `${reply.status}, and no manager was told`;
		default:
			return `still ${reply.status}`;
	}
}
