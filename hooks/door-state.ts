/** Whether deliveries are let in: not from the start of the process until n8n says that it is ready. */
import { type IncomingMessage, Server as HttpServer, type ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';

const GATEWAY_PATH = /^\/webhook\//;
const UNAVAILABLE = 503;
const RETRY_AFTER_S = '5';

type Emit = (this: unknown, event: string | symbol, ...args: unknown[]) => boolean;

/** What the servers' own `emit` was before; empty when the door is open. */
const covered: Array<{ readonly prototype: { emit: Emit }; readonly own: PropertyDescriptor | undefined }> = [];

/**
 * From now on everything below `/webhook/` is answered with 503, whatever server of this process is asked.
 *
 * n8n listens before it has checked its database, and answers everything meanwhile with 200 and the words "n8n is starting up.
 * Please wait" (2.40.5, `abstract-server.ts`); a sender takes that for "accepted", and the message is lost. Then, until the
 * package and its hook are loaded, it answers 404, with a look into its database and two lines of its log each.
 */
export function closeDoor(): void {
	if (covered.length > 0) return;
	for (const { prototype } of [HttpServer, HttpsServer] as unknown as ReadonlyArray<{ prototype: { emit: Emit } }>) {
		covered.push({ prototype, own: Object.getOwnPropertyDescriptor(prototype, 'emit') });
		const { emit } = prototype;
		prototype.emit = function (event, ...args) {
			const [request, response] = args as [IncomingMessage, ServerResponse];
			if (event !== 'request' || !GATEWAY_PATH.test(request.url ?? '')) return emit.call(this, event, ...args);
			response.writeHead(UNAVAILABLE, { 'retry-after': RETRY_AFTER_S }).end();
			// What is still being sent is discarded, so that the sender sees the answer.
			request.resume();
			return true;
		};
	}
}

/** Deliveries reach n8n again. */
export function openDoor(): void {
	for (const { prototype, own } of covered.splice(0)) {
		if (own === undefined) delete (prototype as Partial<typeof prototype>).emit;
		else Object.defineProperty(prototype, 'emit', own);
	}
}
