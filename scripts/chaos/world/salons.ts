import { randomBytes, randomInt } from 'node:crypto';
import path from 'node:path';

import { FetchHttp } from '../../../lib/adapters/fetch-http';
import { NodeCrypto } from '../../../lib/adapters/node-crypto';
import { createPgDb } from '../../../lib/adapters/pg-db';
import { TelegramManagerChannel } from '../../../lib/adapters/telegram-manager-channel';
import { ClientKeyring } from '../../../lib/crypto/client-keys';
import type { ClientFolder } from '../../../lib/onboarding/client-definition';
import { onboardClient } from '../../../lib/onboarding/onboard-client';
import type { SandboxClientOptions } from '../../../sandbox/options';
import { readClientFolder } from '../../onboard/read-client-folder';
import { DEMO_SLUG } from '../../stack/demo-client';
import { REPOSITORY } from '../../stack/state-folder';

/** One business of the chaos world: the demo salon under another name, address and price list. */
export interface Salon {
	readonly slug: string;
	/** Last two digits of every amount in this salon's knowledge. */
	readonly priceEnding: string;
	/** Words that no other salon's knowledge has. */
	readonly marks: readonly string[];
	readonly sandbox: SandboxClientOptions;
	readonly telegramWebhookSecret: string;
}

const NAMES = [
	['Толкын', 'Ладожская'],
	['Самрук', 'Онежская'],
	['Жулдыз', 'Каспийская'],
	['Карлыгаш', 'Балхашская'],
] as const;
const PRICE_STEP_TENGE = 11;
const DEMO_NAME = /Айн[уұ]р/gu;
const DEMO_STREET = /Наурызба(?:ева|й батыр)/gu;
/** "5 000" in a text: every whole hundred that the demo salon writes is an amount; hours, days and minutes are not. */
const AMOUNT = /(?<![\d:.-])(\d{1,3}(?:[ \u00a0\u202f]\d)?)00(?!\d)/gu;

/** The most businesses that have names of their own. */
export const MAX_SALONS = NAMES.length;

/** Describes the first `count` salons, with secrets of their own. */
export function designSalons(count: number, n8nUrl: string): Salon[] {
	return NAMES.slice(0, count).map(([name, street], index) => {
		const slug = `chaos_salon_${index + 1}`;
		return {
			slug,
			priceEnding: String(PRICE_STEP_TENGE * (index + 1)),
			marks: [name, street],
			telegramWebhookSecret: token(),
			sandbox: {
				key: slug,
				name: `Салон «${name}»`,
				chatflow: { token: token(), instanceId: token() },
				telegram: { botToken: `${randomInt(1_000_000_000, 4_000_000_000)}:${token(27)}`, chatId: newChatId() },
				gateway: { url: `${n8nUrl}/webhook/${slug}`, secret: token() },
			},
		};
	});
}

const token = (bytes = 24): string => randomBytes(bytes).toString('base64url');
const newChatId = (): string => `-100${randomInt(1_000_000_000, 2_000_000_000)}`;

/** Customers of a chaos run write at once what they have to say, and nobody is limited. */
const CHAOS_SETTINGS = {
	burst: { completeMs: 100, fragmentMs: 300, maxMs: 1000 },
	rateLimitPerMinute: 100_000,
};

/**
 * Brings the salons into the database, their channels pointed at `servicesUrl`.
 * @returns the clients' ids by slug
 */
export async function onboardSalons(
	salons: readonly Salon[],
	place: { readonly adminUrl: string; readonly masterKey: string; readonly servicesUrl: string },
): Promise<ReadonlyMap<string, string>> {
	const demo = await readClientFolder(path.join(REPOSITORY, 'demo', DEMO_SLUG), path.join(REPOSITORY, 'packs'));
	const crypto = new NodeCrypto();
	const keyring = new ClientKeyring(crypto, Buffer.from(place.masterKey, 'base64'));
	const db = createPgDb({ connectionString: place.adminUrl, applicationName: 'truffles chaos', maxConnections: 1 });
	const ids = new Map<string, string>();
	try {
		for (const salon of salons) {
			const { chatflow, telegram, gateway } = salon.sandbox;
			const { clientId } = await onboardClient({
				db,
				keyring,
				crypto,
				folder: folderOf(salon, demo),
				secrets: {
					webhook_secret: gateway.secret,
					chatflow_token: chatflow.token,
					telegram_bot_token: telegram.botToken,
					telegram_webhook_secret: salon.telegramWebhookSecret,
				},
				settingsOverrides: {
					...CHAOS_SETTINGS,
					channels: {
						whatsapp: {
							provider: 'chatflow',
							baseUrl: `${place.servicesUrl}/chatflow`,
							instanceId: chatflow.instanceId,
						},
					},
					handover: {
						adapter: 'telegram',
						telegram: { apiBaseUrl: `${place.servicesUrl}/telegram`, chatId: telegram.chatId },
					},
				},
			});
			if (clientId === null) throw new Error(`${salon.slug} was not onboarded`);
			ids.set(salon.slug, clientId);
		}
	} finally {
		await db.close();
	}
	return ids;
}

/** Tells each salon's bot where its updates go. */
export async function registerBots(salons: readonly Salon[], sandboxUrl: string, n8nUrl: string): Promise<void> {
	for (const { slug, sandbox, telegramWebhookSecret } of salons) {
		const { botToken, chatId } = sandbox.telegram;
		const bot = new TelegramManagerChannel(new FetchHttp(), {
			apiBaseUrl: `${sandboxUrl}/telegram`,
			botToken,
			chatId,
		});
		const result = await bot.setWebhook(`${n8nUrl}/webhook/in/telegram/${slug}`, telegramWebhookSecret);
		if (result.kind !== 'sent') throw new Error(`the managers' bot of ${slug} refused its address (${result.code})`);
	}
}

/** The demo salon's folder with this salon's name, street and amounts everywhere. */
export function folderOf(salon: Pick<Salon, 'slug' | 'marks' | 'priceEnding'>, demo: ClientFolder): ClientFolder {
	const own = rename(demo, salon, '') as ClientFolder;
	const client = own.client as Record<string, unknown>;
	return {
		...own,
		name: salon.slug,
		client: { ...client, slug: salon.slug },
		domainPack: demo.domainPack,
	};
}

function rename(value: unknown, salon: Pick<Salon, 'marks' | 'priceEnding'>, key: string): unknown {
	const [name = '', street = ''] = salon.marks;
	if (typeof value === 'number') return /price/iu.test(key) ? value + Number(salon.priceEnding) : value;
	if (typeof value === 'string')
		return value
			.replace(DEMO_NAME, name)
			.replace(DEMO_STREET, street)
			.replace(AMOUNT, (_amount, hundreds: string) => `${hundreds}${salon.priceEnding}`);
	if (Array.isArray(value)) return value.map((entry) => rename(entry, salon, key));
	if (typeof value === 'object' && value !== null)
		return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, rename(inner, salon, name)]));
	return value;
}
