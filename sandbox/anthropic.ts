/** `/anthropic/v1/*`: an endpoint that speaks Anthropic's Messages protocol, with the same modes as the OpenAI one. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
	ANTHROPIC_MODELS,
	AnthropicRefusal,
	checkAnthropicHeaders,
	type MessagesRequest,
	readMessagesRequest,
} from './anthropic-request';
import { dropConnection, passFault } from './fault';
import type { Fault } from './fault';
import { composeAnswer } from './openai';
import { countTokens } from './openai-request';
import type { SandboxState } from './state';

const THINKING_TOKENS = 64;

/** Registers the endpoint; every call needs this key, as `x-api-key` or as a bearer token. */
export function registerAnthropic(app: FastifyInstance, state: SandboxState, apiKey: string): void {
	const guarded =
		(
			method: string,
			handler: (request: FastifyRequest, reply: FastifyReply, fault: Fault, version: string) => unknown,
		) =>
		async (request: FastifyRequest, reply: FastifyReply) => {
			const body = request.body as { model?: unknown } | null;
			const requestId = `req_${randomBytes(12).toString('hex')}`;
			let fault: Fault | null = null;
			void reply.header('request-id', requestId);
			try {
				const version = checkAnthropicHeaders(request.headers, apiKey);
				fault = state.faults.anthropic.take(null, typeof body?.model === 'string' ? body.model : method);
				if (!(await passFault(fault, reply))) return reply;
				if (fault.mode === 'fail') throw failure(fault);
				return handler(request, reply, fault, version);
			} catch (error) {
				if (!(error instanceof AnthropicRefusal)) throw error;
				if (error.retryAfterSeconds !== null) void reply.header('retry-after', String(error.retryAfterSeconds));
				void reply.header('x-should-retry', error.status === 429 || error.status >= 500 ? 'true' : 'false');
				const answer = { type: 'error', error: { type: error.type, message: error.message }, request_id: requestId };
				record(state, method, fault, error.status, request.body, answer);
				return reply.code(error.status).send(answer);
			}
		};

	app.get(
		'/anthropic/v1/models',
		guarded('models', (_request, reply) =>
			reply.send({ data: ANTHROPIC_MODELS.map((id) => ({ type: 'model', id, display_name: id })), has_more: false }),
		),
	);
	app.post(
		'/anthropic/v1/messages',
		guarded('messages', (request, reply, fault, version) =>
			answer(state, readMessagesRequest(request.body, version), request, reply, fault),
		),
	);
	app.all('/anthropic/*', (_request, reply) =>
		reply.code(404).send({ type: 'error', error: { type: 'not_found_error', message: 'Not Found' } }),
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
	state.record({ service: 'anthropic', method, client: null, mode: fault?.mode ?? 'ok', status, request, response });
}

function failure(fault: Fault): AnthropicRefusal {
	const status = fault.status ?? 529;
	const [type, words] = {
		401: ['authentication_error', 'invalid x-api-key'],
		402: ['billing_error', 'Your credit balance is too low to access the API.'],
		403: ['permission_error', 'Your API key does not have permission to use the specified resource.'],
		429: ['rate_limit_error', 'This request would exceed your rate limit.'],
		529: ['overloaded_error', 'Overloaded'],
	}[status] ?? [
		status < 500 ? 'invalid_request_error' : 'api_error',
		status < 500 ? 'Invalid request' : 'Internal server error',
	];
	return new AnthropicRefusal(
		status,
		type as string,
		fault.message ?? (words as string),
		fault.retryAfterSeconds ?? (status === 429 ? 1 : null),
	);
}

function answer(
	state: SandboxState,
	messages: MessagesRequest,
	request: FastifyRequest,
	reply: FastifyReply,
	fault: Fault,
): FastifyReply {
	const asksJson = messages.messages.some(({ role, text }) => role === 'system' && /JSON object/.test(text));
	const full = composeAnswer(state, { messages: messages.messages, json: asksJson ? { schema: null } : null }, fault);
	const room = messages.maxTokens - (messages.thinks ? THINKING_TOKENS : 0);
	const isCut = countTokens(full) > room;
	const text = isCut ? full.slice(0, Math.max(1, Math.floor(room * 2.8))) : full;
	const usage = {
		input_tokens: messages.messages.reduce((sum, message) => sum + countTokens(message.text) + 4, 3),
		cache_creation_input_tokens: 0,
		cache_read_input_tokens: 0,
		output_tokens: countTokens(text) + (messages.thinks ? THINKING_TOKENS : 0),
		service_tier: 'standard',
	};
	const good = {
		id: `msg_${randomBytes(12).toString('hex')}`,
		type: 'message',
		role: 'assistant',
		model: messages.model,
		content: [
			...(messages.thinks ? [{ type: 'thinking', thinking: '', signature: 'sandbox' }] : []),
			{ type: 'text', text },
		],
		stop_reason: isCut ? 'max_tokens' : 'end_turn',
		stop_sequence: null,
		usage,
	};
	if (fault.mode === 'malformed') return malformed(state, fault, reply, good);
	record(state, 'messages', fault, fault.mode === 'sent_then_lost' ? null : 200, request.body, { text, usage });
	if (fault.mode === 'sent_then_lost') {
		dropConnection(reply);
		return reply;
	}
	return reply.send(good);
}

/** The broken shapes that endpoints and proxies answer with status 200. */
function malformed(
	state: SandboxState,
	fault: Fault,
	reply: FastifyReply,
	good: Record<string, unknown>,
): FastifyReply {
	const shape = fault.shape ?? 'json';
	record(state, 'messages', fault, 200, null, { malformed: shape });
	if (shape === 'html') return reply.type('text/html').send('<html><body>Bad gateway</body></html>');
	if (shape === 'empty') return reply.type('application/json').send('');
	if (shape === 'empty_choices') return reply.send({ ...good, content: [] });
	if (shape === 'refusal') return reply.send({ ...good, content: [], stop_reason: 'refusal' });
	if (shape === 'no_usage') {
		const { usage: _usage, ...rest } = good;
		return reply.send(rest);
	}
	return reply.type('application/json').send(JSON.stringify(good).slice(0, 60));
}
