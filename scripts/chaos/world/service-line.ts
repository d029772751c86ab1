import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call to an outside service that has been carried out and answered; the caller does not know it yet. */
export interface AnsweredCall {
	readonly path: string;
	readonly status: number;
	readonly body: Buffer;
}

export interface ServiceLine {
	/** The target's address as seen through the line, without a slash at the end. */
	readonly url: string;
	close(): Promise<void>;
}

/**
 * Lays a line to the stand-ins of the outside services on which an answer can be lost.
 * @param onAnswer asked before the caller gets the answer; true: it never does, and the connection ends here
 */
export async function openServiceLine(
	targetUrl: string,
	onAnswer: (call: AnsweredCall) => boolean,
): Promise<ServiceLine> {
	const server = createServer((incoming, outgoing) => carry(targetUrl, incoming, outgoing, onAnswer));
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close: async () => {
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await closed;
		},
	};
}

function carry(
	targetUrl: string,
	incoming: IncomingMessage,
	outgoing: ServerResponse,
	onAnswer: (call: AnsweredCall) => boolean,
): void {
	const path = incoming.url ?? '/';
	const { host } = new URL(targetUrl);
	const upstream = request(
		`${targetUrl}${path}`,
		{ method: incoming.method, headers: { ...incoming.headers, host } },
		(answer) => {
			const chunks: Buffer[] = [];
			answer.on('data', (chunk: Buffer) => chunks.push(chunk));
			answer.on('error', () => outgoing.destroy());
			answer.on('end', () => {
				const body = Buffer.concat(chunks);
				const status = answer.statusCode ?? 0;
				if (onAnswer({ path, status, body })) return outgoing.destroy();
				const { 'transfer-encoding': _chunked, ...headers } = answer.headers;
				outgoing.writeHead(status, { ...headers, 'content-length': body.length });
				outgoing.end(body);
			});
		},
	);
	upstream.on('error', () => outgoing.destroy());
	outgoing.on('close', () => upstream.destroy());
	incoming.pipe(upstream);
}
