/**
 * The client pack: what one business says about itself. The only source of prices, hours and addresses in replies.
 *
 * Written by people as `pack.yaml`; prices there may be given in whole tenge (`priceTenge`, `priceToTenge`), stored packs
 * hold tiyn. Parsing a parsed pack gives the same pack.
 */
import Ajv, { type ErrorObject } from 'ajv';

import { INTENTS, type Intent } from '../item/turn-item';

export interface LocalText {
	readonly ru: string;
	readonly kk: string;
}

export interface PackService {
	/** Stable key chosen by us, for example `manicure_gel`. */
	readonly key: string;
	/** Key of one of the pack's categories. */
	readonly category: string;
	readonly names: LocalText;
	/** Other ways customers say it, any language and script. */
	readonly synonyms: readonly string[];
	/** Integer tiyn. The exact price when `priceToTiyn` is absent and `priceOpen` is not true. */
	readonly priceFromTiyn: number;
	readonly priceToTiyn?: number;
	/** True when only the lower limit is known: shown as "от". */
	readonly priceOpen?: boolean;
	readonly durationMinutes: number;
	readonly note?: LocalText;
}

export interface PackCategory {
	readonly key: string;
	readonly names: LocalText;
	readonly synonyms?: readonly string[];
}

export interface OpeningRule {
	/** ISO weekdays, 1 = Monday. */
	readonly days: readonly number[];
	/** Wall-clock "HH:mm" in the client's zone. `close` is later than `open` on the same day. */
	readonly open: string;
	readonly close: string;
}

export interface Holiday {
	/** ISO date in the client's zone. */
	readonly date: string;
	readonly name: LocalText;
	/** Absent: closed all day. */
	readonly open?: string;
	readonly close?: string;
}

export interface PackRule {
	readonly key: string;
	readonly text: LocalText;
}

export interface ClientPack {
	readonly name: LocalText;
	/** True for demonstration data. */
	readonly fictitious?: boolean;
	readonly categories: readonly PackCategory[];
	readonly services: readonly PackService[];
	readonly address: LocalText;
	readonly directions?: LocalText;
	/** As shown to customers; may be empty. */
	readonly phones: readonly string[];
	readonly hours: readonly OpeningRule[];
	readonly holidays?: readonly Holiday[];
	readonly payment: LocalText;
	readonly rules: readonly PackRule[];
	/** Words that pass the conversation to a person at once. */
	readonly stopWords?: readonly string[];
	readonly extraKeywords?: Readonly<Partial<Record<Intent, readonly string[]>>>;
	/** Whole messages of this client's customers, by what they wanted; the classifier learns from them. */
	readonly examples?: Readonly<Partial<Record<Intent, readonly string[]>>>;
}

export type ParsedClientPack =
	{ readonly ok: true; readonly pack: ClientPack } | { readonly ok: false; readonly problems: readonly string[] };

