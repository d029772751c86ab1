import { parseChatflowBody } from '../channels/chatflow-events';
import type { ParsedBody } from '../channels/inbound-event';
import { parseMetaBody } from '../channels/meta-events';
import { parseTelegramManagerUpdate } from '../channels/telegram-manager-events';
import type { AuthScheme, WebhookSettings } from '../tenant/channel-settings';
import type { ClientSettings } from '../tenant/client-settings';

/** How deliveries of one client's channel authenticate and what their bodies look like. */
export interface Door {
	readonly scheme: AuthScheme;
	/** Absent: from everywhere. */
	readonly allowFrom?: readonly string[];
	readonly parse: (body: unknown) => ParsedBody;
}

interface Provider {
	readonly scheme: AuthScheme;
	readonly parse: (body: unknown, instanceId: string | null) => ParsedBody;
}

/** What each WhatsApp provider uses when the settings do not say. 360dialog passes Meta's body on, without Meta's signature. */
const WHATSAPP: Readonly<Record<'chatflow' | 'meta' | '360dialog', Provider>> = {
	chatflow: { scheme: 'secret', parse: parseChatflowBody },
	meta: { scheme: 'meta_signature', parse: parseMetaBody },
	'360dialog': { scheme: 'secret', parse: parseMetaBody },
};

const OPENERS: Readonly<Record<string, (settings: ClientSettings) => Door>> = {
	whatsapp: ({ channels: { whatsapp } }) => {
		const { scheme, parse } = WHATSAPP[whatsapp?.provider ?? 'chatflow'];
		return door(scheme, whatsapp, (body) => parse(body, whatsapp?.instanceId ?? null));
	},
	telegram: ({ channels: { telegram } }) => door('telegram_token', telegram, parseTelegramManagerUpdate),
};

/** Names of the channels that have an address. */
export const CHANNELS = Object.keys(OPENERS);

/** True for the last but one part of an address `/webhook/in/<channel>/<client>`. */
export function isChannel(name: string): boolean {
	return Object.hasOwn(OPENERS, name);
}

/** The door of a client's channel; null for a channel that does not exist. */
export function doorOf(channel: string, settings: ClientSettings): Door | null {
	return isChannel(channel) ? (OPENERS[channel]?.(settings) ?? null) : null;
}

function door(scheme: AuthScheme, settings: WebhookSettings | undefined, parse: Door['parse']): Door {
	return { scheme: settings?.auth ?? scheme, allowFrom: settings?.allowFrom, parse };
}
