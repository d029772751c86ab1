import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { closeDoor, openDoor } from '../../../hooks/door-state';
import { n8n } from '../../../hooks/front-door';

let server: Server;
let origin: string;
let seen: string[];

beforeEach(async () => {
	seen = [];
	// As n8n answers everything while it starts: words, and no status.
	server = createServer((request, response) => {
		seen.push(request.url ?? '');
		// As n8n answers once its database is there, and its routes are not yet.
		if (request.url === '/webhook/no-routes') response.statusCode = 404;
		response.end('n8n is starting up. Please wait');
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
	openDoor();
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

const statusOf = async (path: string, method = 'POST'): Promise<number> =>
	(await fetch(`${origin}${path}`, { method })).status;

test('while n8n starts, a delivery gets 503, so that the sender repeats it, and n8n does not see it', async () => {
	closeDoor();
	expect(await statusOf('/webhook/demo_salon')).toBe(503);
	expect(await statusOf('/webhook/in/telegram/demo_salon')).toBe(503);
	const large = await fetch(`${origin}/webhook/demo_salon`, { method: 'POST', body: 'x'.repeat(4_000_000) });
	expect([large.status, large.headers.get('retry-after')]).toEqual([503, '5']);
	expect(await statusOf('/healthz', 'GET')).toBe(200);
	expect(seen).toEqual(['/healthz']);
});

test('while n8n has no routes yet, a delivery gets 503 with the time to wait, and not 404', async () => {
	closeDoor();
	const response = await fetch(`${origin}/webhook/no-routes`, { method: 'POST' });
	expect([response.status, response.statusText, response.headers.get('retry-after')]).toEqual([
		503,
		'Service Unavailable',
		'5',
	]);
	openDoor();
	expect(await statusOf('/webhook/no-routes')).toBe(404);
});

test('when n8n is ready its answers are its own again', async () => {
	closeDoor();
	await Promise.all(n8n.ready.map((hook) => hook({ server })));
	expect(await statusOf('/webhook/demo_salon')).toBe(200);
});

test('closing twice needs one opening', async () => {
	closeDoor();
	closeDoor();
	openDoor();
	expect(await statusOf('/webhook/demo_salon')).toBe(200);
});
