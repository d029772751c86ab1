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
import { type GatewayResponse, handleWebhook } from '../../lib/gateway/gateway';
import { describeFailure } from '../shared/node-error';
import { getPlatform, type Platform } from '../shared/platform';
import { testPlatformCredential } from '../shared/platform-credential-test';

/** n8n attaches this to every request; it reads the raw bytes once, up to N8N_PAYLOAD_SIZE_MAX. */
interface RawRequest {
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
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
				path: ':channel/:client_slug',
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
		const maxBodyBytes = (this.getNodeParameter('maxBodyKb', 8192) as number) * 1024;
		let answer: GatewayResponse;
		try {
			answer = await accept(this, await getPlatform.call(this), maxBodyBytes);
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
		response.status(answer.status).set(answer.headers).json(answer.body);
		// What was not read is discarded: a sender that is still sending would otherwise get a reset instead of the answer.
		(this.getRequestObject() as unknown as RawRequest).resume();
		return { noWebhookResponse: true };
	}
}

async function accept(context: IWebhookFunctions, platform: Platform, maxBodyBytes: number): Promise<GatewayResponse> {
	const request = context.getRequestObject() as unknown as RawRequest;
	const params = context.getParamsData() as Readonly<Record<string, string | undefined>>;
	const query = context.getQueryData() as IDataObject;
	const contentLength = Number(headerOf(request, 'content-length') ?? Number.NaN);
	return await handleWebhook(
		{
			db: platform.db,
			kv: platform.kv,
			clock: platform.clock,
			crypto: platform.crypto,
			resolveClient: async (slug) => await platform.tenants.resolveBySlug(slug),
			settings: async (client) => await platform.tenants.settings(client.id, client.configVersion),
			secret: async (client, name) => await platform.tenants.secret(client.id, name, client.configVersion),
			onProblem: (error) => context.logger.error(`Truffles gateway: ${describeFailure(error).message}`),
		},
		{
			channel: params.channel ?? '',
			clientSlug: params.client_slug ?? '',
			headers: {
				'x-webhook-secret': headerOf(request, 'x-webhook-secret'),
				'x-telegram-bot-api-secret-token': headerOf(request, 'x-telegram-bot-api-secret-token'),
			},
			querySecret: typeof query.secret === 'string' ? query.secret : null,
			contentLength: Number.isFinite(contentLength) ? contentLength : null,
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
		},
		maxBodyBytes,
	);
}

function headerOf(request: RawRequest, name: string): string | undefined {
	const value = request.headers[name];
	return Array.isArray(value) ? value[0] : value;
}
