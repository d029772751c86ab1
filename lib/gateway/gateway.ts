import type { InboundEvent } from '../channels/inbound-event';
import { ERRORS, type ErrorCode, formatError, TrufflesError } from '../errors';
import { type Acceptance, type AcceptanceKey, type EventsJson, eventsJson } from '../inbox/accept-deliveries';
import type { AddressRanges } from '../ports/address-ranges';
import type { Clock } from '../ports/clock';
import type { Crypto } from '../ports/crypto';
import type { Db } from '../ports/db';
import type { Grouped } from '../ports/grouped';
import type { Kv } from '../ports/kv';
import type { ClientSettings, SecretName } from '../tenant/client-settings';
import type { ResolvedClient } from '../tenant/tenant-store';
import { isSecretRight, type Presented, SCHEMES, SECRETS_OF_SCHEME } from './authenticate';
import { CHANNELS, doorOf, type Door, isChannel } from './doors';
import { buildEventRows } from './event-row';
import { parseJsonBody } from './json-body';
import { countDelivery } from './rate-limit';

/** SQLSTATE. */
const DEADLOCK_DETECTED = '40P01';
/** Meta's challenge is a number of some ten digits. */
const MAX_CHALLENGE_CHARS = 256;

/** One HTTP request as the gateway needs it; the body is read only after the checks that need no body. */
export interface GatewayRequest extends Presented {
	readonly channel: string;
	readonly clientSlug: string;
	/** The sender's address; null when it cannot be known. See `source-address.ts`. */
	readonly sourceAddress: string | null;
	/** From Content-Length; null when the request does not say. */
	readonly contentLength: number | null;
	/** May be asked more than once. Throws TRF_WEBHOOK_BODY_TOO_LARGE when the server's own limit was met while reading. */
	readonly readBody: () => Promise<Buffer>;
}

/** The question by which Meta finds out, once, that an address belongs to the business. */
export interface ChallengeRequest {
	readonly channel: string;
	readonly clientSlug: string;
	readonly sourceAddress: string | null;
	readonly mode: string | null;
	readonly verifyToken: string | null;
	readonly challenge: string | null;
}

export interface GatewayResponse {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	/** A text is answered as it is (`text/plain`), an object as JSON. */
	readonly body: string | Readonly<Record<string, unknown>>;
}

export interface GatewayPorts {
	readonly db: Db;
	readonly kv: Kv;
	readonly clock: Clock;
	readonly crypto: Crypto;
	readonly resolveClient: (slug: string) => Promise<ResolvedClient | null>;
	/** The active client as it was found last, perhaps outdated; null when this process has not looked for it yet. */
	readonly rememberedClient: (slug: string) => ResolvedClient | null;
	readonly settings: (client: ResolvedClient) => Promise<ClientSettings>;
	/** Those of these secrets that the client has. */
	readonly secrets: (client: ResolvedClient, names: readonly SecretName[]) => Promise<readonly string[]>;
	/** Commits what was delivered; the key is an `AcceptanceKey` as JSON. */
	readonly acceptDelivery: Grouped<EventsJson, Acceptance>;
	readonly addressRanges: (ranges: readonly string[]) => AddressRanges;
	/** Told why a delivery was answered with 503; the sender only learns that it must repeat. */
	readonly onProblem: (error: unknown) => void;
}

/**
 * Handles one webhook delivery: client, address, secret or signature, state, size, JSON, rate, then one commit, then 200.
 *
 * Never throws; no answer holds a secret, phone or text. 503 means nothing was stored, whatever went wrong, so the
 * sender repeats. No n8n execution is started here.
 */
export async function handleWebhook(
	ports: GatewayPorts,
	request: GatewayRequest,
	maxBodyBytes: number,
): Promise<GatewayResponse> {
	return await answered(ports, async () => {
		// One round trip less. What is remembered decides nothing: the database accepts only what was checked with the
		// client's present configuration, and whatever else comes of it is found out anew.
		const remembered = ports.rememberedClient(request.clientSlug);
		if (remembered !== null) {
			const attempt = await accept(ports, request, maxBodyBytes, { resolve: async () => remembered, isChecked: true });
			if (attempt.isStored) return attempt.response;
		}
		return (await accept(ports, request, maxBodyBytes, { resolve: ports.resolveClient, isChecked: false })).response;
	});
}

