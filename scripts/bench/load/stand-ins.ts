/** The least of WhatsApp's gateway and of a model endpoint that a load needs: they must not be the bottleneck. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const SENT = JSON.stringify({ success: true, message: 'Message sent' });
const KEEP_ALIVE_MS = 60_000;

export interface StandIns {
	readonly port: number;
	modelDelayMs: number;
	modelCalls: number;
	close(): void;
}

/** @param onReply told the digits of the customer to whom a text was sent */
export async function startStandIns(onReply: (digits: string) => void): Promise<StandIns> {
	let answered = 0;
	const server: Server = createServer((request, response) => {
		const url = request.url ?? '';
		if (url.startsWith('/chatflow/')) {
			const jid = /[?&]jid=(\d+)/.exec(url)?.[1];
			response.writeHead(200, { 'content-type': 'application/json' });
			response.end(SENT);
			if (jid !== undefined) onReply(jid);
			return;
		}
		void readThrough(request).then(() => {
			standIns.modelCalls += 1;
			const answer = modelAnswer((answered += 1));
			const send = (): void => {
				response.writeHead(200, { 'content-type': 'application/json' });
				response.end(answer);
			};
			if (standIns.modelDelayMs === 0) send();
			else setTimeout(send, standIns.modelDelayMs);
		});
	});
	server.keepAliveTimeout = KEEP_ALIVE_MS;
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const standIns: StandIns = {
		port: (server.address() as AddressInfo).port,
		modelDelayMs: 0,
		modelCalls: 0,
		close: () => {
			server.close();
			server.closeAllConnections();
		},
	};
	return standIns;
}

async function readThrough(request: IncomingMessage): Promise<void> {
	request.resume();
	await new Promise((resolve) => request.once('end', resolve));
}

/** Without figures and promises, so that the guard lets it pass. */
function modelAnswer(number: number): string {
	return JSON.stringify({
		id: `load-${number}`,
		object: 'chat.completion',
		created: 1,
		model: 'gpt-4.1-mini',
		choices: [
			{
				index: 0,
				message: { role: 'assistant', content: 'Спасибо за вопрос! Мастер подберёт уход под ваши руки и пожелания.' },
				finish_reason: 'stop',
			},
		],
		usage: { prompt_tokens: 900, completion_tokens: 20, total_tokens: 920 },
	});
}
