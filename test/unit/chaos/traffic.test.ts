import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Traffic } from '../../../scripts/chaos/traffic';
import type { PlannedMessage } from '../../../scripts/chaos/traffic-plan';

let server: Server;
let url: string;
let answers: Array<number | 'drop'>;
let bodies: string[];

beforeEach(async () => {
	answers = [];
	bodies = [];
	server = createServer((request, response) => {
		let body = '';
		request.on('data', (part: Buffer) => (body += part.toString('utf8')));
		request.on('end', () => {
			bodies.push(body);
			const answer = answers.shift() ?? 200;
			if (answer === 'drop') response.destroy();
			else response.writeHead(answer).end();
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

const message = (more: Partial<PlannedMessage> = {}): PlannedMessage => ({
	id: 'A1',
	client: 0,
	phone: '77050000001',
	author: 'customer',
	question: { kind: 'price', text: 'Сколько стоит стрижка?', service: 'cut' },
	deliveriesAtMs: [0],
	...more,
});
const send = async (...messages: PlannedMessage[]): Promise<Traffic> => {
	const traffic = new Traffic([{ slug: 'one', gatewayUrl: url, webhookSecret: 'secret' }], messages);
	await traffic.run();
	return traffic;
};

test('a delivery without a 200 is repeated with the same bytes until it has one', async () => {
	answers = [503, 'drop'];
	const traffic = await send(message());
	expect(new Set(bodies).size).toBe(1);
	expect(bodies).toHaveLength(3);
	expect(traffic.written).toMatchObject([{ id: 'A1', client: 'one', deliveries: 3 }]);
	expect(traffic.accepted).toBe(1);
	expect(traffic.waiting).toBe(0);
});

test('every planned copy is delivered, and each needs a 200 of its own', async () => {
	answers = [200, 404];
	const traffic = await send(message({ deliveriesAtMs: [0, 0, 100] }));
	expect(bodies).toHaveLength(4);
	expect(traffic.written).toMatchObject([{ deliveries: 4 }]);
});

test('what the owner writes from the phone is an echo', async () => {
	await send(message({ author: 'owner' }));
	expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ metadata: { fromMe: true, messageId: 'A1' } });
});

test('a message that never got a 200 is not accepted', async () => {
	answers = Array<number>(1_000).fill(503);
	const traffic = new Traffic([{ slug: 'one', gatewayUrl: url, webhookSecret: 'secret' }], [message()]);
	const running = traffic.run();
	// What nobody accepts is begun all the same: a run can end.
	await traffic.begun;
	setTimeout(() => traffic.stop(), 300);
	await running;
	expect(traffic.written).toMatchObject([{ acceptedAt: null }]);
	expect(traffic.waiting).toBe(1);
});
