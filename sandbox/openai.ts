/** `/openai/v1/*`: an OpenAI-compatible model endpoint with scripted, slow, failing and malformed modes. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { dropConnection, passFault } from './fault';
import type { Fault } from './fault';
import { obedientAnswer } from './obedient-answer';
import { answerFromPrompt, askedText, inventedAnswer, jsonAnswer, matchRule } from './openai-answer';
import { embed, encodeVector } from './openai-embedding';
import {
	MODELS,
	OpenaiRefusal,
	checkAudioModel,
	checkKey,
	countTokens,
	readChatRequest,
	readEmbeddingRequest,
} from './openai-request';
import type { ChatRequest } from './openai-request';
import { UsageMeter } from './openai-usage';
import type { SandboxState } from './state';

/** Audio that starts with these bytes carries its own transcript, so that the page can "speak". */
export const SPOKEN_PREFIX = 'SANDBOX-VOICE:';
const DEFAULT_TRANSCRIPT = 'Здравствуйте! Сколько стоит маникюр?';

type Handler = (request: FastifyRequest, reply: FastifyReply, fault: Fault) => Promise<unknown> | unknown;

/** Registers the model endpoint; every call needs this key. */
export function registerOpenai(app: FastifyInstance, state: SandboxState, apiKey: string): void {
	const meter = new UsageMeter();

	const guarded = (method: string, handler: Handler) => async (request: FastifyRequest, reply: FastifyReply) => {
		const body = request.body as { model?: unknown } | null;
		const model = typeof body?.model === 'string' ? body.model : '';
		let fault: Fault | null = null;
		void reply.header('x-request-id', `req_${randomBytes(16).toString('hex')}`);
		try {
			checkKey(request.headers.authorization, apiKey);
			fault = state.faults.openai.take(null, model || method);
			if (!(await passFault(fault, reply))) return reply;
			if (fault.mode === 'fail') throw failure(fault);
			return await handler(request, reply, fault);
		} catch (error) {
			if (!(error instanceof OpenaiRefusal)) throw error;
			if (error.retryAfterSeconds !== null) void reply.header('retry-after', String(error.retryAfterSeconds));
			const answer = { error: { message: error.message, type: error.type, param: error.param, code: error.code } };
			record(state, method, fault, error.status, request.body, answer);
			return reply.code(error.status).send(answer);
		}
	};

	app.get(
		'/openai/v1/models',
		guarded('models', (_request, reply) =>
			reply.send({
				object: 'list',
				data: MODELS.map((id) => ({ id, object: 'model', created: 1_700_000_000, owned_by: 'sandbox' })),
			}),
		),
	);
	app.post(
		'/openai/v1/chat/completions',
		guarded('chat.completions', (request, reply, fault) => chat(state, meter, request, reply, fault)),
	);
	app.post(
		'/openai/v1/embeddings',
		guarded('embeddings', (request, reply, fault) => {
			const { model, inputs, dimensions, base64 } = readEmbeddingRequest(request.body);
			const tokens = inputs.reduce((sum, text) => sum + countTokens(text), 0);
			if (fault.mode === 'malformed')
				return malformed(state, 'embeddings', fault, reply, { object: 'list', data: [], model });
			const data = inputs.map((text, index) => ({
				object: 'embedding',
				index,
				embedding: encodeVector(embed(text, dimensions), base64),
			}));
			record(state, 'embeddings', fault, 200, { model, inputs: inputs.length, dimensions }, { tokens });
			return reply.send({ object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } });
		}),
	);
	app.post(
		'/openai/v1/audio/transcriptions',
		{ bodyLimit: 26 * 1024 * 1024 },
		guarded('audio.transcriptions', (request, reply, fault) => transcribe(state, request, reply, fault)),
	);
	app.all('/openai/*', (request, reply) =>
		reply.code(404).send({
			error: {
				message: `Invalid URL (${request.method} ${request.url.replace('/openai', '').split('?')[0]})`,
				type: 'invalid_request_error',
				param: null,
				code: null,
			},
		}),
	);
}

function record(
	state: SandboxState,
	method: string,
	fault: Fault | null,
	status: number | null,
	request: unknown,
	response: unknown,
): void {
	state.record({ service: 'openai', method, client: null, mode: fault?.mode ?? 'ok', status, request, response });
}

function failure(fault: Fault): OpenaiRefusal {
	const status = fault.status ?? 500;
	const retryAfter = fault.retryAfterSeconds ?? null;
	if (fault.shape === 'insufficient_quota') {
		return new OpenaiRefusal(
			429,
			'You exceeded your current quota, please check your plan and billing details.',
			'insufficient_quota',
			'insufficient_quota',
			null,
			retryAfter,
		);
	}
	if (status === 429)
		return new OpenaiRefusal(
			429,
			fault.message ?? 'Rate limit reached. Please try again later.',
			'requests',
			'rate_limit_exceeded',
			null,
			retryAfter ?? 1,
		);
	if (status === 401)
		return new OpenaiRefusal(
			401,
			fault.message ?? 'Incorrect API key provided.',
			'invalid_request_error',
			'invalid_api_key',
		);
	if (status < 500)
		return new OpenaiRefusal(
			status,
			fault.message ?? 'Invalid request.',
			'invalid_request_error',
			null,
			null,
			retryAfter,
		);
	const words =
		status === 503
			? 'The engine is currently overloaded, please try again later'
			: 'The server had an error while processing your request. Sorry about that!';
	return new OpenaiRefusal(status, fault.message ?? words, 'server_error', null, null, retryAfter);
}

