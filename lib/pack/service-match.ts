/**
 * Finds the client's services in a message: exact services, categories named in general ("маникюр"), and categories of
 * the domain that this client does not offer.
 *
 * A phrase matches when all its words stand within a short stretch, in any order; a match whose words all belong to a
 * longer match is dropped, so "маникюр с гель-лаком" is not also "маникюр" in general.
 */
import { foldWord, foldWords } from '../language/fold-text';
import { matchWord, type PatternWord } from '../language/token-match';
import type { ClientPack, LocalText, PackService } from './client-pack';
import type { DomainPack } from './domain-pack';

/** What the message named, in the order of first mention. */
export type ServiceMention =
	| { readonly kind: 'service'; readonly service: PackService; readonly at: readonly number[] }
	| {
			readonly kind: 'category';
			readonly key: string;
			readonly names: LocalText;
			readonly services: readonly PackService[];
			readonly at: readonly number[];
	  }
	| { readonly kind: 'missing'; readonly key: string; readonly names: LocalText; readonly at: readonly number[] };

interface Phrase {
	readonly words: readonly PatternWord[];
	readonly target: { readonly kind: 'service' | 'category'; readonly key: string };
}

interface Match {
	readonly phrase: Phrase;
	readonly at: readonly number[];
	readonly exactWords: number;
}

const JOINING_WORDS = new Set(
	['с', 'со', 'и', 'для', 'на', 'в', 'к', 'по', 'мен', 'уш', 'ушин', 'жане', 'за', 'от', 'или', 'под'].map(foldWord),
);
/** Other words that may stand between the words of one phrase. */
const MAX_EXTRA_WORDS = 3;
const MIN_STEM = 4;
const SHORT_STEM = 3;

const phrasesByPack = new WeakMap<ClientPack, WeakMap<object, readonly Phrase[]>>();
const NO_DOMAIN = {};

/** Mentions in the order of the text. Pure; the compiled phrases of a pack are kept as long as the pack object lives. */
export function findServices(text: string, pack: ClientPack, domain: DomainPack | null): readonly ServiceMention[] {
	const words = foldWords(text);
	const initials = new Set(words.map((word) => word[0]));
	const matches = phrasesOf(pack, domain).flatMap((phrase) =>
		// No word matches one with another first letter, and all words of a phrase are wanted.
		phrase.words.every(({ stem }) => initials.has(stem[0])) ? matchPhrase(words, phrase) : [],
	);
	const kept = matches.filter((match) => !matches.some((other) => beats(other, match)));
	const mentions = new Map<string, ServiceMention>();
	for (const match of [...kept].sort((a, b) => (a.at[0] ?? 0) - (b.at[0] ?? 0))) {
		const mention = toMention(match, pack, domain);
		const id = `${mention.kind}:${mention.kind === 'service' ? mention.service.key : mention.key}`;
		if (!mentions.has(id)) mentions.set(id, mention);
	}
	return withoutCoveredCategories([...mentions.values()]);
}

/** A longer match over the same words wins; of two equal ones the exact spelling, then a service over its category. */
function beats(other: Match, match: Match): boolean {
	if (other === match || !match.at.every((index) => other.at.includes(index))) return false;
	if (other.at.length !== match.at.length) return other.at.length > match.at.length;
	if (other.exactWords !== match.exactWords) return other.exactWords > match.exactWords;
	return other.phrase.target.kind === 'service' && match.phrase.target.kind === 'category';
}

/** "Стрижка мужская и женская": the general word belongs to the services named next to it. */
function withoutCoveredCategories(mentions: readonly ServiceMention[]): readonly ServiceMention[] {
	const named = new Set(mentions.flatMap((mention) => (mention.kind === 'service' ? [mention.service.category] : [])));
	return mentions.filter((mention) => mention.kind !== 'category' || !named.has(mention.key));
}

function toMention(match: Match, pack: ClientPack, domain: DomainPack | null): ServiceMention {
	const { kind, key } = match.phrase.target;
	const service = kind === 'service' ? pack.services.find((candidate) => candidate.key === key) : undefined;
	if (service !== undefined) return { kind: 'service', service, at: match.at };
	const services = pack.services.filter((candidate) => candidate.category === key);
	const names = pack.categories.find((category) => category.key === key)?.names ??
		domain?.categories.find((category) => category.key === key)?.names ?? { ru: key, kk: key };
	const [only] = services;
	if (only === undefined) return { kind: 'missing', key, names, at: match.at };
	if (services.length === 1) return { kind: 'service', service: only, at: match.at };
	return { kind: 'category', key, names, services, at: match.at };
}

