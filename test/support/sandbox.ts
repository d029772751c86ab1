/** A started sandbox with a gateway that records what it gets: for tests of the sandbox and of what talks to it. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSandbox } from '../../sandbox/server';
import type { SandboxOptions } from '../../sandbox/server';

/** JSON of an answer: tests look into it freely. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads answers of many shapes and asserts on them
export type Json = any;

export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** Null when the body is not JSON. */
	readonly json: Json;
}

export interface GatewayHit {
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
	readonly json: Json;
}

/** A plain HTTP server in the place of n8n. */
export class RecordingGateway {
	hits: GatewayHit[] = [];
	/** Status of the next answers; tests change it. */
	status = 200;
	url = '';
	private readonly waiting = new Set<() => void>();
	private readonly server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const body = Buffer.concat(chunks).toString();
			this.hits.push({ path: request.url ?? '', headers: request.headers, body, json: parse(body) });
			response.writeHead(this.status, { 'content-type': 'application/json', connection: 'close' });
			response.end('{"ok":true}');
			for (const wake of this.waiting) wake();
		});
	});

	async listen(): Promise<void> {
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	/** The first hit that fits, now or within five seconds. */
	async next(fits: (hit: GatewayHit) => boolean): Promise<GatewayHit> {
		const deadline = Date.now() + 5_000;
		for (;;) {
			const hit = this.hits.find(fits);
			if (hit !== undefined) return hit;
			if (Date.now() > deadline) throw new Error('The gateway got no such request within 5 s.');
			await new Promise<void>((resolve) => {
				const wake = () => {
					clearTimeout(timer);
					this.waiting.delete(wake);
					resolve();
				};
				const timer = setTimeout(wake, 250);
				this.waiting.add(wake);
			});
		}
	}

	async close(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}
}

export interface TestSandbox {
	readonly url: string;
	readonly gateway: RecordingGateway;
	readonly secrets: {
		chatflow: string;
		instance: string;
		bot: string;
		chatId: string;
		openai: string;
		gateway: string;
	};
	control(method: string, path: string, body?: unknown): Promise<Answer>;
	/** `send-text` with the right token and instance unless `query` says otherwise. */
	sendText(query: Record<string, string>): Promise<Answer>;
	telegram(method: string, body: unknown, token?: string): Promise<Answer>;
	openai(path: string, body: unknown, key?: string | null): Promise<Answer>;
	reset(): Promise<void>;
	close(): Promise<void>;
}

/** Sends a request and reads the whole answer. */
export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
	const response = await fetch(url, init);
	const text = await response.text();
	return { status: response.status, headers: response.headers, text, json: parse(text) };
}

/** Starts a sandbox on a free port with random secrets. */
export async function startTestSandbox(overrides: Partial<SandboxOptions> = {}): Promise<TestSandbox> {
	const gateway = new RecordingGateway();
	await gateway.listen();
	const random = () => randomBytes(12).toString('hex');
	const secrets = {
		chatflow: random(),
		instance: random(),
		bot: `123456:${random()}`,
		chatId: '-1001234567890',
		openai: `sk-${random()}`,
		gateway: random(),
	};
	const box = await startSandbox({
		port: 0,
		chatflow: { token: secrets.chatflow, instanceId: secrets.instance },
		telegram: { botToken: secrets.bot, chatId: secrets.chatId },
		openai: { apiKey: secrets.openai },
		gateway: { url: `${gateway.url}/wa`, secret: secrets.gateway },
		...overrides,
	}).catch(async (error: unknown) => {
		await gateway.close();
		throw error;
	});
	const json = (body: unknown) => ({ body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
	return {
		url: box.url,
		gateway,
		secrets,
		control: (method, path, body) =>
			call(`${box.url}/control${path}`, { method, ...(body === undefined ? {} : json(body)) }),
		sendText: (query) =>
			call(
				`${box.url}/chatflow/api/v1/send-text?${new URLSearchParams({ token: secrets.chatflow, instance_id: secrets.instance, ...query })}`,
			),
		telegram: (method, body, token = secrets.bot) =>
			call(`${box.url}/telegram/bot${token}/${method}`, { method: 'POST', ...json(body) }),
		openai: (path, body, key = secrets.openai) =>
			call(`${box.url}/openai/v1/${path}`, {
				method: 'POST',
				body: JSON.stringify(body),
				headers: { 'content-type': 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }) },
			}),
		reset: async () => {
			await call(`${box.url}/control/reset`, { method: 'POST' });
			gateway.hits = [];
			gateway.status = 200;
		},
		close: async () => {
			await box.close();
			await gateway.close();
		},
	};
}

function parse(text: string): Json {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
