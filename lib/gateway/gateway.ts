import { parseChatflowBody } from '../channels/chatflow-events';
import type { InboundEvent, ParsedBody } from '../channels/inbound-event';
import { parseTelegramManagerUpdate } from '../channels/telegram-manager-events';
import { ERRORS, type ErrorCode, formatError, TrufflesError } from '../errors';
import { burstWaitMs, type BurstSettings } from '../inbox/burst-wait';
import { acceptEvents, type EventRow } from '../inbox/inbox-store';
import { isCompleteQuestion } from '../language/complete-question';
import type { Clock } from '../ports/clock';
import type { Crypto } from '../ports/crypto';
import type { Db } from '../ports/db';
import type { Kv } from '../ports/kv';
import type { ClientSettings } from '../tenant/client-settings';
import type { ResolvedClient } from '../tenant/tenant-store';
import { isSecretRight } from './authenticate';

const RATE_WINDOW_MS = 60_000;

/** One HTTP request as the gateway needs it; the body is read only after the checks that need no body. */
export interface GatewayRequest {
	readonly channel: string;
	readonly clientSlug: string;
	/** Lower-case names. */
	readonly headers: Readonly<Record<string, string | undefined>>;
	readonly querySecret: string | null;
	/** From Content-Length; null when the request does not say. */
	readonly contentLength: number | null;
	/** Throws TRF_WEBHOOK_BODY_TOO_LARGE when the server's own limit was met while reading. */
	readonly readBody: () => Promise<Buffer>;
}

export interface GatewayResponse {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Readonly<Record<string, unknown>>;
}

export interface GatewayPorts {
	readonly db: Db;
	readonly kv: Kv;
	readonly clock: Clock;
	readonly crypto: Crypto;
	readonly resolveClient: (slug: string) => Promise<ResolvedClient | null>;
	readonly settings: (client: ResolvedClient) => Promise<ClientSettings>;
	readonly secret: (client: ResolvedClient, name: string) => Promise<string | null>;
	/** Told why a delivery was answered with 503; the sender only learns that it must repeat. */
	readonly onProblem: (error: unknown) => void;
}

interface ChannelDoor {
	/** Name in `client_secrets` of the secret that opens this door. */
	readonly secretName: string;
	readonly presentedSecret: (request: GatewayRequest) => string | null;
	readonly parse: (body: unknown) => ParsedBody;
}

/** How each channel authenticates and what its bodies look like. */
const DOORS: Readonly<Record<string, ChannelDoor>> = {
	whatsapp: {
		secretName: 'webhook_secret',
		presentedSecret: (request) => request.headers['x-webhook-secret'] ?? request.querySecret,
		parse: parseChatflowBody,
	},
	telegram: {
		secretName: 'telegram_webhook_secret',
		presentedSecret: (request) => request.headers['x-telegram-bot-api-secret-token'] ?? null,
		parse: parseTelegramManagerUpdate,
	},
};

/**
 * Handles one webhook delivery: client, secret, state, rate, size, JSON, then one commit, then 200.
 *
 * Never throws; no answer holds a secret, phone or text. 503 means nothing was stored, whatever went wrong, so the
 * sender repeats. No n8n execution is started here.
 */
export async function handleWebhook(
	ports: GatewayPorts,
	request: GatewayRequest,
	maxBodyBytes: number,
): Promise<GatewayResponse> {
	try {
		return await accept(ports, request, maxBodyBytes);
	} catch (error) {
		if (error instanceof TrufflesError && error.code === 'TRF_WEBHOOK_BODY_TOO_LARGE')
			return refuse(error.code, error.details);
		ports.onProblem(error);
		return refuse('TRF_DB_UNREACHABLE', { detail: 'the gateway could not store the delivery' }, { 'retry-after': '5' });
	}
}

