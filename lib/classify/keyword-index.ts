/** Compiled keywords of all intents: the built-in ones, the domain pack's and the client's own. */
import { INTENTS, type Intent } from '../item/turn-item';
import { compilePattern, findPattern, type Pattern } from '../language/token-match';
import type { ClientPack } from '../pack/client-pack';
import type { DomainPack } from '../pack/domain-pack';
import base from './base-keywords.json';

export interface KeywordIndex {
	readonly intents: ReadonlyMap<Intent, readonly Pattern[]>;
	readonly outOfDomain: readonly Pattern[];
	readonly stopWords: readonly Pattern[];
}

export interface KeywordHit {
	readonly intent: Intent;
	/** The keyword as written in its list. */
	readonly keyword: string;
	/** 0..1: longer and exactly spelt keywords say more. */
	readonly weight: number;
	readonly at: readonly number[];
	/** The conversation or the words around leave no other reading. */
	readonly isBinding?: boolean;
}

const BASE: Readonly<Partial<Record<Intent, readonly string[]>>> = base;
const NOTHING = {};
const cache = new WeakMap<object, WeakMap<object, KeywordIndex>>();

/** The index for a client; compiled once per pair of pack objects. */
export function keywordIndex(pack: ClientPack | null, domain: DomainPack | null): KeywordIndex {
	const byDomain = cache.get(pack ?? NOTHING) ?? new WeakMap<object, KeywordIndex>();
	cache.set(pack ?? NOTHING, byDomain);
	const known = byDomain.get(domain ?? NOTHING);
	if (known !== undefined) return known;
	const built = buildIndex(pack, domain);
	byDomain.set(domain ?? NOTHING, built);
	return built;
}

function buildIndex(pack: ClientPack | null, domain: DomainPack | null): KeywordIndex {
	const intents = new Map<Intent, readonly Pattern[]>();
	for (const intent of INTENTS) {
		const sources = [
			...(BASE[intent] ?? []),
			...(domain?.intents[intent]?.keywords ?? []),
			...(pack?.extraKeywords?.[intent] ?? []),
		];
		intents.set(
			intent,
			sources.map(compilePattern).filter((pattern) => pattern.words.length > 0),
		);
	}
	return {
		intents,
		outOfDomain: (domain?.outOfDomain ?? []).map(compilePattern),
		stopWords: (pack?.stopWords ?? []).map(compilePattern),
	};
}

const ownKeywords = new WeakMap<ClientPack, Pick<KeywordIndex, 'intents'>>();

/** Keywords by intent, as a pack has them in `extraKeywords`. */
export type OwnKeywords = Readonly<Partial<Record<Intent, readonly string[]>>>;

/** Compiles keywords by intent; intents without any are left out. */
export function compileOwnKeywords(keywords: OwnKeywords): Pick<KeywordIndex, 'intents'> {
	const entries = INTENTS.map((intent) => [intent, (keywords[intent] ?? []).map(compilePattern)] as const);
	return { intents: new Map(entries.filter(([, patterns]) => patterns.length > 0)) };
}

/** The client's own keywords alone; compiled once per pack object. */
export function ownKeywordIndex(pack: ClientPack): Pick<KeywordIndex, 'intents'> {
	const known = ownKeywords.get(pack);
	if (known !== undefined) return known;
	const built = compileOwnKeywords(pack.extraKeywords ?? {});
	ownKeywords.set(pack, built);
	return built;
}

/** The best keyword of each intent that occurs among the folded words. */
export function findKeywords(
	words: readonly string[],
	index: Pick<KeywordIndex, 'intents'>,
): ReadonlyMap<Intent, KeywordHit> {
	const hits = new Map<Intent, KeywordHit>();
	for (const [intent, patterns] of index.intents) {
		const hit = bestHit(words, patterns, intent);
		if (hit !== null) hits.set(intent, hit);
	}
	return hits;
}

function bestHit(words: readonly string[], patterns: readonly Pattern[], intent: Intent): KeywordHit | null {
	let best: KeywordHit | null = null;
	for (const pattern of patterns) {
		const found = findPattern(words, pattern);
		if (found === null) continue;
		const weight = Math.min(1, 0.6 + 0.15 * found.at.length) * (found.exact ? 1 : 0.85);
		if (best === null || weight > best.weight) best = { intent, keyword: pattern.source, weight, at: found.at };
	}
	return best;
}

/** First pattern that occurs, as written; null when none does. */
export function findAny(words: readonly string[], patterns: readonly Pattern[]): string | null {
	return patterns.find((pattern) => findPattern(words, pattern) !== null)?.source ?? null;
}
