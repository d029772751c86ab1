import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FetchHttp } from '../../../lib/adapters/fetch-http';

let server: Server;
let url: string;
/** Nobody listens there any more. */
let closedUrl: string;
const http = new FetchHttp();

beforeAll(async () => {
	server = createServer((request, response) => {
		if (request.url === '/hang') return;
		if (request.url === '/half') {
			response.writeHead(200);
			response.write('half');
			return;
		}
		if (request.url === '/broken') {
			response.writeHead(200, { 'Content-Length': 100 });
			response.write('half');
			setTimeout(() => response.destroy(), 20);
			return;
		}
		if (request.url === '/redirect') {
			response.writeHead(302, { Location: '/ok' });
			response.end();
			return;
		}
		if (request.url === '/big') {
			response.end('x'.repeat(6 * 1024 * 1024));
			return;
		}
		if (request.url === '/drop') {
			response.destroy();
			return;
		}
		let body = '';
		request.on('data', (part: Buffer) => (body += part.toString('utf8')));
		request.on('end', () => {
			response.writeHead(418, { 'X-Seen': request.method ?? '' });
			response.end(`${request.headers['x-key'] ?? ''}:${body}`);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const closed = createServer();
	await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
	closedUrl = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
	await new Promise((resolve) => closed.close(resolve));
});

afterAll(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

test('status, lower-case headers and body come back as they are', async () => {
	const result = await http.send({
		method: 'POST',
		url: `${url}/ok`,
		headers: { 'X-Key': 'k' },
		body: 'сәлем',
		timeoutMs: 1_000,
	});
	expect(result).toMatchObject({
		ok: true,
		response: { status: 418, bodyText: 'k:сәлем', headers: { 'x-seen': 'POST' } },
	});
});

test('a redirect is an answer, not a second request', async () => {
	const result = await http.send({ method: 'GET', url: `${url}/redirect`, timeoutMs: 1_000 });
	expect(result).toMatchObject({ ok: true, response: { status: 302 } });
});

test.each(['/hang', '/half'])('%s ends with a timeout, on time', async (path) => {
	const started = performance.now();
	const result = await http.send({ method: 'GET', url: url + path, timeoutMs: 150 });
	expect(result).toMatchObject({ ok: false, failure: { kind: 'timeout' } });
	expect(performance.now() - started).toBeLessThan(1_000);
});

const FAILURES: ReadonlyArray<{ name: string; address: () => string; kind: string }> = [
	{ name: 'nobody listens', address: () => `${closedUrl}/secret-token`, kind: 'connection' },
	{ name: 'no such host', address: () => 'http://nowhere.invalid/secret-token', kind: 'connection' },
	{ name: 'no address', address: () => 'not an address', kind: 'connection' },
	{ name: 'no encryption there', address: () => `${url.replace('http:', 'https:')}/secret-token`, kind: 'connection' },
	{ name: 'dropped after the request', address: () => `${url}/drop`, kind: 'interrupted' },
	{ name: 'dropped within the answer', address: () => `${url}/broken`, kind: 'interrupted' },
];
test.each(FAILURES)('$name: tells whether anything can have happened, and no address', async ({ address, kind }) => {
	const result = await http.send({ method: 'GET', url: address(), timeoutMs: 5_000 });
	expect(result).toMatchObject({ ok: false, failure: { kind } });
	expect(JSON.stringify(result)).not.toMatch(/127\.0\.0\.1|secret-token/);
});

test('a body of megabytes is cut', async () => {
	const result = await http.send({ method: 'GET', url: `${url}/big`, timeoutMs: 3_000 });
	expect(result.ok && result.response.bodyText.length).toBe(4 * 1024 * 1024);
});
