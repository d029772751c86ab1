import { TrufflesError } from '../errors';
import { HANDOVER_DUE_SCHEMA, MANAGER_EVENT_SCHEMA, parseWorkItem } from '../inbox/work-item';
import type { TurnItem } from '../item/turn-item';
import { parseTurnItem } from '../item/turn-item-schema';
import { forwardHeldTurn } from './forward-messages';
import { handOverTurn, repeatNotice } from './hand-over-turn';
import type { HandoverPorts } from './handover-ports';
import { handleManagerEvent } from './manager-event';

/** What 7_Handover did with one item: a reply goes on to 8_Send_Response, everything else ends here. */
export type HandoverStep =
	{ readonly kind: 'reply'; readonly item: TurnItem } | { readonly kind: 'done'; readonly what: string };

/**
 * The one door of 7_Handover. Turns that ask for a person are handed over; held turns are forwarded to the managers;
 * managers' events and overdue notices are carried out. Throws TRF_ITEM_INVALID for anything else.
 */
export async function handleHandoverItem(
	ports: HandoverPorts,
	json: Readonly<Record<string, unknown>>,
): Promise<HandoverStep> {
	const work = parseWorkItem(json);
	if (work?.schema === MANAGER_EVENT_SCHEMA) return { kind: 'done', what: await handleManagerEvent(ports, work) };
	if (work?.schema === HANDOVER_DUE_SCHEMA) {
		return { kind: 'done', what: (await repeatNotice(ports, work)) ? 'notice_sent' : 'notice_postponed' };
	}
	const parsed = parseTurnItem(json);
	if (!parsed.ok) throw new TrufflesError('TRF_ITEM_INVALID', { problem: parsed.problem });
	if (parsed.item.outcome?.kind === 'held') {
		await forwardHeldTurn(ports, parsed.item);
		return { kind: 'done', what: 'forwarded' };
	}
	return { kind: 'reply', item: await handOverTurn(ports, parsed.item) };
}
