import { randomBytes } from 'node:crypto';

const TIMEOUT_MS = 20_000;
const MS_PER_S = 1000;
const MESSAGE_ID_BYTES = 10;

export interface CustomerMessage {
	/** Where deliveries go: n8n, or in queue mode its webhook process. */
	readonly webhookUrl: string;
	readonly clientSlug: string;
	readonly webhookSecret: string;
	/** As people write it; only the digits count. */
	readonly phone: string;
	readonly name: string;
	readonly text: string;
}

export interface GatewayAnswer {
	/** Null when there was no answer. */
	readonly status: number | null;
	/** Code and words of a refusal; null when accepted. */
	readonly problem: string | null;
	/** Our id of the message, by which the turn is found. */
	readonly messageId: string;
}

/** Sends one text as the WhatsApp gateway ChatFlow would, to the short public address of a client. */
export async function sendAsCustomer(message: CustomerMessage): Promise<GatewayAnswer> {
	const digits = message.phone.replace(/\D/g, '');
	const messageId = randomBytes(MESSAGE_ID_BYTES).toString('hex').toUpperCase();
	const body = {
		messageType: 'text',
		message: message.text,
		metadata: {
			sender: digits,
			timestamp: Math.floor(Date.now() / MS_PER_S),
			messageId,
			remoteJid: `${digits}@s.whatsapp.net`,
			pushName: message.name,
		},
		mediaData: null,
		nodeData: {},
	};
	const response = await fetch(`${message.webhookUrl}/webhook/${message.clientSlug}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', 'x-webhook-secret': message.webhookSecret },
		body: JSON.stringify(body),
		signal: AbortSignal.timeout(TIMEOUT_MS),
	}).catch(() => null);
	if (response === null) return { status: null, problem: 'the gateway did not answer', messageId };
	if (response.ok) return { status: response.status, problem: null, messageId };
	const answer = (await response.json().catch(() => ({}))) as { error?: { code?: unknown; message?: unknown } };
	return {
		status: response.status,
		problem: `${String(answer.error?.code ?? response.status)}: ${String(answer.error?.message ?? 'refused')}`,
		messageId,
	};
}
