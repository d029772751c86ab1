import Ajv, { type ErrorObject } from 'ajv';

import { HANDOVER_REASONS, INTENTS, ROUTES, TURN_ITEM_SCHEMA, type TurnItem } from './turn-item';

const text = { type: 'string' } as const;
const id = { type: 'string', minLength: 1, maxLength: 200 } as const;
const flag = { type: 'boolean' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const instant = {
	type: 'string',
	pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})$',
} as const;
const replyLanguage = { enum: ['ru', 'kk'] } as const;
const orNull = (schema: object): object => ({ anyOf: [{ type: 'null' }, schema] });
const listOf = (items: object): object => ({ type: 'array', items });

/** An object whose named properties are all required; unknown ones are kept, so that people may add their own fields. */
function record(properties: Record<string, object>): object {
	return { type: 'object', required: Object.keys(properties), properties };
}

const attachment = record({
	kind: { enum: ['image', 'audio', 'video', 'document', 'location', 'contact', 'other'] },
	mimeType: orNull(text),
	fileName: orNull(text),
	sizeBytes: orNull(count),
	url: orNull(text),
	caption: orNull(text),
});

const classification = record({
	intent: { enum: INTENTS },
	intents: { type: 'array', items: { enum: INTENTS }, minItems: 1 },
	confidence: { type: 'number', minimum: 0, maximum: 1 },
	language: { enum: ['ru', 'kk', 'en', 'mixed'] },
	replyLanguage,
	entities: record({
		services: listOf(text),
		dateTimes: listOf(text),
		branch: orNull(text),
		amountsTiyn: listOf({ type: 'integer' }),
		name: orNull(text),
		hasPhone: flag,
	}),
	route: { enum: ROUTES },
	reason: text,
	sensitive: flag,
});

const retrieval = record({
	engine: { enum: ['lexical', 'qdrant'] },
	query: text,
	chunks: listOf(
		record({ id, text, title: orNull(text), source: text, score: { type: 'number' }, relevance: { type: 'number' } }),
	),
	nothingRelevant: flag,
});

const guard = record({ kind: { enum: ['passed', 'rewrite', 'refused'] }, violations: listOf(text) });

const reply = record({
	text,
	language: replyLanguage,
	source: { enum: ['template', 'facts', 'model', 'knowledge', 'fallback', 'handover'] },
	facts: listOf(text),
	guard: orNull(guard),
	rewrites: count,
});

const billingCall = record({
	id,
	provider: text,
	model: text,
	purpose: { enum: ['reply', 'rewrite', 'classify', 'embedding', 'transcription'] },
	status: { enum: ['ok', 'refused', 'unreachable', 'malformed'] },
	errorCode: orNull(text),
	inputTokens: count,
	cachedInputTokens: count,
	cacheWriteTokens: count,
	outputTokens: count,
	reasoningTokens: count,
	tier: orNull(text),
	costUsd: { type: 'string', pattern: '^\\d+(\\.\\d{1,9})?$' },
	latencyMs: { type: 'number', minimum: 0 },
});

/** JSON schema of the standard item, as it stands at the door of every sub-workflow. */
export const TURN_ITEM_JSON_SCHEMA: object = record({
	schema: { const: TURN_ITEM_SCHEMA },
	client: record({ id, slug: id, name: text, timeZone: id, defaultLanguage: replyLanguage, configVersion: count }),
	branch: orNull(record({ id, key: id, name: text })),
	user: record({ id, displayName: orNull(text) }),
	conversation: record({
		id,
		channel: { enum: ['whatsapp', 'telegram', 'instagram'] },
		isFirstTurn: flag,
		humanActive: flag,
		openHandoverId: orNull(id),
	}),
	turn: record({ id, attempt: count, receivedAt: instant, messageIds: listOf(id) }),
	text,
	attachments: listOf(attachment),
	history: listOf(record({ author: { enum: ['user', 'bot', 'manager', 'system'] }, text, at: instant })),
	classification: orNull(classification),
	retrieval: orNull(retrieval),
	reply: orNull(reply),
	handover: orNull(record({ reason: { enum: HANDOVER_REASONS }, id: orNull(id), notified: flag })),
	outcome: orNull(record({ kind: { enum: ['answered', 'handed_over', 'held', 'ignored'] }, reason: text })),
	billing: listOf(billingCall),
	notes: listOf(text),
});

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile<TurnItem>(TURN_ITEM_JSON_SCHEMA);

/** A standard item, or the first reasons why the value is not one. `problem` names paths, never values. */
export type TurnItemResult =
	{ readonly ok: true; readonly item: TurnItem } | { readonly ok: false; readonly problem: string };

/**
 * Reads the JSON of an n8n item as a standard item.
 *
 * The value itself is returned, not a copy: callers build changed items with object spread and never write
 * into it. Fields that the schema does not know are kept.
 */
export function parseTurnItem(json: unknown): TurnItemResult {
	if (validate(json)) return { ok: true, item: json };
	return { ok: false, problem: describeProblems(validate.errors ?? []) };
}

/** True when the value says it is a standard item; whether it is a complete one tells `parseTurnItem`. */
export function claimsToBeTurnItem(json: unknown): boolean {
	return typeof json === 'object' && json !== null && (json as { schema?: unknown }).schema === TURN_ITEM_SCHEMA;
}

const MAX_PROBLEMS = 5;

function describeProblems(errors: readonly ErrorObject[]): string {
	const lines = errors
		.filter((error) => error.keyword !== 'anyOf' && !isNullAlternative(error))
		.map((error) => `${error.instancePath === '' ? 'item' : error.instancePath} ${error.message ?? 'is invalid'}`);
	const unique = [...new Set(lines)];
	const shown = unique.slice(0, MAX_PROBLEMS).join('; ');
	return unique.length > MAX_PROBLEMS ? `${shown}; and ${unique.length - MAX_PROBLEMS} more` : shown;
}

/** "must be null" is only the other branch of a nullable field; the branch that names the real problem is kept. */
function isNullAlternative(error: ErrorObject): boolean {
	return error.keyword === 'type' && (error.params as { type?: unknown }).type === 'null';
}
