/** What the keyword rules and word groups see in a message, told to the trained classifier beside the words themselves. */
import type { Entities } from '../item/turn-item';
import { findConcepts } from './concepts';
import { findKeywords, keywordIndex } from './keyword-index';
import { FACETS, hasFacet } from './question-facets';

/** Lengths in words from which a message counts as longer. */
const LENGTHS = [1, 2, 3, 4, 6, 9, 15] as const;
/** A concept is paired with so many that follow it. */
const PAIR_REACH = 3;

/**
 * Signals of one message. They depend on its words alone, never on a client's packs, so that one training serves all.
 *
 * @param words folded
 */
export function intentSignals(
	words: readonly string[],
	entities: Pick<Entities, 'dateTimes' | 'amountsTiyn' | 'hasPhone'>,
): readonly string[] {
	const concepts = findConcepts(words);
	return [
		...[...findKeywords(words, keywordIndex(null, null)).keys()].map((intent) => `keyword:${intent}`),
		...FACETS.filter((facet) => hasFacet(words, facet)).map((facet) => `facet:${facet}`),
		...concepts.map((concept) => `concept:${concept}`),
		...concepts.flatMap((concept, index) =>
			concepts.slice(index + 1, index + 1 + PAIR_REACH).map((next) => `pair:${[concept, next].sort().join('+')}`),
		),
		...findConcepts(words.slice(0, 1)).map((concept) => `first:${concept}`),
		...findConcepts(words.slice(-1)).map((concept) => `last:${concept}`),
		...(entities.dateTimes.length > 0 ? ['date'] : []),
		...(entities.amountsTiyn.length > 0 ? ['amount'] : []),
		...(entities.hasPhone ? ['phone'] : []),
		`length:${LENGTHS.findLast((length) => words.length >= length) ?? 0}`,
	];
}
