import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { runChaos } from '../../../scripts/chaos/run-chaos';
import type { ChaosWorld } from '../../../scripts/chaos/world/chaos-world';

let server: Server;
let url: string;

/** A gateway that takes everything, and a sandbox in which nothing happens. */
beforeEach(async () => {
	server = createServer((_request, response) => response.end(JSON.stringify({ seq: 0, messages: [], clients: [] })));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

test('a fault that cannot be injected ends the run at once, with that failure', async () => {
	const fails = async (): Promise<never> => await Promise.reject(new Error('n8n stays down'));
	const done = async (): Promise<number> => await Promise.resolve(0);
	const world: Partial<ChaosWorld> = {
		clients: [
			{
				slug: 'one',
				clientId: 'one',
				gatewayUrl: `${url}/gateway`,
				webhookSecret: 's',
				key: 'one',
				marks: [],
				priceEnding: '11',
			},
		],
		sandboxUrl: url,
		databaseAdminUrl: 'postgresql://nobody@127.0.0.1:1/none',
		hasRedis: false,
		log: () => undefined,
		killN8nAt: fails,
		setFault: async () => void (await done()),
		startRedis: async () => void (await done()),
	};
	await expect(runChaos(world as ChaosWorld, { messages: 300, seed: 4 })).rejects.toThrow('n8n stays down');
}, 30_000);