function chat(
	state: SandboxState,
	meter: UsageMeter,
	request: FastifyRequest,
	reply: FastifyReply,
	fault: Fault,
): unknown {
	const chatRequest = readChatRequest(request.body);
	const full = composeAnswer(state, chatRequest, fault);
	const limit = chatRequest.maxTokens;
	const isCut = limit !== null && countTokens(full) > limit;
	const text = isCut ? full.slice(0, Math.max(1, Math.floor(limit * 2.8))) : full;
	const usage = meter.read(chatRequest, text);
	const completion = {
		id: `chatcmpl-${randomBytes(12).toString('hex')}`,
		object: 'chat.completion',
		created: Math.floor(Date.now() / 1_000),
		model: chatRequest.model,
		choices: Array.from({ length: chatRequest.choices }, (_, index) => ({
			index,
			message: { role: 'assistant', content: text, refusal: null, annotations: [] },
			logprobs: null,
			finish_reason: isCut ? 'length' : 'stop',
		})),
		usage,
		service_tier: 'default',
		system_fingerprint: 'fp_sandbox',
	};
	if (fault.mode === 'malformed') return malformed(state, 'chat.completions', fault, reply, completion);
	record(state, 'chat.completions', fault, fault.mode === 'sent_then_lost' ? null : 200, request.body, { text, usage });
	if (fault.mode === 'sent_then_lost') {
		dropConnection(reply);
		return reply;
	}
	return chatRequest.stream ? stream(reply, completion, chatRequest.includeUsage) : reply.send(completion);
}

/** What the stand-in model says to these messages, in whichever protocol they came. */
export function composeAnswer(
	state: SandboxState,
	request: Pick<ChatRequest, 'messages' | 'json'>,
	fault: Fault,
): string {
	if (fault.mode === 'obey' && request.json === null) return obedientAnswer(request.messages, fault.shape ?? null);
	if (fault.mode === 'invent_price') return inventedAnswer(request.messages);
	const scripted = matchRule(state.rules, askedText(request.messages));
	if (scripted !== null) return scripted;
	return request.json === null ? answerFromPrompt(request.messages) : jsonAnswer(request.messages, request.json.schema);
}

interface Completion {
	readonly id: string;
	readonly created: number;
	readonly model: string;
	readonly choices: ReadonlyArray<{ readonly message: { readonly content: string }; readonly finish_reason: string }>;
	readonly usage: unknown;
}

/** Server-sent chunks of a few words each; the usage comes last when it was asked for. */
function stream(
	reply: FastifyReply,
	{ id, created, model, choices, usage }: Completion,
	includeUsage: boolean,
): FastifyReply {
	const base = { id, object: 'chat.completion.chunk', created, model };
	const first = choices[0];
	const pieces = first?.message.content.match(/\S+\s*/g) ?? [];
	const chunks = [
		{ ...base, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] },
		...pieces.map((content) => ({ ...base, choices: [{ index: 0, delta: { content }, finish_reason: null }] })),
		{ ...base, choices: [{ index: 0, delta: {}, finish_reason: first?.finish_reason ?? 'stop' }] },
		...(includeUsage ? [{ ...base, choices: [], usage }] : []),
	];
	const body = [...chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n'].join('');
	return reply.type('text/event-stream').send(body);
}

/** The broken shapes that real endpoints and proxies have been seen to answer with status 200. */
function malformed(
	state: SandboxState,
	method: string,
	fault: Fault,
	reply: FastifyReply,
	good: Record<string, unknown>,
): FastifyReply {
	const shape = fault.shape ?? 'json';
	record(state, method, fault, 200, null, { malformed: shape });
	if (shape === 'html') return reply.type('text/html').send('<html><body>Bad gateway</body></html>');
	if (shape === 'empty') return reply.type('application/json').send('');
	if (shape === 'empty_choices') return reply.send({ ...good, choices: [] });
	if (shape === 'null_content') {
		return reply.send({
			...good,
			choices: [
				{
					index: 0,
					message: { role: 'assistant', content: null, refusal: 'I cannot help with that.' },
					finish_reason: 'stop',
				},
			],
		});
	}
	if (shape === 'no_usage') {
		const { usage: _usage, ...rest } = good;
		return reply.send(rest);
	}
	return reply.type('application/json').send(JSON.stringify(good).slice(0, 60));
}

async function transcribe(
	state: SandboxState,
	request: FastifyRequest,
	reply: FastifyReply,
	fault: Fault,
): Promise<unknown> {
	if (!Buffer.isBuffer(request.body))
		throw new OpenaiRefusal(400, 'The request must be multipart/form-data.', 'invalid_request_error', null);
	const headers = { 'content-type': request.headers['content-type'] ?? '' };
	const form = await new Response(new Uint8Array(request.body), { headers }).formData().catch(() => null);
	const file = form?.get('file');
	checkAudioModel(form?.get('model') ?? undefined);
	if (!(file instanceof Blob))
		throw new OpenaiRefusal(
			400,
			"Missing required parameter: 'file'.",
			'invalid_request_error',
			'missing_required_parameter',
			'file',
		);
	if (file.size === 0)
		throw new OpenaiRefusal(
			400,
			'Audio file might be corrupted or unsupported',
			'invalid_request_error',
			'invalid_value',
			'file',
		);
	const head = await file.text();
	const text = head.startsWith(SPOKEN_PREFIX) ? head.slice(SPOKEN_PREFIX.length).trim() : DEFAULT_TRANSCRIPT;
	if (fault.mode === 'malformed') return malformed(state, 'audio.transcriptions', fault, reply, {});
	record(state, 'audio.transcriptions', fault, 200, { sizeBytes: file.size }, { chars: text.length });
	return reply.send({ text, usage: { type: 'duration', seconds: Math.max(1, Math.round(file.size / 4_000)) } });
}
