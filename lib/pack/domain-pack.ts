/**
 * The domain pack: how customers of one kind of business talk (categories, synonyms, examples, what is out of domain).
 * It holds no facts of any client, so it may be shared by all clients of the domain.
 */
import Ajv from 'ajv';

import { INTENTS, type Intent } from '../item/turn-item';
import { describeProblems, type LocalText } from './client-pack';

export interface DomainIntent {
	/** Patterns of `lib/language/token-match.ts`: words in order, `*` for any ending. */
	readonly keywords: readonly string[];
	/** Whole messages, for tests, prompts and the trained classifier. */
	readonly examples: readonly string[];
}

export interface DomainCategory {
	readonly key: string;
	readonly names: LocalText;
	/** Generic words for the category, any language and script; `*` for any ending. */
	readonly synonyms: readonly string[];
}

export interface DomainPack {
	readonly domain: string;
	readonly names: LocalText;
	readonly intents: Readonly<Partial<Record<Intent, DomainIntent>>>;
	/** Includes services that a given client may not offer: then we say so instead of guessing. */
	readonly categories: readonly DomainCategory[];
	/** Groups of words or phrases that mean the same in this trade, for the search in the knowledge. */
	readonly synonyms?: readonly (readonly string[])[];
	/** Patterns of what this kind of business never does ("пицца"). */
	readonly outOfDomain: readonly string[];
}

export type ParsedDomainPack =
	{ readonly ok: true; readonly pack: DomainPack } | { readonly ok: false; readonly problems: readonly string[] };

const TEXT = { type: 'string', minLength: 1 } as const;
const TEXTS = { type: 'array', items: TEXT } as const;
const KEY = { type: 'string', pattern: '^[a-z][a-z0-9_]*$' } as const;
const LOCAL_TEXT = {
	type: 'object',
	additionalProperties: false,
	required: ['ru', 'kk'],
	properties: { ru: TEXT, kk: TEXT },
} as const;
const INTENT = {
	type: 'object',
	additionalProperties: false,
	required: ['keywords', 'examples'],
	properties: { keywords: TEXTS, examples: TEXTS },
} as const;

const SCHEMA: object = {
	type: 'object',
	additionalProperties: false,
	required: ['domain', 'names', 'intents', 'categories', 'outOfDomain'],
	properties: {
		domain: KEY,
		names: LOCAL_TEXT,
		intents: {
			type: 'object',
			additionalProperties: false,
			properties: Object.fromEntries(INTENTS.map((intent) => [intent, INTENT])),
		},
		categories: {
			type: 'array',
			items: {
				type: 'object',
				additionalProperties: false,
				required: ['key', 'names', 'synonyms'],
				properties: { key: KEY, names: LOCAL_TEXT, synonyms: TEXTS },
			},
		},
		synonyms: { type: 'array', items: { ...TEXTS, minItems: 2 } },
		outOfDomain: TEXTS,
	},
};

const validate = new Ajv({ allErrors: true }).compile(SCHEMA);

/** Reads a domain pack; every problem is reported with its place. */
export function parseDomainPack(data: unknown): ParsedDomainPack {
	if (!validate(data)) return { ok: false, problems: describeProblems(validate.errors) };
	const pack = data as DomainPack;
	const keys = pack.categories.map((category) => category.key);
	const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
	return twice.length > 0
		? { ok: false, problems: twice.map((key) => `categories: "${key}" is used twice`) }
		: { ok: true, pack };
}
