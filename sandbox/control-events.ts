/** `GET /control/events`: every change as a server-sent event, for the page. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SandboxState } from './state';

const HEARTBEAT_MS = 15_000;
/** A tab that stopped reading is dropped instead of being remembered. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

/** Keeps the connection until the page leaves or the server closes. */
export function streamEvents(state: SandboxState, request: FastifyRequest, reply: FastifyReply): FastifyReply {
	reply.hijack();
	const { raw } = reply;
	raw.writeHead(200, {
		'content-type': 'text/event-stream; charset=utf-8',
		'cache-control': 'no-store',
		connection: 'keep-alive',
	});
	raw.write(': connected\n\n');
	const send = (text: string) => {
		if (raw.writableLength > MAX_UNREAD_BYTES) raw.destroy();
		else raw.write(text);
	};
	const stop = state.onEvent((event) => send(`data: ${JSON.stringify(event)}\n\n`));
	const heartbeat = setInterval(() => send(': still here\n\n'), HEARTBEAT_MS);
	request.raw.once('close', () => {
		clearInterval(heartbeat);
		stop();
		raw.end();
	});
	return reply;
}
