import path from 'node:path';
import { FetchHttp } from '../../lib/adapters/fetch-http';
import { NodeCrypto } from '../../lib/adapters/node-crypto';
import { createPgDb } from '../../lib/adapters/pg-db';
import { TelegramManagerChannel } from '../../lib/adapters/telegram-manager-channel';
import { ClientKeyring } from '../../lib/crypto/client-keys';
import { onboardClient } from '../../lib/onboarding/onboard-client';
import { type IndexTarget, indexKnowledge } from '../onboard/index-knowledge';
import { readClientFolder } from '../onboard/read-client-folder';
import { EXIT, StackProblem } from './stack-problem';
import type { StackSecrets } from './stack-secrets';
import { REPOSITORY } from './state-folder';

/** Slug of the fictitious client that every local stack serves. */
export const DEMO_SLUG = 'demo_salon';

export interface DemoOnboarding {
	readonly adminUrl: string;
	readonly masterKey: string;
	readonly sandboxUrl: string;
	readonly secrets: StackSecrets;
	/** Null without QDRANT_URL. */
	readonly index: IndexTarget | null;
}

/** Brings the demo salon's folder into the database, its channels pointed at the sandbox. Returns what changed, in words. */
export async function onboardDemo({
	adminUrl,
	masterKey,
	sandboxUrl,
	secrets,
	index,
}: DemoOnboarding): Promise<string> {
	const folder = await readClientFolder(path.join(REPOSITORY, 'demo', DEMO_SLUG), path.join(REPOSITORY, 'packs'));
	const crypto = new NodeCrypto();
	const db = createPgDb({ connectionString: adminUrl, applicationName: 'truffles start', maxConnections: 2 });
	try {
		const result = await onboardClient({
			db,
			keyring: new ClientKeyring(crypto, Buffer.from(masterKey, 'base64')),
			crypto,
			folder,
			secrets: {
				webhook_secret: secrets.webhookSecret,
				chatflow_token: secrets.chatflowToken,
				telegram_bot_token: secrets.telegramBotToken,
				telegram_webhook_secret: secrets.telegramWebhookSecret,
			},
			settingsOverrides: {
				channels: {
					whatsapp: { provider: 'chatflow', baseUrl: `${sandboxUrl}/chatflow`, instanceId: secrets.chatflowInstanceId },
				},
				handover: {
					adapter: 'telegram',
					telegram: { apiBaseUrl: `${sandboxUrl}/telegram`, chatId: secrets.telegramChatId },
				},
			},
		});
		const indexed =
			index === null || result.clientId === null
				? ''
				: `, ${await indexKnowledge(db, { id: result.clientId, slug: result.slug }, index)}`;
		return `${result.created ? 'new' : result.changes.length === 0 ? 'unchanged' : `${result.changes.length} changes`}${indexed}`;
	} finally {
		await db.close();
	}
}

/** Tells the managers' bot where its updates go, as a business does once with Telegram. */
export async function registerManagerBot(sandboxUrl: string, webhookUrl: string, secrets: StackSecrets): Promise<void> {
	const bot = new TelegramManagerChannel(new FetchHttp(), {
		apiBaseUrl: `${sandboxUrl}/telegram`,
		botToken: secrets.telegramBotToken,
		chatId: secrets.telegramChatId,
	});
	const result = await bot.setWebhook(`${webhookUrl}/webhook/in/telegram/${DEMO_SLUG}`, secrets.telegramWebhookSecret);
	if (result.kind === 'sent') return;
	throw new StackProblem(`The managers' bot refused its webhook address (${result.code}).`, EXIT.failed);
}
