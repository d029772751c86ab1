import type { ClientAccess } from './client-access';
import { sendAsCustomer } from './gateway-message';
import { waitForTurn, type TurnResult } from './turn-outcome';

/** One question asked through the real gateway, and how it ended. */
export type Asked =
	| { readonly kind: 'ended'; readonly result: TurnResult; readonly latencyMs: number }
	| { readonly kind: 'refused'; readonly problem: string; readonly status: number | null }
	| { readonly kind: 'no_outcome'; readonly waitedMs: number };

/** Sends a message as a customer and waits for its recorded outcome and the delivery of the reply. */
export async function askSalon(
	webhookUrl: string,
	client: ClientAccess,
	phone: string,
	text: string,
	timeoutMs: number,
): Promise<Asked> {
	const startedMs = performance.now();
	const answer = await sendAsCustomer({
		webhookUrl,
		clientSlug: client.clientSlug,
		webhookSecret: client.webhookSecret,
		phone,
		name: 'Покупатель',
		text,
	});
	if (answer.problem !== null) return { kind: 'refused', problem: answer.problem, status: answer.status };
	const result = await waitForTurn(client.db, client.clientId, answer.messageId, timeoutMs);
	if (result === null) return { kind: 'no_outcome', waitedMs: timeoutMs };
	return { kind: 'ended', result, latencyMs: Math.round(performance.now() - startedMs) };
}
