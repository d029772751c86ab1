import { Worker } from 'node:worker_threads';

/** A model endpoint on this machine that answers every question at once, in a thread of its own. */
export interface ModelEndpoint {
	/** With the version part. */
	readonly baseUrl: string;
	/** Body of the latest request. */
	lastBody(): Promise<string>;
	close(): Promise<void>;
}

const SERVER = `
const { createServer } = require('node:http');
const { parentPort } = require('node:worker_threads');
const answer = JSON.stringify({
	id: 'bench', object: 'chat.completion', created: 1, model: 'gpt-4.1-mini',
	choices: [{ index: 0, message: { role: 'assistant', content: 'Да, можно: процедура занимает около часа.' }, finish_reason: 'stop' }],
	usage: { prompt_tokens: 900, completion_tokens: 20, total_tokens: 920 },
});
let last = '';
const server = createServer((request, response) => {
	const parts = [];
	request.on('data', (part) => parts.push(part));
	request.on('end', () => {
		last = Buffer.concat(parts).toString();
		response.writeHead(200, { 'content-type': 'application/json' });
		response.end(answer);
	});
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => parentPort.postMessage({ port: server.address().port }));
parentPort.on('message', () => parentPort.postMessage({ last }));
`;

/** Starts the endpoint on a free port. */
export async function startModelEndpoint(): Promise<ModelEndpoint> {
	const worker = new Worker(SERVER, { eval: true });
	const next = async <T>(): Promise<T> =>
		await new Promise<T>((resolve, reject) => {
			worker.once('message', resolve);
			worker.once('error', reject);
		});
	const { port } = await next<{ port: number }>();
	return {
		baseUrl: `http://127.0.0.1:${port}/v1`,
		lastBody: async () => {
			const answer = next<{ last: string }>();
			worker.postMessage('last');
			return (await answer).last;
		},
		close: async () => {
			await worker.terminate();
		},
	};
}
