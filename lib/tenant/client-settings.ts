/** Settings of one client, as stored in `client_settings.settings`. They hold no secrets; those are in `client_secrets`. */
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { CHANNEL_SETTINGS_SCHEMA, channelProblems, type ChannelSettings } from './channel-settings';
import { DELIVERY_SETTINGS_SCHEMA, type DeliverySettings } from './delivery-settings';
import { MODEL_SETTINGS_SCHEMA, type ModelSettings } from './model-settings';
import { describeSchemaProblems } from './schema-problems';

/** Names a secret of a client can have. `…_previous` is accepted beside the current one while a secret is changed. */
export const SECRET_NAMES = [
	'webhook_secret',
	'webhook_secret_previous',
	'chatflow_token',
	'whatsapp_access_token',
	'meta_app_secret',
	'meta_app_secret_previous',
	'meta_verify_token',
	'standard_webhooks_secret',
	'standard_webhooks_secret_previous',
	'telegram_bot_token',
	'telegram_webhook_secret',
	'telegram_webhook_secret_previous',
	'handover_webhook_secret',
	'model_api_key',
] as const;
export type SecretName = (typeof SECRET_NAMES)[number];

export const HANDOVER_ADAPTERS = ['telegram', 'webhook'] as const;
export type HandoverAdapterName = (typeof HANDOVER_ADAPTERS)[number];

export interface HandoverSettings {
	readonly adapter: HandoverAdapterName;
	/** Tried when `adapter` fails. */
	readonly fallbackAdapter?: HandoverAdapterName;
	readonly telegram?: { readonly apiBaseUrl: string; readonly chatId: string };
	readonly webhook?: { readonly url: string };
}

/** How long the bot waits for the rest of a burst, milliseconds. */
export interface BurstWait {
	readonly completeMs: number;
	readonly fragmentMs: number;
	readonly maxMs: number;
}

export interface WorkingHours {
	/** 1 = Monday ... 7 = Sunday. */
	readonly days: readonly number[];
	/** Local wall time `HH:MM`. */
	readonly open: string;
	readonly close: string;
}

export interface ClientSettings {
	readonly channels: ChannelSettings;
	/** Absent: handovers stay pending and are seen in the database only. */
	readonly handover?: HandoverSettings;
	readonly burst: BurstWait;
	readonly rateLimitPerMinute: number;
	readonly delivery: DeliverySettings;
	readonly model: ModelSettings;
	/** Words that pass the conversation to a person at once, besides the built-in ones. */
	readonly stopWords: readonly string[];
	readonly replyTone?: string;
	/** When managers answer; absent means always. */
	readonly handoverWorkingHours?: readonly WorkingHours[];
}

export type ParsedSettings =
	| { readonly ok: true; readonly settings: ClientSettings }
	| { readonly ok: false; readonly problems: readonly string[] };

/** Requests per minute of one client when the settings do not say. */
export const DEFAULT_RATE_LIMIT_PER_MINUTE = 100;

const URL_TEXT = { type: 'string', format: 'uri', pattern: '^https?://' };
const TIME = { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' };
const closed = (properties: Record<string, unknown>, required: readonly string[] = []) => ({
	type: 'object',
	additionalProperties: false,
	properties,
	required,
});

const SCHEMA = closed(
	{
		channels: CHANNEL_SETTINGS_SCHEMA,
		handover: closed(
			{
				adapter: { enum: HANDOVER_ADAPTERS },
				fallbackAdapter: { enum: HANDOVER_ADAPTERS },
				telegram: closed(
					{
						apiBaseUrl: { ...URL_TEXT, default: 'https://api.telegram.org' },
						chatId: { type: 'string', pattern: '^(-?\\d+|@\\w+)$' },
					},
					['chatId'],
				),
				webhook: closed({ url: URL_TEXT }, ['url']),
			},
			['adapter'],
		),
		burst: {
			...closed({
				completeMs: { type: 'integer', minimum: 0, maximum: 60_000, default: 1_500 },
				fragmentMs: { type: 'integer', minimum: 0, maximum: 60_000, default: 6_000 },
				maxMs: { type: 'integer', minimum: 0, maximum: 60_000, default: 12_000 },
			}),
			default: {},
		},
		rateLimitPerMinute: { type: 'integer', minimum: 1, maximum: 1_000_000, default: DEFAULT_RATE_LIMIT_PER_MINUTE },
		delivery: DELIVERY_SETTINGS_SCHEMA,
		model: MODEL_SETTINGS_SCHEMA,
		stopWords: { type: 'array', items: { type: 'string', minLength: 1 }, default: [] },
		replyTone: { type: 'string', minLength: 1 },
		handoverWorkingHours: {
			type: 'array',
			items: closed(
				{
					days: { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'integer', minimum: 1, maximum: 7 } },
					open: TIME,
					close: TIME,
				},
				['days', 'open', 'close'],
			),
		},
	},
	['model'],
);

const validate = addFormats(new Ajv({ allErrors: true, useDefaults: true, verbose: true })).compile(SCHEMA);

/**
 * Checks settings and fills in what has a default; the result is frozen.
 *
 * @returns all problems together, each with its path; unknown keys are problems.
 */
export function parseClientSettings(data: unknown): ParsedSettings {
	const copy: unknown = withTextChatId(structuredClone(data));
	if (!validate(copy)) return { ok: false, problems: describeSchemaProblems(validate.errors, 'settings') };
	const settings = copy as unknown as ClientSettings;
	const problems = consistencyProblems(settings);
	return problems.length > 0 ? { ok: false, problems } : { ok: true, settings: deepFreeze(settings) };
}

/** YAML reads `chatId: -1001234` as a number; Telegram's ids are texts to us. */
function withTextChatId(data: unknown): unknown {
	const telegram = (data as { handover?: { telegram?: { chatId?: unknown } } } | null)?.handover?.telegram;
	if (telegram && Number.isSafeInteger(telegram.chatId)) telegram.chatId = String(telegram.chatId);
	return data;
}

function consistencyProblems({ channels, handover, burst }: ClientSettings): string[] {
	const problems = channelProblems(channels);
	for (const [field, adapter] of [
		['adapter', handover?.adapter],
		['fallbackAdapter', handover?.fallbackAdapter],
	] as const) {
		if (adapter && !handover?.[adapter])
			problems.push(`settings/handover/${field}: is ${adapter}, but settings/handover/${adapter} is missing`);
	}
	if (burst.completeMs > burst.fragmentMs || burst.fragmentMs > burst.maxMs) {
		problems.push('settings/burst: must grow, completeMs <= fragmentMs <= maxMs');
	}
	return problems;
}

function deepFreeze<T>(value: T): T {
	if (typeof value === 'object' && value !== null) {
		Object.values(value).forEach(deepFreeze);
		Object.freeze(value);
	}
	return value;
}
