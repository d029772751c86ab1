import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isPortFree } from '../../stack/ports';

const LOWEST = 10_240;
/** Where systems other than Linux begin to take ports for outgoing connections (IANA). */
const USUAL_EPHEMERAL_START = 49_152;
const ATTEMPTS = 200;

/**
 * A free port for a server that goes away and comes back at the same address.
 *
 * Not one of those that the system gives to outgoing connections: while the server is away, one of them could take the
 * port, even a repeated connection to that very port, which then meets itself.
 */
export async function findLastingPort(): Promise<number> {
	const end = ephemeralStart();
	for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
		const port = randomInt(LOWEST, end);
		if (await isPortFree(port)) return port;
	}
	throw new Error(`No free port between ${LOWEST} and ${end}.`);
}

function ephemeralStart(): number {
	try {
		const start = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/)[0]);
		return start > LOWEST ? start : USUAL_EPHEMERAL_START;
	} catch {
		return USUAL_EPHEMERAL_START;
	}
}
