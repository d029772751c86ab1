/** Whether the gateway's door is open: closed from the start of the process until n8n says that it is ready. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Node tells here of every request, before any listener of the server sees it. */
const REQUEST_CHANNEL = 'http.server.request.start';
const GATEWAY_PATH = /^\/webhook\//;
const UNAVAILABLE = 503;
const NOT_FOUND = 404;
const RETRY_AFTER_S = '5';

/** A status that whoever answers on purpose replaces; "not found" is none, because nothing is there to be found yet. */
function presumeUnavailable(message: unknown): void {
	const { request, response } = message as { readonly request: IncomingMessage; readonly response: ServerResponse };
	if (!GATEWAY_PATH.test(request.url ?? '')) return;
	response.statusCode = UNAVAILABLE;
	const writeHead = response.writeHead.bind(response) as (status: number, ...rest: unknown[]) => ServerResponse;
	response.writeHead = ((status: number, ...rest: unknown[]) => {
		if (status !== NOT_FOUND && status !== UNAVAILABLE) return writeHead(status, ...rest);
		response.statusMessage = '';
		response.setHeader('retry-after', RETRY_AFTER_S);
		return writeHead(UNAVAILABLE, ...rest);
	}) as ServerResponse['writeHead'];
}

/**
 * From now on an answer below `/webhook/` that sets no status of its own, or 404, is a 503.
 *
 * n8n listens before it has checked its database, and answers everything meanwhile with 200 and the words "n8n is starting up.
 * Please wait" (2.40.5, `abstract-server.ts`). A sender takes that for "accepted", and the message is lost. Then, until it has its
 * routes, it answers 404 for some five seconds, which a sender may take for "no such address".
 */
export function closeDoor(): void {
	openDoor();
	subscribe(REQUEST_CHANNEL, presumeUnavailable);
}

/** Answers are n8n's own again. */
export function openDoor(): void {
	unsubscribe(REQUEST_CHANNEL, presumeUnavailable);
}
