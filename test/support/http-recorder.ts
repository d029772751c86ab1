import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RecordedRequest {
	readonly method: string;
	readonly path: string;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: string;
}

/** What it answers: a status and a JSON body. */
export interface RecordedAnswer {
	readonly status: number;
	readonly json: unknown;
}

/** A service that answers as the test says and remembers what it was asked. */
export interface HttpRecorder {
	readonly url: string;
	readonly requests: RecordedRequest[];
	close(): Promise<void>;
}

/** Starts the service on a free port; `respond` gives status and JSON body of each answer. */
export async function startHttpRecorder(
	respond: (request: RecordedRequest) => RecordedAnswer | Promise<RecordedAnswer>,
): Promise<HttpRecorder> {
	const requests: RecordedRequest[] = [];
	const server = createServer((request, response) => {
		const parts: Buffer[] = [];
		request.on('data', (part: Buffer) => parts.push(part));
		request.on('end', async () => {
			const recorded = {
				method: request.method ?? '',
				path: request.url ?? '',
				headers: request.headers,
				body: Buffer.concat(parts).toString('utf8'),
			};
			requests.push(recorded);
			const { status, json } = await respond(recorded);
			response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		requests,
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
