import type { StackSecrets } from './stack-secrets';
import { EXIT, StackProblem } from './stack-problem';

/** Slug of the fictitious client that every local stack serves. */
export const DEMO_SLUG = 'demo_salon';

const TIMEOUT_MS = 10_000;

export interface DemoOnboarding {
	readonly adminUrl: string;
	readonly masterKey: string;
	readonly sandboxUrl: string;
	readonly secrets: StackSecrets;
}

/** Brings the demo salon's folder into the database, its channels pointed at the sandbox. Returns what changed, in words. */
export async function onboardDemo(_onboarding: DemoOnboarding): Promise<string> {
	throw new StackProblem('not there yet');
}

/** Tells the managers' bot where its updates go, as a business does once with Telegram. */
export async function registerManagerBot(sandboxUrl: string, n8nUrl: string, secrets: StackSecrets): Promise<void> {
	const response = await fetch(`${sandboxUrl}/telegram/bot${secrets.telegramBotToken}/setWebhook`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ url: `${n8nUrl}/webhook/in/telegram/${DEMO_SLUG}`, secret_token: secrets.telegramWebhookSecret, allowed_updates: ['message', 'callback_query'] }),
		signal: AbortSignal.timeout(TIMEOUT_MS),
	});
	if (!response.ok) throw new StackProblem(`The managers' bot refused its webhook address (${response.status}).`, EXIT.failed);
}
