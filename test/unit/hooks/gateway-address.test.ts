import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { n8n } from '../../../hooks/front-door';
import { closeGateway, openGateway, type ServerDelivery } from '../../../lib/adapters/open-gateway';
import { TrufflesError } from '../../../lib/errors';
import type { GatewayResponse } from '../../../lib/gateway/gateway';

let server: Server;
let origin: string;
/** What n8n's own listener was asked for. */
let asked: string[];
let taken: ServerDelivery[];

beforeEach(async () => {
	asked = [];
	taken = [];
	server = createServer((request, response) => {
		asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
		request.resume();
		response.end('n8n');
	});
	await Promise.all(n8n.ready.map((hook) => hook({ server })));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
	jest.restoreAllMocks();
	closeGateway();
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

/** The gateway node, which n8n has asked just now. */
function open(): void {
	openGateway(async (delivery): Promise<GatewayResponse> => {
		taken.push(delivery);
		try {
			await delivery.readBody(10);
			// As the gateway does when a client's configuration has changed since the last delivery.
			const body = await delivery.readBody(10);
			return { status: 200, headers: { 'x-length': String(body.length) }, body: { status: body.toString() } };
		} catch (error) {
			if (!(error instanceof TrufflesError)) throw error;
			return {
				status: 413,
				headers: { 'retry-after': '5' },
				body: { error: { code: error.code, message: error.message } },
			};
		}
	});
}

const post = async (path: string, body = 'text', headers: Record<string, string> = {}): Promise<Response> =>
	await fetch(origin + path, { method: 'POST', body, headers });

test('a delivery goes through n8n when the gateway is not open', async () => {
	expect(await (await post('/webhook/in/whatsapp/salon')).text()).toBe('n8n');
	expect(asked).toEqual(['POST /webhook/truffles-door']);
});

test('a delivery goes to the gateway at once while it is open, by the long and the short address', async () => {
	open();
	const answer = await post('/webhook/salon?secret=s', 'hello', { 'x-forwarded-for': '10.0.0.1' });
	expect([answer.status, answer.headers.get('x-length'), await answer.json()]).toEqual([200, '5', { status: 'hello' }]);
	await post('/webhook/in/telegram/salon');
	expect(asked).toEqual([]);
	expect(taken).toMatchObject([
		{
			channel: 'whatsapp',
			clientSlug: 'salon',
			socketAddress: '127.0.0.1',
			headers: { 'x-webhook-secret': 's', 'x-forwarded-for': '10.0.0.1' },
		},
		{ channel: 'telegram', clientSlug: 'salon' },
	]);
});

test('two seconds later n8n is asked again', async () => {
	open();
	const now = performance.now();
	jest.spyOn(performance, 'now').mockReturnValue(now + 2_001);
	expect(await (await post('/webhook/salon')).text()).toBe('n8n');
});

test.each<{ what: string; path: string; headers: Record<string, string> }>([
	{ what: 'a probe of a deploy', path: '/webhook/in/whatsapp/salon', headers: { 'x-truffles-probe': '1' } },
	{ what: 'a packed body', path: '/webhook/in/whatsapp/salon', headers: { 'content-encoding': 'gzip' } },
	{ what: 'another webhook', path: '/webhook/a/b/c', headers: {} },
])('$what is for n8n also while the gateway is open', async ({ path, headers }) => {
	open();
	expect(await (await post(path, 'x', headers)).text()).toBe('n8n');
	expect(taken).toEqual([]);
});

test('a question by GET is for n8n', async () => {
	open();
	expect(await (await fetch(`${origin}/webhook/in/whatsapp/salon?hub.mode=subscribe`)).text()).toBe('n8n');
});

test('a body that is too large gets its answer, and the connection stays', async () => {
	open();
	const answer = await post('/webhook/salon', 'x'.repeat(2_000_000));
	expect([answer.status, answer.headers.get('retry-after')]).toEqual([413, '5']);
	expect(await answer.json()).toMatchObject({ error: { code: 'TRF_WEBHOOK_BODY_TOO_LARGE' } });
	expect((await post('/webhook/salon')).status).toBe(200);
});

test('a defect of the gateway node ends that connection, and nothing else', async () => {
	const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
	openGateway(async () => await Promise.reject(new TypeError('+7 701 123-45-67')));
	await expect(post('/webhook/salon')).rejects.toThrow('fetch failed');
	const logged = stderr.mock.calls.map(([text]) => String(text)).join('');
	expect(logged).toMatch(/^Truffles front door: a delivery was broken off by TypeError\n\s+at .*gateway-address\.test/);
	expect(logged).not.toContain('701');
	open();
	expect((await post('/webhook/salon')).status).toBe(200);
});

test('a connection is kept for longer than a proxy keeps it, so that none is closed under a delivery', async () => {
	const announced = (await post('/webhook/salon')).headers.get('keep-alive');
	expect(Number(/^timeout=(\d+)$/.exec(announced ?? '')?.[1])).toBeGreaterThan(120);
});