/**
 * Answers Meta's `GET ?hub.mode=subscribe&hub.verify_token=…&hub.challenge=…` with the challenge when the token is the
 * client's own. A client without a token has no such address. Never throws.
 */
export async function handleChallenge(ports: GatewayPorts, request: ChallengeRequest): Promise<GatewayResponse> {
	return await answered(ports, async () => {
		const found = await findDoor(ports, request);
		if ('status' in found) return found;
		const tokens = await ports.secrets(found.client, ['meta_verify_token']);
		const isRight = isSecretRight(ports.crypto, request.verifyToken, tokens);
		const { challenge } = request;
		if (!isRight || request.mode !== 'subscribe' || challenge === null || challenge.length > MAX_CHALLENGE_CHARS)
			return refuse('TRF_WEBHOOK_UNAUTHORIZED');
		return { status: 200, headers: {}, body: challenge };
	});
}

async function answered(ports: GatewayPorts, work: () => Promise<GatewayResponse>): Promise<GatewayResponse> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof TrufflesError && error.code === 'TRF_WEBHOOK_BODY_TOO_LARGE')
			return refuse(error.code, error.details);
		ports.onProblem(error);
		return refuse('TRF_DB_UNREACHABLE', { detail: 'the gateway could not store the delivery' }, { 'retry-after': '5' });
	}
}

interface Attempt {
	readonly isStored: boolean;
	readonly response: GatewayResponse;
}

/** @param how `isChecked`: the database stores nothing if the client's configuration is not the one resolved */
async function accept(
	ports: GatewayPorts,
	request: GatewayRequest,
	maxBodyBytes: number,
	how: { readonly resolve: GatewayPorts['resolveClient']; readonly isChecked: boolean },
): Promise<Attempt> {
	const end = (response: GatewayResponse): Attempt => ({ isStored: false, response });
	const maxKb = Math.floor(maxBodyBytes / 1024);
	const found = await findDoor(
		{ ...ports, resolveClient: how.resolve },
		request,
		(request.contentLength ?? 0) > maxBodyBytes ? maxKb : null,
	);
	if ('status' in found) return end(found);
	const { client, door, settings } = found;

	const readBody = async (): Promise<Buffer> => {
		const body = await request.readBody();
		if (body.length > maxBodyBytes) throw new TrufflesError('TRF_WEBHOOK_BODY_TOO_LARGE', { maxKb });
		return body;
	};
	const proof = await authenticate(ports, request, found, readBody);
	if (!proof.isRight) return end(refuse('TRF_WEBHOOK_UNAUTHORIZED'));
	if (client.status !== 'active') {
		await auditSuspended(ports, client.id, request.channel);
		return end({ status: 200, headers: {}, body: { status: 'ignored' } });
	}
	const raw = proof.body ?? (await readBody());
	const body = parseJsonBody(raw);
	const parsed = body.ok ? door.parse(body.value) : body;
	const events = parsed.ok ? parsed.events.filter((event) => isFromOwnGroup(event, settings)) : [];
	// Nothing to store means another attempt, which counts it.
	if (how.isChecked && events.length === 0) return end({ status: 200, headers: {}, body: { status: 'ignored' } });
	const waitSeconds = await countDelivery(ports.kv, client, parsed.ok ? parsed.events : []);
	if (waitSeconds !== null) return end(refuse('TRF_WEBHOOK_RATE_LIMITED', {}, { 'retry-after': String(waitSeconds) }));
	if (!parsed.ok) return end(refuse('TRF_WEBHOOK_BODY_INVALID', { channel: request.channel, problem: parsed.problem }));
	const delivery = { client, channel: request.channel, raw, burst: settings.burst };
	const rows = buildEventRows(ports.crypto, delivery, events);
	if (rows.length === 0) return end({ status: 200, headers: {}, body: { status: 'ignored' } });
	const key: AcceptanceKey = {
		clientId: client.id,
		channel: request.channel,
		maxWaitMs: settings.burst.maxMs,
		configVersion: how.isChecked ? client.configVersion : null,
	};
	const accepting = eventsJson(rows);
	const stored = await withoutDeadlock(async () => await ports.acceptDelivery.do(JSON.stringify(key), accepting));
	return {
		isStored: stored.accepted + stored.repeated > 0,
		response: { status: 200, headers: {}, body: { status: stored.accepted > 0 ? 'accepted' : 'repeated' } },
	};
}

