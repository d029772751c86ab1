import {
	type IDataObject,
	type IHookFunctions,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { formatError, TrufflesError } from '../../lib/errors';
import { createAddressRanges } from '../../lib/adapters/address-ranges';
import { openGateway, type ServerDelivery, type TakeDelivery } from '../../lib/adapters/open-gateway';
import { AUTH_HEADERS } from '../../lib/gateway/authenticate';
import { CHANNEL_HEADER, CLIENT_HEADER, FIXED_PATH } from '../../lib/gateway/fixed-path';
import {
	type GatewayPorts,
	type GatewayRequest,
	type GatewayResponse,
	handleChallenge,
	handleWebhook,
} from '../../lib/gateway/gateway';
import { sourceAddress } from '../../lib/gateway/source-address';
import { describeFailure } from '../shared/node-error';
import { getPlatform, type Platform } from '../shared/platform';
import { testPlatformCredential } from '../shared/platform-credential-test';

/** Served at /webhook/in/<channel>/<client>; `in` is the node's webhookId. */
const PATH = ':channel/:client_slug';
const VERIFY_TOKEN_HEADER = 'x-hub-verify-token';

/** n8n attaches this to every request; it reads the raw bytes once, up to N8N_PAYLOAD_SIZE_MAX. */
interface RawRequest {
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly socket: { readonly remoteAddress?: string };
	rawBody?: Buffer;
	readRawBody?: () => Promise<void>;
	resume: () => void;
}

/**
 * The door of the installation: authenticates, commits the delivery to PostgreSQL and answers, without starting an execution.
 * One workflow owns the address; every channel and client comes through it.
 */
export class TrufflesGatewayTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Truffles Gateway Trigger',
		name: 'trufflesGatewayTrigger',
		icon: { light: 'file:trufflesGatewayTrigger.svg', dark: 'file:trufflesGatewayTrigger.dark.svg' },
		group: ['trigger'],
		// Version 1 nodes make n8n evaluate an expression per request.
		version: [2],
		subtitle: 'POST /webhook/in/<channel>/<client>',
		description: 'Accepts messages of all channels and clients and stores them before it answers',
		eventTriggerDescription: 'Messages are stored at once and handled by 2_Parse_Normalize',
		defaults: { name: 'Webhook gateway' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'trufflesPlatformApi', required: true, testedBy: 'trufflesPlatformApiTest' }],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				// Without this n8n answers the literal text "firstEntryJson".
				responseData: '',
				path: PATH,
				isFullPath: true,
			},
			{
				// Where `hooks/gateway-address.ts` leads deliveries: n8n finds it without asking its database.
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				responseData: '',
				path: FIXED_PATH,
				isFullPath: true,
			},
			{
				// Meta asks once, with GET, whether the address is the business's own.
				name: 'setup',
				httpMethod: 'GET',
				responseMode: 'onReceived',
				responseData: '',
				path: PATH,
				isFullPath: true,
			},
		],
		properties: [
			{
				displayName:
					"Address: <code>/webhook/in/whatsapp/&lt;client&gt;</code> (or short: <code>/webhook/&lt;client&gt;</code>), with the client's secret in the header X-Webhook-Secret. Deliveries start no execution here: 2_Parse_Normalize takes them from PostgreSQL.",
				name: 'addressNotice',
				type: 'notice',
				default: '',
			},
			{
				displayName: 'Largest Body (KiB)',
				name: 'maxBodyKb',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 16384 },
				default: 8192,
				description: 'Larger deliveries are answered with 413. N8N_PAYLOAD_SIZE_MAX must not be smaller.',
			},
			{
				displayName: 'Reverse Proxies',
				name: 'proxyHops',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 10 },
				default: 0,
				description:
					'How many reverse proxies of yours are in front of n8n. Only with them does X-Forwarded-For say where a delivery comes from, for clients that allow certain addresses only.',
			},
		],
	};

	methods = { credentialTest: { trufflesPlatformApiTest: testPlatformCredential } };

	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return true;
			},
			async create(this: IHookFunctions): Promise<boolean> {
				return true;
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		let answer: GatewayResponse;
		try {
			const platform = await getPlatform.call(this);
			answer = await (this.getWebhookName() === 'setup' ? challenge(this, platform) : accept(this, platform));
		} catch {
			// Never throw: n8n would answer 500 and record an execution. The sender repeats after a 503.
			const message = formatError('TRF_DB_UNREACHABLE', { detail: 'the platform is not available' });
			answer = {
				status: 503,
				headers: { 'retry-after': '5' },
				body: { error: { code: 'TRF_DB_UNREACHABLE', message } },
			};
		}
		const response = this.getResponseObject();
		response.status(answer.status).set(answer.headers);
		if (typeof answer.body === 'string') response.type('text/plain').send(answer.body);
		else response.json(answer.body);
		// What was not read is discarded: a sender that is still sending would otherwise get a reset instead of the answer.
		(this.getRequestObject() as unknown as RawRequest).resume();
		return { noWebhookResponse: true };
	}
}

