/** The part of a client's settings that says which channels it has and how their webhooks prove who they are. */
import { fullFormats } from 'ajv-formats/dist/formats';

/**
 * How a channel's webhook is authenticated: a shared secret in `X-Webhook-Secret` (or `?secret=`), Telegram's secret
 * token, Meta's `X-Hub-Signature-256`, or the Standard Webhooks signature.
 */
export const AUTH_SCHEMES = ['secret', 'telegram_token', 'meta_signature', 'standard_webhooks'] as const;
export type AuthScheme = (typeof AUTH_SCHEMES)[number];

/** WhatsApp is reached through one of these; `instanceId` is Meta's and 360dialog's phone number id. */
export const WHATSAPP_PROVIDERS = ['chatflow', 'meta', '360dialog'] as const;
export type WhatsappProvider = (typeof WHATSAPP_PROVIDERS)[number];

/** Who may deliver to a channel. */
export interface WebhookSettings {
	/** Absent: what the provider uses by itself. */
	readonly auth?: AuthScheme;
	/** Addresses and CIDR ranges, IPv4 or IPv6, from which deliveries are taken; absent: from everywhere. */
	readonly allowFrom?: readonly string[];
}

export interface WhatsappSettings extends WebhookSettings {
	readonly provider: WhatsappProvider;
	readonly baseUrl: string;
	readonly instanceId: string;
}

export interface ChannelSettings {
	readonly whatsapp?: WhatsappSettings;
	/** The managers' group. */
	readonly telegram?: WebhookSettings;
}

const webhookProperties = (schemes: readonly AuthScheme[]) => ({
	auth: { enum: schemes },
	allowFrom: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
});

/** JSON schema of {@link ChannelSettings}; unknown keys are refused. */
export const CHANNEL_SETTINGS_SCHEMA = {
	type: 'object',
	additionalProperties: false,
	default: {},
	properties: {
		whatsapp: {
			type: 'object',
			additionalProperties: false,
			properties: {
				provider: { enum: WHATSAPP_PROVIDERS },
				baseUrl: { type: 'string', format: 'uri', pattern: '^https?://' },
				instanceId: { type: 'string', minLength: 1 },
				...webhookProperties(['secret', 'meta_signature', 'standard_webhooks']),
			},
			required: ['provider', 'baseUrl', 'instanceId'],
		},
		telegram: {
			type: 'object',
			additionalProperties: false,
			properties: webhookProperties(['telegram_token']),
		},
	},
};

/** What the schema cannot say: every entry of `allowFrom` must be an address or a range. */
export function channelProblems(channels: ChannelSettings): string[] {
	return Object.entries(channels).flatMap(([name, channel]: [string, WebhookSettings]) =>
		(channel.allowFrom ?? []).flatMap((range, index) =>
			isAddressRange(range)
				? []
				: [
						`settings/channels/${name}/allowFrom/${index}: is no address or CIDR range such as 203.0.113.7 or 2001:db8::/32`,
					],
		),
	);
}

function isAddressRange(text: string): boolean {
	const [address = '', prefix, ...rest] = text.split('/');
	if (rest.length > 0) return false;
	const isV4 = matches(fullFormats.ipv4, address);
	if (!isV4 && !matches(fullFormats.ipv6, address)) return false;
	return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (isV4 ? 32 : 128));
}

function matches(format: unknown, text: string): boolean {
	return format instanceof RegExp && format.test(text);
}