function phrasesOf(pack: ClientPack, domain: DomainPack | null): readonly Phrase[] {
	const byDomain = phrasesByPack.get(pack) ?? new WeakMap<object, readonly Phrase[]>();
	phrasesByPack.set(pack, byDomain);
	const known = byDomain.get(domain ?? NO_DOMAIN);
	if (known !== undefined) return known;
	const phrases = [
		...pack.services.flatMap((service) =>
			compile([service.names.ru, service.names.kk, ...service.synonyms], 'service', service.key),
		),
		...pack.categories.flatMap((category) =>
			compile([category.names.ru, category.names.kk, ...(category.synonyms ?? [])], 'category', category.key),
		),
		...(domain?.categories ?? []).flatMap((category) =>
			compile([category.names.ru, category.names.kk, ...category.synonyms], 'category', category.key),
		),
	];
	byDomain.set(domain ?? NO_DOMAIN, phrases);
	return phrases;
}

function compile(sources: readonly string[], kind: 'service' | 'category', key: string): readonly Phrase[] {
	return sources
		.map((source) => ({ words: phraseWords(source), target: { kind, key } }))
		.filter((phrase) => phrase.words.length > 0);
}

function phraseWords(source: string): readonly PatternWord[] {
	const words = source
		.split(/[^\p{L}\p{N}*]+/u)
		.map((word) => ({ word: foldWord(word.replace('*', '')), isPrefix: word.endsWith('*') }))
		.filter(({ word }) => word !== '' && !JOINING_WORDS.has(word));
	// A short word alone must stand as it is: "қас" with an ending would be "каспи".
	const minStem = words.length > 1 ? SHORT_STEM : MIN_STEM;
	return words.map(({ word, isPrefix }) =>
		isPrefix ? { stem: word, isPrefix } : { stem: stemOf(word), isPrefix: stemOf(word).length >= minStem },
	);
}

/** Cuts the ending that Russian cases change; Kazakh endings are only added, so the stem stays a prefix. */
function stemOf(word: string): string {
	if (word.length <= MIN_STEM) return word;
	const cut = word.replace(/(?:иями|ями|ами|ого|ему|ому|ими|ая|ое|ие|ии|ои|ую|ом|ем|ам|ах|ов|еи|я|а|и|у|ю|е|о)$/u, '');
	return cut.length >= SHORT_STEM ? cut : word.slice(0, MIN_STEM);
}

/** Endings that may follow a stem; a longer rest is another word ("лак" is not "лакомство"). */
const MAX_ENDING = 7;
const MAX_ENDING_OF_SHORT = 3;

function matchPhrase(words: readonly string[], phrase: Phrase): readonly Match[] {
	const [first] = phrase.words;
	if (first === undefined) return [];
	const found: Match[] = [];
	for (const [start, word] of words.entries()) {
		if (!phrase.words.some((wanted) => quality(word, wanted) !== 'none')) continue;
		const match = matchWithin(words, phrase, start);
		if (match !== null && !found.some((other) => other.at[0] === match.at[0])) found.push(match);
	}
	return found;
}

function matchWithin(words: readonly string[], phrase: Phrase, start: number): Match | null {
	const end = Math.min(words.length, start + phrase.words.length + MAX_EXTRA_WORDS);
	const at: number[] = [];
	let exactWords = 0;
	for (const wanted of phrase.words) {
		let best = -1;
		for (let i = start; i < end && best < 0; i++)
			if (!at.includes(i) && quality(words[i] ?? '', wanted) === 'exact') best = i;
		if (best >= 0) exactWords++;
		for (let i = start; i < end && best < 0; i++)
			if (!at.includes(i) && quality(words[i] ?? '', wanted) === 'typo') best = i;
		if (best < 0) return null;
		at.push(best);
	}
	return at.includes(start) ? { phrase, at: at.sort((a, b) => a - b), exactWords } : null;
}

function quality(word: string, wanted: PatternWord): 'exact' | 'typo' | 'none' {
	const found = matchWord(word, wanted);
	const maxEnding = wanted.stem.length <= SHORT_STEM ? MAX_ENDING_OF_SHORT : MAX_ENDING;
	return found !== 'none' && word.length - wanted.stem.length > maxEnding ? 'none' : found;
}
