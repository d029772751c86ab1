import type { GuardText, GuardTexts } from './guard-text';
import { isDenied } from './clauses';
import { LabelIndex, LastNamed, mentions } from './label-index';
import { labelQuantities, type Label } from './quantity-labels';

/**
 * Compares what each duration of the draft belongs to with what it belongs to in the sources, as `priceViolations` does
 * for amounts, but only where a source has a duration for everything the draft names beside its own.
 *
 * @returns `['duration_of_other_service']` or an empty list
 */
export function durationViolations({ draft, source, customer }: GuardTexts): string[] {
	const told = labelDurations(draft);
	if (told.length === 0) return [];
	const given = labelDurations(source);
	const index = new LabelIndex(given);
	const earlier = new LastNamed(index, customer.plain, draft.quantities.rest);
	for (const label of told) {
		const holders = given.filter(({ value }) => value === label.value);
		const named = earlier.namedBy(label);
		if (holders.length === 0 || isDenied(draft.plain, label.start)) continue;
		const fitting = named.map((words) => index.candidates(words, true)).filter((entries) => entries.length > 0);
		const fits =
			fitting.length === 0 ||
			fitting.some((entries) => entries.some(({ value }) => value === label.value)) ||
			holders.some((holder) => named.some((words) => mentions(holder, words)));
		if (!fits) return ['duration_of_other_service'];
	}
	return [];
}

function labelDurations({ quantities }: GuardText): Array<Label<number>> {
	const byPosition = [...quantities.durations].sort((a, b) => a.start - b.start);
	return labelQuantities(quantities.rest, byPosition);
}
