import { createServer } from 'node:net';
import { readFileSync } from 'node:fs';

import { findLastingPort } from '../../../scripts/chaos/world/lasting-port';
import { isPortFree } from '../../../scripts/stack/ports';

const RANGE = '/proc/sys/net/ipv4/ip_local_port_range';

test('a lasting port is free, and none that the system gives to outgoing connections', async () => {
	const port = await findLastingPort();
	expect(await isPortFree(port)).toBe(true);
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
	server.close();
	if (process.platform === 'linux')
		expect(port).toBeLessThan(Number(readFileSync(RANGE, 'utf8').trim().split(/\s+/)[0]));
});
