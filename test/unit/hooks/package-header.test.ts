import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { tellPackage } from '../../../hooks/package-header';
import { FetchHttp } from '../../../lib/adapters/fetch-http';
import { createGatewayProbe } from '../../../lib/adapters/gateway-probe';

const { version } = JSON.parse(readFileSync(path.resolve(__dirname, '../../../package.json'), 'utf8')) as {
	version: string;
};

let server: Server;
let origin: string;
let answer: { status: number; body: string };

beforeEach(async () => {
	server = createServer((request, response) => {
		tellPackage(request, response);
		response.writeHead(answer.status).end(answer.body);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

const refusal = JSON.stringify({ error: { code: 'TRF_CLIENT_UNKNOWN', message: '' } });

test('a deploy that asks is told the version of the package behind the gateway', async () => {
	answer = { status: 404, body: refusal };
	expect(await createGatewayProbe(new FetchHttp(), origin).ask()).toEqual({ kind: 'gateway', packageVersion: version });
});

test('a delivery without the question, and another address, are not told', async () => {
	answer = { status: 200, body: '' };
	const delivery = await fetch(`${origin}/webhook/in/whatsapp/demo_salon`, { method: 'POST' });
	const other = await fetch(`${origin}/healthz`, { headers: { 'x-truffles-probe': '1' } });
	for (const { headers } of [delivery, other]) expect(headers.get('x-truffles-package')).toBeNull();
});

const answers = [
	{ name: 'our refusal with 401', status: 401, body: refusal, kind: 'gateway' },
	{ name: "n8n's own 404", status: 404, body: JSON.stringify({ code: 404, message: 'not registered' }), kind: 'none' },
	{ name: 'our 503: a gateway that cannot take messages', status: 503, body: refusal, kind: 'none' },
	{ name: 'a page of a proxy', status: 200, body: '<html>', kind: 'none' },
	{ name: 'a redirect', status: 302, body: refusal, kind: 'none' },
];
for (const { name, status, body, kind } of answers) {
	test(`${name} means ${kind === 'gateway' ? 'that the gateway answers' : 'that it does not'}`, async () => {
		answer = { status, body };
		expect((await createGatewayProbe(new FetchHttp(), origin).ask()).kind).toBe(kind);
	});
}

test('silence means that it does not, and its address is not told', async () => {
	const probe = createGatewayProbe(new FetchHttp(), 'http://127.0.0.1:9');
	const answered = await probe.ask();
	expect(answered.kind).toBe('none');
	expect(JSON.stringify(answered)).not.toContain('127.0.0.1');
});
