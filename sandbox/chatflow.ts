/**
 * The sending side of ChatFlow: `GET /chatflow/api/v1/send-text`.
 *
 * Known of the real one: the parameters, `true` or `{"success": true}`, an error text in `message` or `error`.
 * Not known: statuses of refusals and the limits of length; the choices here are named in sandbox/README.md.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { dropConnection, passFault } from './fault';
import type { PhoneDelivery } from './phone-delivery';
import type { SandboxState } from './state';

/** Digits of an E.164 number, then WhatsApp's host for people; groups (`@g.us`) are refused. */
const JID = /^([1-9]\d{6,14})@s\.whatsapp\.net$/;
/** WhatsApp's own limit for a text body. */
const MAX_MSG_CHARS = 4_096;
/** nginx answers 414 beyond its default header buffer; about 1 300 Cyrillic letters when percent-encoded. */
const MAX_URL_BYTES = 8_192;

interface SendText {
	Querystring: Record<string, string | string[] | undefined>;
}

/** Registers the gateway's API and its media host. */
export function registerChatflow(app: FastifyInstance, state: SandboxState, phone: PhoneDelivery): void {
	app.get<SendText>('/chatflow/api/v1/send-text', (request, reply) => sendText(state, phone, request, reply));
	app.route({
		method: ['POST', 'PUT', 'PATCH', 'DELETE'],
		url: '/chatflow/api/v1/send-text',
		handler: (_request, reply) => reply.code(405).send({ success: false, message: 'Method not allowed' }),
	});
	app.get<{ Params: { id: string; name: string } }>('/chatflow/media/:id/:name', (request, reply) => {
		const file = phone.media(request.params.id);
		if (file === undefined) return reply.code(404).send({ success: false, message: 'Media not found' });
		return reply.type(file.mimetype).header('content-disposition', 'attachment').send(file.bytes);
	});
}

async function sendText(
	state: SandboxState,
	phone: PhoneDelivery,
	request: FastifyRequest<SendText>,
	reply: FastifyReply,
): Promise<unknown> {
	const { query } = request;
	const one = (name: string) => (typeof query[name] === 'string' ? query[name] : '');
	const client = state.clientByChatflowToken(one('token'));
	const fault = state.faults.chatflow.take(client?.key ?? null, 'send-text');
	const jid = one('jid');
	const msg = one('msg');
	const msgId = one('msg_id') || null;
	const respond = (status: number, body: unknown) => {
		state.record({
			service: 'chatflow',
			method: 'send-text',
			client: client?.key ?? null,
			mode: fault.mode,
			status,
			request: { jid, msg, msgId },
			response: body,
		});
		return reply.code(status).send(body);
	};
	const refuse = (status: number, message: string) =>
		respond(state.quietErrors ? 200 : status, { success: false, message });

	if (Buffer.byteLength(request.url) > MAX_URL_BYTES) {
		return reply
			.code(414)
			.type('text/html')
			.send('<html><head><title>414 Request-URI Too Large</title></head><body>nginx</body></html>');
	}
	if (!(await passFault(fault, reply))) return reply;
	if (fault.mode === 'fail') {
		if (fault.retryAfterSeconds !== undefined) void reply.header('retry-after', String(fault.retryAfterSeconds));
		return respond(fault.status ?? 500, { success: false, message: fault.message ?? 'Internal server error' });
	}
	if (client === undefined) return refuse(401, 'Invalid token');
	if (client.chatflow.instanceId !== one('instance_id')) return refuse(404, 'Instance not found');
	const digits = JID.exec(jid)?.[1];
	if (digits === undefined) return refuse(400, 'jid must be <digits>@s.whatsapp.net');
	if (msg.trim() === '') return refuse(400, 'msg must not be empty');
	if ([...msg].length > MAX_MSG_CHARS) return refuse(400, `msg must be at most ${MAX_MSG_CHARS} characters`);
	if (msgId !== null && !/^[\x21-\x7e]{1,200}$/.test(msgId))
		return refuse(400, 'msg_id must be 1 to 200 printable ASCII characters');
	const isRepeat = state.dedupeMsgId && msgId !== null && state.phone.hasMsgId(client.key, msgId);
	if (!isRepeat) phone.receive(client, digits, msg, msgId);
	if (fault.mode === 'sent_then_lost') {
		state.record({
			service: 'chatflow',
			method: 'send-text',
			client: client.key,
			mode: fault.mode,
			status: null,
			request: { jid, msg, msgId },
			response: null,
		});
		dropConnection(reply);
		return reply;
	}
	if (fault.mode === 'malformed') {
		if (fault.shape === 'empty') return reply.code(200).type('application/json').send('');
		if (fault.shape === 'true') return respond(200, true);
		return reply.code(200).type('text/html').send('<html><body>maintenance</body></html>');
	}
	return respond(200, { success: true, message: 'Message sent' });
}
