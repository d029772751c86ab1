/** `POST|GET /telegram/bot<token>/<method>`: the Bot API's door, with its errors and its misbehaviour. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { passFault, dropConnection } from './fault';
import type { SandboxState } from './state';
import type { TelegramBots } from './telegram-bot';
import { METHODS, TelegramRefusal } from './telegram-methods';
import type { Params } from './telegram-methods';

interface Route {
	Params: { token: string; method: string };
	Querystring: Record<string, unknown>;
	Body: unknown;
}

/** Registers the Bot API. */
export function registerTelegram(app: FastifyInstance, state: SandboxState, bots: TelegramBots): void {
	app.route<Route>({
		method: ['GET', 'POST'],
		url: '/telegram/bot:token/:method',
		handler: (request, reply) => answer(state, bots, request, reply),
	});
}

async function answer(
	state: SandboxState,
	bots: TelegramBots,
	request: FastifyRequest<Route>,
	reply: FastifyReply,
): Promise<unknown> {
	const { token, method } = request.params;
	const bot = bots.get(token);
	const client = state.clientsOfBot(token)[0]?.key ?? null;
	const params = readParams(request);
	const fault = state.faults.telegram.take(client, method);
	const respond = (status: number, body: Record<string, unknown>) => {
		// The secret of setWebhook and the token stay out of the journal.
		const { secret_token: _secret, ...shown } = params;
		state.record({ service: 'telegram', method, client, mode: fault.mode, status, request: shown, response: body });
		return reply.code(status).send(body);
	};
	const refuse = ({ errorCode, description, parameters }: TelegramRefusal) => {
		if (parameters?.retry_after !== undefined) void reply.header('retry-after', String(parameters.retry_after));
		return respond(errorCode, { ok: false, error_code: errorCode, description, ...(parameters ? { parameters } : {}) });
	};

	if (bot === undefined) {
		const wellFormed = /^\d+:[A-Za-z0-9_-]+$/.test(token);
		return refuse(wellFormed ? new TelegramRefusal(401, 'Unauthorized') : new TelegramRefusal(404, 'Not Found'));
	}
	const run = METHODS[method.toLowerCase()];
	if (run === undefined) return refuse(new TelegramRefusal(404, 'Not Found: method not found'));
	if (!(await passFault(fault, reply))) return reply;
	if (fault.mode === 'fail') {
		const status = fault.status ?? 429;
		const retryAfter = fault.retryAfterSeconds ?? (status === 429 ? 3 : undefined);
		const words =
			status === 429
				? `Too Many Requests: retry after ${retryAfter}`
				: status === 403
					? 'Forbidden: bot was kicked from the supergroup chat'
					: 'Internal Server Error';
		return refuse(
			new TelegramRefusal(
				status,
				fault.message ?? words,
				retryAfter === undefined ? undefined : { retry_after: retryAfter },
			),
		);
	}
	if (fault.mode === 'malformed') {
		state.record({
			service: 'telegram',
			method,
			client,
			mode: fault.mode,
			status: 502,
			request: null,
			response: 'html',
		});
		return reply
			.code(502)
			.type('text/html')
			.send('<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>');
	}
	try {
		const result = run({ state, bots, bot }, params);
		if (fault.mode === 'sent_then_lost') {
			dropConnection(reply);
			return reply;
		}
		return respond(200, { ok: true, result });
	} catch (error) {
		if (error instanceof TelegramRefusal) return refuse(error);
		throw error;
	}
}

/** Query string and body together, as Telegram takes them; the body wins. */
function readParams(request: FastifyRequest<Route>): Params {
	const body =
		typeof request.body === 'object' && request.body !== null && !Array.isArray(request.body) ? request.body : {};
	return { ...request.query, ...(body as Record<string, unknown>) };
}