/**
 * PostgreSQL ends one of two transactions that wait for each other; that one is simply done again. Should not happen,
 * because all take their rows in one order; a 503 would cost the sender minutes.
 */
async function withoutDeadlock<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if ((error as { code?: unknown } | null)?.code !== DEADLOCK_DETECTED) throw error;
		return await work();
	}
}

interface FoundDoor {
	readonly client: ResolvedClient;
	readonly settings: ClientSettings;
	readonly door: Door;
}

/** Who is addressed, and whether the sender's address may; a response when not. */
async function findDoor(
	ports: GatewayPorts,
	request: Pick<GatewayRequest, 'channel' | 'clientSlug' | 'sourceAddress'>,
	tooLargeKb: number | null = null,
): Promise<FoundDoor | GatewayResponse> {
	const unknown = (): GatewayResponse => refuse('TRF_CHANNEL_UNKNOWN', { known: CHANNELS.join(', ') });
	if (!isChannel(request.channel)) return unknown();
	if (tooLargeKb !== null) return refuse('TRF_WEBHOOK_BODY_TOO_LARGE', { maxKb: tooLargeKb });
	const client = await ports.resolveClient(request.clientSlug);
	if (client === null) return refuse('TRF_CLIENT_UNKNOWN');
	const settings = await ports.settings(client);
	const door = doorOf(request.channel, settings);
	if (door === null) return unknown();
	if (door.allowFrom !== undefined) {
		const { sourceAddress } = request;
		const isAllowed = sourceAddress !== null && ports.addressRanges(door.allowFrom).contains(sourceAddress);
		if (!isAllowed) return refuse('TRF_WEBHOOK_SOURCE_REFUSED');
	}
	return { client, settings, door };
}

/** Checks secret or signature. `body` is there when it had to be read for that. */
async function authenticate(
	{ crypto, clock, secrets }: GatewayPorts,
	request: Presented,
	{ client, door }: FoundDoor,
	readBody: () => Promise<Buffer>,
): Promise<{ readonly isRight: boolean; readonly body: Buffer | null }> {
	const scheme = SCHEMES[door.scheme];
	const own = await secrets(client, SECRETS_OF_SCHEME[door.scheme]);
	if (scheme.kind === 'before') return { isRight: scheme.isRight(crypto, request, own), body: null };
	if (own.length === 0 || !scheme.claims(request)) return { isRight: false, body: null };
	const body = await readBody();
	return { isRight: scheme.isRight(crypto, request, own, body, clock.now()), body };
}

/** Buttons and replies count only from the managers' group of this client. */
function isFromOwnGroup(event: InboundEvent, settings: ClientSettings): boolean {
	if (event.kind !== 'manager_action' && event.kind !== 'manager_message') return true;
	return event.chatId === String(settings.handover?.telegram?.chatId ?? '');
}

async function auditSuspended(ports: GatewayPorts, clientId: string, channel: string): Promise<void> {
	await ports.db.query('select truffles.write_audit($1, $2, $3, $4::jsonb)', [
		clientId,
		'gateway',
		'webhook_ignored',
		JSON.stringify({ reason: 'client_suspended', channel }),
	]);
}

function refuse(
	code: ErrorCode,
	details: Readonly<Record<string, string | number>> = {},
	headers: Record<string, string> = {},
): GatewayResponse {
	return { status: ERRORS[code].status, headers, body: { error: { code, message: formatError(code, details) } } };
}
