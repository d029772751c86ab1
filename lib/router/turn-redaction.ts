import { findName } from '../classify/entities';
import type { TurnItem } from '../item/turn-item';
import { canHide, planRedaction, type RedactionPlan } from './redaction';

/** Earlier messages that a model is shown at most. */
export const SHOWN_HISTORY = 6;

/** The placeholders of one turn; the same item always gives the same ones, so nothing has to be kept between steps. */
export function redactTurn(item: TurnItem, draft: string | null = null): RedactionPlan {
	return planRedaction([item.text, ...shownHistory(item), ...(draft === null ? [] : [draft])], namesOf(item));
}

/** Whether a sensitive turn can be shown to a foreign model without its personal data. */
export function canRedactTurn(item: TurnItem): boolean {
	return canHide(item.text, shownHistory(item), namesOf(item));
}

/** Names that the customer gave, now or before; the display name of the channel is not one: it is never shown. */
function namesOf(item: TurnItem): readonly string[] {
	const earlier = item.history.filter(({ author }) => author === 'user').map(({ text }) => findName(text));
	const names = [item.classification?.entities.name ?? null, ...earlier].filter((name) => name !== null);
	return [...new Set(names)];
}

function shownHistory(item: TurnItem): readonly string[] {
	return item.history
		.filter(({ author }) => author !== 'system')
		.slice(-SHOWN_HISTORY)
		.map(({ text }) => text);
}