async function accept(ports: GatewayPorts, request: GatewayRequest, maxBodyBytes: number): Promise<GatewayResponse> {
	const door = Object.hasOwn(DOORS, request.channel) ? DOORS[request.channel] : undefined;
	if (door === undefined) return refuse('TRF_CHANNEL_UNKNOWN', { known: Object.keys(DOORS).join(', ') });
	const maxKb = Math.floor(maxBodyBytes / 1024);
	if ((request.contentLength ?? 0) > maxBodyBytes) return refuse('TRF_WEBHOOK_BODY_TOO_LARGE', { maxKb });

	const client = await ports.resolveClient(request.clientSlug);
	if (client === null) return refuse('TRF_CLIENT_UNKNOWN');
	const secret = await ports.secret(client, door.secretName);
	if (!isSecretRight(ports.crypto, door.presentedSecret(request), secret)) return refuse('TRF_WEBHOOK_UNAUTHORIZED');
	if (client.status !== 'active') {
		await audit(ports, client.id, 'webhook_ignored', { reason: 'client_suspended', channel: request.channel });
		return answer(200, { status: 'ignored' });
	}
	const rate = await ports.kv.increment(`rate:${client.id}`, RATE_WINDOW_MS);
	if (rate.count > client.rateLimitPerMinute) {
		return refuse(
			'TRF_WEBHOOK_RATE_LIMITED',
			{},
			{ 'retry-after': String(Math.max(1, Math.ceil(rate.remainingMs / 1000))) },
		);
	}

	const raw = await request.readBody();
	if (raw.length > maxBodyBytes) return refuse('TRF_WEBHOOK_BODY_TOO_LARGE', { maxKb });
	const parsed = parseJsonBody(raw, door.parse);
	if (!parsed.ok) return refuse('TRF_WEBHOOK_BODY_INVALID', { channel: request.channel, problem: parsed.problem });

	const settings = await ports.settings(client);
	const rows: EventRow[] = [];
	for (const event of parsed.events) {
		if (!isFromOwnGroup(event, settings)) continue;
		rows.push(toRow(ports.crypto, client, request.channel, event, raw, settings.burst));
	}
	if (rows.length === 0) return answer(200, { status: 'ignored' });
	const stored = await acceptEvents(ports.db, client.id, request.channel, rows, settings.burst.maxMs);
	return answer(200, { status: stored.accepted > 0 ? 'accepted' : 'repeated' });
}

function parseJsonBody(raw: Buffer, parse: (body: unknown) => ParsedBody): ParsedBody {
	let body: unknown;
	try {
		body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
	} catch {
		return { ok: false, problem: 'it is not JSON in UTF-8' };
	}
	return parse(body);
}

/** Buttons and replies count only from the managers' group of this client. */
function isFromOwnGroup(event: InboundEvent, settings: ClientSettings): boolean {
	if (event.kind !== 'manager_action' && event.kind !== 'manager_message') return true;
	return event.chatId === String(settings.handover?.telegram?.chatId ?? '');
}

function toRow(
	crypto: Crypto,
	client: ResolvedClient,
	channel: string,
	event: InboundEvent,
	raw: Buffer,
	burst: BurstSettings,
): EventRow {
	const base = {
		id: crypto.uuid(),
		providerEventId: event.providerEventId,
		kind: event.kind,
		providerAt: event.providerAt,
		rawEnc: client.key.encrypt(raw.toString('utf8'), 'inbound_events.raw'),
	};
	if (event.kind === 'message' || event.kind === 'echo') {
		const { address, providerEventId: _id, providerAt: _at, kind: _kind, ...rest } = event;
		const isComplete = event.kind === 'echo' || event.attachments.length > 0 || isCompleteQuestion(event.text);
		return {
			...base,
			lane: {
				key: client.key.addressHash(channel, address),
				kind: 'user',
				waitMs: event.kind === 'echo' ? 0 : burstWaitMs(isComplete, burst),
			},
			event: rest,
			senderEnc: client.key.encrypt(address, 'inbound_events.sender'),
		};
	}
	if (event.kind === 'status') {
		return { ...base, lane: null, event: { messageId: event.messageId, status: event.status }, senderEnc: null };
	}
	const { providerEventId, providerAt: _at, kind: _kind, ...rest } = event;
	return {
		...base,
		lane: { key: `manager:${providerEventId}`, kind: 'manager', waitMs: 0 },
		event: rest,
		senderEnc: null,
	};
}

async function audit(
	ports: GatewayPorts,
	clientId: string,
	action: string,
	detail: Record<string, unknown>,
): Promise<void> {
	await ports.db.query('select truffles.write_audit($1, $2, $3, $4::jsonb)', [
		clientId,
		'gateway',
		action,
		JSON.stringify(detail),
	]);
}

function answer(status: number, body: Record<string, unknown>, headers: Record<string, string> = {}): GatewayResponse {
	return { status, headers, body };
}

function refuse(
	code: ErrorCode,
	details: Readonly<Record<string, string | number>> = {},
	headers: Record<string, string> = {},
): GatewayResponse {
	return answer(ERRORS[code].status, { error: { code, message: formatError(code, details) } }, headers);
}
