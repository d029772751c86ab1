import base from './base-synonyms.json';
import type { DomainPack } from './domain-pack';

/**
 * Groups of words that mean the same, for the search in a client's knowledge: everyday words of any business, the words of the
 * domain, and the names of its categories. Patterns with an asterisk belong to the classifier and are left out.
 */
export function searchSynonyms(domain: DomainPack | null): readonly (readonly string[])[] {
	const categories = (domain?.categories ?? []).map((category) =>
		[category.names.ru, category.names.kk, ...category.synonyms].filter(
			(word) => !word.includes('*') && !word.includes(' '),
		),
	);
	return [...base.groups, ...(domain?.synonyms ?? []), ...categories];
}