const TEXT = { type: 'string', minLength: 1 } as const;
const TIME = { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' } as const;
const KEY = { type: 'string', pattern: '^[a-z][a-z0-9_]*$' } as const;
const LOCAL_TEXT = object({ ru: TEXT, kk: TEXT });
const TEXTS = { type: 'array', items: TEXT } as const;
const TEXTS_BY_INTENT = {
	type: 'object',
	additionalProperties: false,
	properties: Object.fromEntries(INTENTS.map((intent) => [intent, TEXTS])),
} as const;
const TIYN = { type: 'integer', minimum: 0, maximum: 100_000_000_00 } as const;

const SCHEMA = object(
	{
		name: LOCAL_TEXT,
		fictitious: { type: 'boolean' },
		categories: {
			type: 'array',
			minItems: 1,
			items: object({ key: KEY, names: LOCAL_TEXT, synonyms: TEXTS }, ['synonyms']),
		},
		services: {
			type: 'array',
			minItems: 1,
			items: object(
				{
					key: KEY,
					category: KEY,
					names: LOCAL_TEXT,
					synonyms: TEXTS,
					priceFromTiyn: TIYN,
					priceToTiyn: TIYN,
					priceOpen: { type: 'boolean' },
					durationMinutes: { type: 'integer', minimum: 1, maximum: 1440 },
					note: LOCAL_TEXT,
				},
				['priceToTiyn', 'priceOpen', 'note'],
			),
		},
		address: LOCAL_TEXT,
		directions: LOCAL_TEXT,
		phones: TEXTS,
		hours: {
			type: 'array',
			items: object({
				days: { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'integer', minimum: 1, maximum: 7 } },
				open: TIME,
				close: TIME,
			}),
		},
		holidays: {
			type: 'array',
			items: object(
				{ date: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' }, name: LOCAL_TEXT, open: TIME, close: TIME },
				['open', 'close'],
			),
		},
		payment: LOCAL_TEXT,
		rules: { type: 'array', items: object({ key: KEY, text: LOCAL_TEXT }) },
		stopWords: TEXTS,
		extraKeywords: TEXTS_BY_INTENT,
		examples: TEXTS_BY_INTENT,
	},
	['fictitious', 'directions', 'holidays', 'stopWords', 'extraKeywords', 'examples'],
);

const validate = new Ajv({ allErrors: true }).compile(SCHEMA);

/** Reads a client pack; every problem is reported, each with its place ("services/3/names/kk: …"). */
export function parseClientPack(data: unknown): ParsedClientPack {
	const normalized = withTiynPrices(data);
	if (!validate(normalized)) return { ok: false, problems: describeProblems(validate.errors) };
	const pack = normalized as ClientPack;
	const problems = crossProblems(pack);
	return problems.length > 0 ? { ok: false, problems } : { ok: true, pack };
}

/** One line per schema error; unknown keys are named together with their place. */
export function describeProblems(errors: readonly ErrorObject[] | null | undefined): readonly string[] {
	return (errors ?? []).map((error) => {
		const place = error.instancePath.slice(1) || 'pack';
		const params = error.params as { additionalProperty?: string };
		const detail =
			params.additionalProperty === undefined
				? error.message
				: `unknown key "${params.additionalProperty}"; known: ${knownKeys(error)}`;
		return `${place}: ${detail ?? 'invalid'}`;
	});
}

function knownKeys(error: ErrorObject): string {
	const parent = error.parentSchema as { properties?: Record<string, unknown> } | undefined;
	return parent?.properties === undefined ? 'see the pack schema' : Object.keys(parent.properties).join(', ');
}

/** JSON schema of an object in which every key is required unless named in `optional`, and no other key is allowed. */
function object(properties: Record<string, object>, optional: readonly string[] = []): object {
	const required = Object.keys(properties).filter((key) => !optional.includes(key));
	return { type: 'object', additionalProperties: false, properties, required };
}

const TIYN_PER_TENGE = 100;

function withTiynPrices(data: unknown): unknown {
	if (!isRecord(data) || !Array.isArray(data.services)) return data;
	return {
		...data,
		services: data.services.map((service: unknown) => (isRecord(service) ? serviceInTiyn(service) : service)),
	};
}

function serviceInTiyn(service: Record<string, unknown>): Record<string, unknown> {
	const { priceTenge, priceToTenge, ...rest } = service;
	const inTiyn = (tenge: unknown): unknown =>
		Number.isSafeInteger(tenge) ? (tenge as number) * TIYN_PER_TENGE : tenge;
	return {
		...rest,
		...(priceTenge === undefined ? {} : { priceFromTiyn: inTiyn(priceTenge) }),
		...(priceToTenge === undefined ? {} : { priceToTiyn: inTiyn(priceToTenge) }),
	};
}

function crossProblems(pack: ClientPack): readonly string[] {
	const problems: string[] = [];
	const categories = new Set(pack.categories.map((category) => category.key));
	const seen = new Set<string>();
	for (const [index, service] of pack.services.entries()) {
		if (seen.has(service.key)) problems.push(`services/${index}/key: "${service.key}" is used twice`);
		seen.add(service.key);
		if (!categories.has(service.category))
			problems.push(`services/${index}/category: "${service.category}" is not in categories`);
		if (service.priceToTiyn !== undefined && service.priceToTiyn < service.priceFromTiyn)
			problems.push(`services/${index}/priceToTiyn: below priceFromTiyn`);
	}
	if (categories.size !== pack.categories.length) problems.push('categories: a key is used twice');
	const days = pack.hours.flatMap((rule) => rule.days);
	if (new Set(days).size !== days.length) problems.push('hours: a weekday is given twice');
	for (const [index, rule] of pack.hours.entries()) {
		if (rule.close <= rule.open) problems.push(`hours/${index}: close is not after open`);
	}
	for (const [index, day] of (pack.holidays ?? []).entries()) {
		if ((day.open === undefined) !== (day.close === undefined))
			problems.push(`holidays/${index}: give open and close together, or neither for a closed day`);
	}
	return problems;
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