async function accept(context: IWebhookFunctions, platform: Platform): Promise<GatewayResponse> {
	const maxBodyBytes = (context.getNodeParameter('maxBodyKb', 8192) as number) * 1024;
	const proxyHops = context.getNodeParameter('proxyHops', 0) as number;
	const ports = portsOf(context, platform);
	const take: TakeDelivery = async (delivery) =>
		await handleWebhook(ports, requestOf(delivery, proxyHops, maxBodyBytes), maxBodyBytes);
	const request = context.getRequestObject() as unknown as RawRequest;
	const answer = await take({
		...addressOf(context, request),
		headers: request.headers as ServerDelivery['headers'],
		socketAddress: request.socket.remoteAddress ?? null,
		querySecret: queryText(context, 'secret'),
		readBody: async () => {
			try {
				if (request.rawBody === undefined) await request.readRawBody?.();
			} catch (error) {
				// n8n's own limit (N8N_PAYLOAD_SIZE_MAX), met by a body that did not say how long it is.
				const isTooLarge = (error as { type?: unknown }).type === 'entity.too.large';
				throw isTooLarge ? new TrufflesError('TRF_WEBHOOK_BODY_TOO_LARGE', { maxKb: maxBodyBytes / 1024 }) : error;
			}
			return request.rawBody ?? Buffer.alloc(0);
		},
	});
	// Only behind the hook, which uses it, does a delivery come without parameters in its path.
	if (headerOf(request.headers, CHANNEL_HEADER) !== undefined) openGateway(take);
	return answer;
}

function requestOf(delivery: ServerDelivery, proxyHops: number, maxBodyBytes: number): GatewayRequest {
	const { channel, clientSlug, headers, socketAddress } = delivery;
	const contentLength = Number(headerOf(headers, 'content-length') ?? Number.NaN);
	return {
		channel,
		clientSlug,
		sourceAddress: sourceAddress({
			socketAddress,
			forwardedFor: headerOf(headers, 'x-forwarded-for') ?? null,
			proxyHops,
		}),
		headers: Object.fromEntries(AUTH_HEADERS.map((name) => [name, headerOf(headers, name)])),
		querySecret: delivery.querySecret ?? null,
		contentLength: Number.isFinite(contentLength) ? contentLength : null,
		readBody: async () => await delivery.readBody(maxBodyBytes),
	};
}

async function challenge(context: IWebhookFunctions, platform: Platform): Promise<GatewayResponse> {
	const request = context.getRequestObject() as unknown as RawRequest;
	return await handleChallenge(portsOf(context, platform), {
		...addressOf(context, request),
		sourceAddress: sourceAddress({
			socketAddress: request.socket.remoteAddress ?? null,
			forwardedFor: headerOf(request.headers, 'x-forwarded-for') ?? null,
			proxyHops: context.getNodeParameter('proxyHops', 0) as number,
		}),
		mode: queryText(context, 'hub.mode'),
		// The front door (hooks/front-door.ts) takes the token out of the address.
		verifyToken: headerOf(request.headers, VERIFY_TOKEN_HEADER) ?? queryText(context, 'hub.verify_token'),
		challenge: queryText(context, 'hub.challenge'),
	});
}

function portsOf(context: IWebhookFunctions, platform: Platform): GatewayPorts {
	return {
		db: platform.db,
		acceptDelivery: platform.acceptDelivery,
		kv: platform.kv,
		clock: platform.clock,
		crypto: platform.crypto,
		resolveClient: async (slug) => await platform.tenants.resolveBySlug(slug),
		rememberedClient: (slug) => platform.tenants.remembered(slug),
		settings: async (client) => await platform.tenants.settings(client.id, client.configVersion),
		secrets: async (client, names) => await platform.tenants.secrets(client.id, names, client.configVersion),
		addressRanges: createAddressRanges,
		onProblem: (error) => context.logger.error(`Truffles gateway: ${describeFailure(error).message}`),
	};
}

/** Who is addressed. */
function addressOf(context: IWebhookFunctions, request: RawRequest): { channel: string; clientSlug: string } {
	const params = context.getParamsData() as Readonly<Record<string, string | undefined>>;
	return {
		channel: params.channel ?? headerOf(request.headers, CHANNEL_HEADER) ?? '',
		clientSlug: params.client_slug ?? headerOf(request.headers, CLIENT_HEADER) ?? '',
	};
}

function queryText(context: IWebhookFunctions, name: string): string | null {
	const value = (context.getQueryData() as IDataObject)[name];
	return typeof value === 'string' ? value : null;
}

function headerOf(headers: RawRequest['headers'], name: string): string | undefined {
	const value = headers[name];
	return Array.isArray(value) ? value[0] : value;
}
