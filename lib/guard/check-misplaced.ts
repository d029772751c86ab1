import type { GuardText, GuardTexts } from './guard-text';
import { isDenied } from './clauses';
import { LabelIndex, LastNamed, mentions } from './label-index';
import { isQuotedSentence } from './quoted-sentence';
import { labelQuantities, type Label } from './quantity-labels';

/**
 * Compares what each duration and percent of the draft belongs to with what it belongs to in the sources, as
 * `priceViolations` does for amounts, but only where a source has one for everything that the draft names beside it.
 *
 * @returns `duration_of_other_service`, `percent_of_other_service`
 */
export function misplacedViolations(texts: GuardTexts): string[] {
	return [
		...(isMisplaced(texts, 'durations') ? ['duration_of_other_service'] : []),
		...(isMisplaced(texts, 'percents') ? ['percent_of_other_service'] : []),
	];
}

function isMisplaced(texts: GuardTexts, kind: 'durations' | 'percents'): boolean {
	const { draft, source, customer } = texts;
	const told = label(draft, kind);
	if (told.length === 0) return false;
	const given = label(source, kind);
	const index = new LabelIndex(given);
	const earlier = new LastNamed(index, customer.plain, draft.quantities.rest);
	for (const one of told) {
		const holders = given.filter(({ value }) => value === one.value);
		const named = earlier.namedBy(one);
		if (holders.length === 0 || isDenied(draft.plain, one.start)) continue;
		const fitting = named.map((words) => index.candidates(words, true)).filter((entries) => entries.length > 0);
		const fits =
			fitting.length === 0 ||
			fitting.some((entries) => entries.some(({ value }) => value === one.value)) ||
			holders.some((holder) => named.some((words) => mentions(holder, words)));
		if (!fits && !isQuotedSentence(texts, one.start)) return true;
	}
	return false;
}

const labelled = { durations: newMemory(), percents: newMemory() } as const;

function newMemory(): WeakMap<GuardText, ReadonlyArray<Label<number>>> {
	return new WeakMap();
}

/** Positions are those within the part of a text; only labels of a draft are asked for theirs. */
function label(text: GuardText, kind: 'durations' | 'percents'): Array<Label<number>> {
	return text
		.gather(labelled[kind], ({ quantities }) =>
			labelQuantities(
				quantities.rest,
				[...quantities[kind]].sort((a, b) => a.start - b.start),
			),
		)
		.flatMap(({ value }) => value);
}
