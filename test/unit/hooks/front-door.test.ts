import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { n8n } from '../../../hooks/front-door';

interface Seen {
	readonly url: string | undefined;
	readonly contentType: string | undefined;
	readonly secret: string | string[] | undefined;
	readonly verifyToken: string | string[] | undefined;
	readonly channel: string | string[] | undefined;
	readonly client: string | string[] | undefined;
	readonly body: string;
}

async function readAll(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks).toString('utf8');
}

describe('front door of n8n', () => {
	let server: Server;
	let origin: string;

	beforeAll(async () => {
		// Registered first, like n8n's own Express application.
		server = createServer((request, response) => {
			const seenNow = {
				url: request.url,
				contentType: request.headers['content-type'],
				secret: request.headers['x-webhook-secret'],
				verifyToken: request.headers['x-hub-verify-token'],
				channel: request.headers['x-truffles-channel'],
				client: request.headers['x-truffles-client'],
			};
			void readAll(request).then((body) => response.end(JSON.stringify({ ...seenNow, body } satisfies Seen)));
		});
		await Promise.all(n8n.ready.map((hook) => hook({ server })));
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});

	afterAll(() => new Promise((resolve) => server.close(resolve)));

	const ask = async (address: string, init: RequestInit = {}): Promise<Seen> =>
		(await (await fetch(origin + address, init)).json()) as Seen;
	const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"broken": ' };

	test.each([
		{
			name: 'the short address is the WhatsApp gateway of that client',
			address: '/webhook/demo_salon',
			init: post,
			url: '/webhook/truffles-door',
			to: 'whatsapp demo_salon',
		},
		{
			name: 'a trailing slash changes nothing',
			address: '/webhook/demo_salon/',
			init: post,
			url: '/webhook/truffles-door',
			to: 'whatsapp demo_salon',
		},
		{
			name: 'a GET challenge keeps its query',
			address: '/webhook/demo_salon?hub.mode=subscribe&hub.challenge=7',
			init: {},
			url: '/webhook/in/whatsapp/demo_salon?hub.mode=subscribe&hub.challenge=7',
		},
		{
			name: 'the long address is the gateway of that channel and client',
			address: '/webhook/in/telegram/demo_salon?x=1',
			init: post,
			url: '/webhook/truffles-door?x=1',
			to: 'telegram demo_salon',
		},
		{
			name: 'who writes the headers of the fixed address is not believed',
			address: '/webhook/in/telegram/demo_salon',
			init: { ...post, headers: { 'x-truffles-client': 'other_salon', 'x-truffles-channel': 'whatsapp' } },
			url: '/webhook/truffles-door',
			to: 'telegram demo_salon',
		},
		{
			name: 'a client that cannot be one stays at the long address',
			address: '/webhook/in/whatsapp/..%2Fx',
			init: post,
			url: '/webhook/in/whatsapp/..%2Fx',
		},
		{
			name: 'a default path of another workflow stays',
			address: '/webhook/2f1c0a3e-7b1d-4c57-9a43-0d7c0a2a4c11',
			init: post,
			url: '/webhook/2f1c0a3e-7b1d-4c57-9a43-0d7c0a2a4c11',
		},
		{ name: 'a path with capitals cannot be a slug', address: '/webhook/MyHook', init: post, url: '/webhook/MyHook' },
		{
			name: "a DELETE is nobody's delivery",
			address: '/webhook/demo_salon',
			init: { method: 'DELETE' },
			url: '/webhook/demo_salon',
		},
		{ name: 'a path of several segments stays', address: '/webhook/a1/b2', init: post, url: '/webhook/a1/b2' },
		{ name: "n8n's own addresses stay", address: '/rest/login?x=1', init: post, url: '/rest/login?x=1' },
	])('$name', async ({ address, init, url, to }) => {
		const seen = await ask(address, init);
		expect(seen.url).toBe(url);
		if (to !== undefined) expect(`${seen.channel as string} ${seen.client as string}`).toBe(to);
	});

	test('the gateway gets broken JSON as untouched bytes, and n8n no reason to parse them', async () => {
		const seen = await ask('/webhook/demo_salon', post);
		expect(seen).toMatchObject({ contentType: 'application/octet-stream', body: '{"broken": ' });
	});

	test('other requests keep their content type', async () => {
		expect((await ask('/rest/login', post)).contentType).toBe('application/json');
	});

	test('the secret leaves the address', async () => {
		const seen = await ask('/webhook/demo_salon?secret=s%2Bx&a=1', post);
		expect(seen).toMatchObject({ url: '/webhook/truffles-door?a=1', secret: 's+x' });
	});

	test("Meta's verify token leaves the address, and the challenge stays in it", async () => {
		const seen = await ask('/webhook/demo_salon?hub.mode=subscribe&hub.verify_token=v%2Bt&hub.challenge=7');
		expect(seen).toMatchObject({
			url: '/webhook/in/whatsapp/demo_salon?hub.mode=subscribe&hub.challenge=7',
			verifyToken: 'v+t',
		});
	});

	test('a secret in the header is not replaced by the one in the address', async () => {
		const seen = await ask('/webhook/demo_salon?secret=from-query', {
			...post,
			headers: { 'x-webhook-secret': 'from-header' },
		});
		expect(seen).toMatchObject({ url: '/webhook/truffles-door', secret: 'from-header' });
	});
});
