import type { IncomingMessage, ServerResponse } from 'node:http';

import { gatewayThatIsOpen, type TakeDelivery } from '../lib/adapters/open-gateway';
import { codeFrames, TrufflesError } from '../lib/errors';
import { CHANNEL_HEADER, CLIENT_HEADER, FIXED_PATH } from '../lib/gateway/fixed-path';
import { PROBE_HEADER } from './package-header';

/** The channel and the client (same pattern as the check of `clients.slug`) of a delivery. */
const GATEWAY_ADDRESS = /^\/webhook\/in\/([a-z]+)\/([a-z0-9][a-z0-9_-]{1,62})\/?(\?.*)?$/;
const BYTES_PER_KB = 1_024;

/**
 * Gives a delivery to the gateway node if n8n has said a moment ago that it is there, and otherwise leads it to the gateway's
 * fixed address: n8n looks an address with parameters up in its database, twice. Whoever writes the two headers themselves says
 * no more with them than with the address, and needs the same secret.
 *
 * @returns true when n8n has nothing to do with this request any more
 */
export function takeDelivery(request: IncomingMessage, response: ServerResponse): boolean {
	const found = request.method === 'POST' ? GATEWAY_ADDRESS.exec(request.url ?? '') : null;
	if (found === null) return false;
	const [, channel = '', clientSlug = '', query = ''] = found;
	const take = gatewayThatIsOpen();
	// A deploy asks whether n8n itself knows the gateway; bodies that are packed are n8n's to unpack.
	if (
		take !== null &&
		request.headers[PROBE_HEADER] === undefined &&
		request.headers['content-encoding'] === undefined
	) {
		// What nobody expects must not end the process: without an answer the sender repeats.
		serve(take, request, response, { channel, clientSlug }).catch((error: unknown) => {
			logBrokenOff(error);
			response.destroy();
		});
		return true;
	}
	request.headers[CHANNEL_HEADER] = channel;
	request.headers[CLIENT_HEADER] = clientSlug;
	request.url = `/webhook/${FIXED_PATH}${query}`;
	return false;
}

async function serve(
	take: TakeDelivery,
	request: IncomingMessage,
	response: ServerResponse,
	address: { readonly channel: string; readonly clientSlug: string },
): Promise<void> {
	// The gateway may look at a delivery twice, and a stream can be read once.
	let body: Promise<Buffer> | null = null;
	const answer = await take({
		...address,
		headers: request.headers,
		socketAddress: request.socket.remoteAddress ?? null,
		readBody: async (maxBytes) => await (body ??= readBody(request, maxBytes)),
	});
	const isText = typeof answer.body === 'string';
	const text = isText ? (answer.body as string) : JSON.stringify(answer.body);
	const type = isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
	response.writeHead(answer.status, {
		...answer.headers,
		'content-type': type,
		'content-length': Buffer.byteLength(text),
	});
	response.end(text);
	// What was not read is discarded: a sender that is still sending would otherwise get a reset instead of the answer.
	request.resume();
}

/** The kind and place of a fault of the code; not its message, which may quote a customer. */
function logBrokenOff(error: unknown): void {
	const name = error instanceof Error ? error.name : typeof error;
	const frames = codeFrames(error);
	process.stderr.write(`Truffles front door: a delivery was broken off by ${name}\n${frames}\n`);
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > maxBytes) throw new TrufflesError('TRF_WEBHOOK_BODY_TOO_LARGE', { maxKb: maxBytes / BYTES_PER_KB });
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}
